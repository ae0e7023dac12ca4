// Under the maps: the two picked images and the selection. Its nodes stay, so that what is shown anew under a pressed
// pointer never swallows the click.

class Dock {
  constructor(onInterpolate, onClear) {
    this.chips = [["A", "Click a point"], ["B", "and another"]].map(([letter, hint]) => {
      const tile = new Tile("")
      const chip = { letter, tile, hint: element("span", { class: "hint" }, hint), name: element("span", { class: "name" }) }
      chip.node = element("div", { class: "chip" },
        element("span", { class: "letter" }, letter), chip.hint, tile.canvas, chip.name)
      return chip
    })
    this.go = button("Interpolate these", onInterpolate, { class: "primary" })
    this.count = element("span", { class: "count" })
    this.clear = button("Clear", onClear)
    this.node = element("div", { class: "dock" },
      ...this.chips.map((chip) => chip.node), this.go, element("span", { class: "spring" }), this.count, this.clear)
  }

  // picked: the two rows, null where none; selected: how many; describe: a row in words
  show(picked, selected, sheet, describe) {
    this.chips.forEach(({ letter, tile, hint, name }, i) => {
      const index = picked[i]
      hint.hidden = index != null
      tile.canvas.hidden = name.hidden = index == null
      if (index == null) return
      if (sheet) tile.show(sheet, index)
      tile.canvas.setAttribute("aria-label", `image ${letter}`)
      setText(name, describe(index))
    })
    this.go.disabled = picked.includes(null)
    this.count.hidden = !selected
    setText(this.count, `${selected} selected`)
    this.clear.hidden = !selected && picked[0] == null
  }
}
