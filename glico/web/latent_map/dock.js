// Below the maps: the two chosen images and the selection. Its nodes stay, so that an update under a pressed pointer
// never swallows the click.

import { button, element, setText } from "../dom.js"
import { Tile } from "../sprite.js"

/** @typedef {{ sheet: import("../sprite.js").Sprite | null, tile: number, name: string }} Described */

export class Dock {
  /**
   * @param {(() => void) | null} onInterpolate null in a file, which has no other page
   * @param {() => void} onClear
   */
  constructor(onInterpolate, onClear) {
    const touch = matchMedia("(pointer: coarse)").matches
    this.chips = [touch ? "Tap a point" : "Click a point", "and another"].map((hint, i) => new Chip("AB"[i], hint))
    this.go = button("Interpolate these", () => onInterpolate?.(), { class: "primary" })
    this.go.hidden = !onInterpolate
    this.count = element("span", { class: "count" })
    this.clear = button("Clear", onClear)
    const spring = element("span", { class: "spring" })
    const chips = this.chips.map(({ node }) => node)
    this.node = element("div", { class: "dock" }, ...chips, this.go, spring, this.count, this.clear)
  }

  /**
   * @param {(number | null)[]} picked the two rows
   * @param {number} selected how many
   * @param {(row: number) => Described} describe
   */
  show(picked, selected, describe) {
    this.chips.forEach((chip, i) => chip.show(picked[i], describe))
    this.go.disabled = picked.includes(null)
    this.count.hidden = !selected
    setText(this.count, `${selected} selected`)
    this.clear.hidden = !selected && picked[0] == null
  }
}

/** A picked image, or the invitation to pick one. */
class Chip {
  /**
   * @param {string} letter
   * @param {string} hint
   */
  constructor(letter, hint) {
    this.letter = letter
    this.tile = new Tile(`image ${letter}`)
    this.hint = element("span", { class: "hint" }, hint)
    this.name = element("span", { class: "name" })
    const sign = element("span", { class: "letter" }, letter)
    this.node = element("div", { class: "chip" }, sign, this.hint, this.tile.canvas, this.name)
  }

  /**
   * @param {number | null} row
   * @param {(row: number) => Described} describe
   */
  show(row, describe) {
    this.hint.hidden = row != null
    this.tile.canvas.hidden = this.name.hidden = row == null
    if (row == null) return
    const { sheet, tile, name } = describe(row)
    if (sheet) this.tile.show(sheet, tile)
    setText(this.name, name)
  }
}
