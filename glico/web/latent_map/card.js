// The card next to the point under the pointer: its image, and what is known about it.

import { element, setText } from "../dom.js"
import { Tile } from "../sprite.js"
import { css } from "./ink.js"

const AWAY = 18 // CSS pixels from the point
const WIDE = 150 // CSS pixels next to the point

export class Card {
  constructor() {
    this.tile = new Tile("")
    this.name = element("strong")
    this.note = element("span")
    const words = element("div", {}, this.name, this.note)
    this.node = element("div", { class: "card", hidden: true, "aria-hidden": "true" }, this.tile.canvas, words)
  }

  hide() {
    this.node.hidden = true
  }

  /**
   * @param {import("./geometry.js").Place} place of the point on the stage
   * @param {HTMLElement} stage
   * @param {{ sheet: import("../sprite.js").Sprite | null, tile: number, name: string, note: string, rgb: number[] }} what
   */
  show(place, stage, { sheet, tile, name, note, rgb }) {
    this.node.hidden = false
    if (sheet) this.tile.show(sheet, tile)
    setText(this.name, name)
    setText(this.note, note)
    this.node.style.setProperty("--class", css(rgb))
    placeBeside(this.node, place, stage)
  }
}

/**
 * Put a card next to a position on the stage, on the side that has room. Nothing is measured, which would force a
 * layout.
 * @param {HTMLElement} card
 * @param {import("./geometry.js").Place} place
 * @param {HTMLElement} stage
 */
export function placeBeside({ style }, [x, y], { clientWidth: width, clientHeight: height }) {
  const right = x + AWAY + WIDE < width
  const low = y > height / 2
  style.left = right ? `${x + AWAY}px` : "auto"
  style.right = right ? "auto" : `${Math.max(0, Math.min(width - x + AWAY, width - WIDE))}px`
  style.top = low ? "auto" : `${Math.max(0, y - 40)}px`
  style.bottom = low ? `${Math.max(0, height - y - 40)}px` : "auto"
}
