// The legend: the mark of each class, and which are seen.

// The shape of a class's points, drawn in SVG by the rules of points.js.
const SHAPES = [
  "M1.9 8a6.1 6.1 0 1 0 12.2 0a6.1 6.1 0 1 0-12.2 0", "M2.5 2.5h11v11h-11z", "M8 .4l7.6 7.6l-7.6 7.6l-7.6-7.6z",
  "M8 1.2l7.4 12.6h-14.8z", "M8 14.8l7.4-12.6h-14.8z", "M6 1.4h4v4.6h4.6v4h-4.6v4.6h-4v-4.6h-4.6v-4h4.6z",
  "M3.2 1l4.8 4.6l4.8-4.6l2.2 2.2l-4.6 4.8l4.6 4.8l-2.2 2.2l-4.8-4.6l-4.8 4.6l-2.2-2.2l4.6-4.8l-4.6-4.8z",
  "M1.6 8a6.4 6.4 0 1 0 12.8 0a6.4 6.4 0 1 0-12.8 0M4.8 8a3.2 3.2 0 1 1 6.4 0a3.2 3.2 0 1 1-6.4 0",
  "M2.4 2.4h11.2v11.2h-11.2zM5.3 5.3v5.4h5.4v-5.4z", "M1.2 5.3h13.6v5.4h-13.6z",
]

function mark({ rgb, shape }) {
  const picture = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" })
  picture.append(svg("path", { d: SHAPES[shape], fill: `rgb(${rgb.join()})`, "fill-rule": "evenodd" }))
  return picture
}

Object.assign(LatentMap.prototype, {
  showLegend({ hidden }) {
    if (this.legendOf !== this.labels) {
      this.legendOf = this.labels
      const counts = new Map()
      for (const label of this.labels) counts.set(label, (counts.get(label) ?? 0) + 1)
      const present = [...counts.keys()].sort((x, y) => (x < 0) - (y < 0) || x - y)
      this.entries = present.map((label) => {
        const name = element("span", { class: "name" }, this.className(label))
        const title = `${this.className(label)}: ${counts.get(label)} images. Click: on or off. Double click, or Shift and Enter: alone.`
        const turn = (event) => (event.shiftKey ? this.isolate(label, present) : this.toggleClass(label))
        const node = button(mark(this.classStyle(label)), turn, { class: "entry", title })
        node.append(name)
        node.addEventListener("dblclick", () => this.isolate(label, present))
        node.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && this.light(label))
        node.addEventListener("pointerleave", () => this.light(null))
        node.addEventListener("focus", () => node.matches(":focus-visible") && this.light(label))
        node.addEventListener("blur", () => this.light(null))
        return { label, node }
      })
      this.allButton = button("All", () => this.setHidden([]), { class: "all" })
      this.legend.replaceChildren(...this.entries.map(({ node }) => node), this.allButton)
    }
    for (const { label, node } of this.entries) setPressed(node, !hidden.includes(label))
    this.allButton.hidden = !hidden.length
  },

  // Pointed at, a class stands out in both maps.
  light(label) {
    if (label === this.lit) return
    this.lit = label
    this.setStates()
  },

  setHidden(hidden) {
    this.choice.hidden = hidden
    this.setStates()
    this.changed()
  },

  toggleClass(label) {
    const { hidden } = this.choice
    this.setHidden(hidden.includes(label) ? hidden.filter((other) => other !== label) : [...hidden, label])
  },

  isolate(label, present) {
    this.setHidden(present.filter((other) => other !== label))
  },
})
