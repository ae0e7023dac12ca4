// Rows of small images, each with a label.

import { element, getOrCreate, setText } from "glico/web/dom.js"
import { Sprite, Tile } from "glico/web/sprite.js"
import { unpacked } from "../data.js"

/**
 * @typedef {import("glico/web/sprite.js").SpriteData} SpriteData
 * @typedef {{ label: string, count: number, sheet: SpriteData | null, captions: string[], marked: boolean[],
 *   pale: boolean[] }} Row
 * @typedef {{ tile: number, title: string, rows: Row[] }} Content
 */

const SHORT = 12 // a row of no more than that stays one row on a phone

class Strips {
  /** @param {Element} parent */
  constructor(parent) {
    this.root = element("div", { class: "strips" })
    this.version = 0
    parent.append(this.root)
  }

  /** @param {Content} data */
  async update(data) {
    const version = ++this.version
    const sheets = await Promise.all(data.rows.map(({ sheet }) => sheet && Sprite.load(sheet)))
    if (version !== this.version) return
    this.root.style.setProperty("--tile", `${data.tile}px`)
    this.root.replaceChildren(...data.rows.flatMap((row, i) => this.row(row, sheets[i], data.title)))
  }

  /**
   * @param {Row} row
   * @param {Sprite | null} sheet
   * @param {string} title
   */
  row(row, sheet, title) {
    const description = [row.label || title, row.count === 1 ? "1 image" : `${row.count} images`]
      .filter(Boolean)
      .join(": ")
    const tiles = element("div", {
      class: row.count <= SHORT ? "tiles short" : "tiles",
      role: "img",
      "aria-label": description,
    })
    for (let i = 0; i < row.count; i++) {
      const picture = new Tile("")
      picture.canvas.className = `tile${row.marked[i] ? " marked" : ""}${row.pale[i] ? " pale" : ""}`
      picture.canvas.title = row.captions[i] ?? ""
      if (sheet) picture.show(sheet, i)
      tiles.append(picture.canvas)
    }
    const label = element("span", { class: "label", title: row.label })
    setText(label, row.label)
    return [label, tiles]
  }
}

/** @type {WeakMap<Element, Strips>} */
const held = new WeakMap()

/** @param {{ data: Uint8Array, parentElement: Element }} page */
export default function ({ data: bytes, parentElement }) {
  /** @type {Content} */
  const data = unpacked(bytes)
  getOrCreate(held, parentElement, () => new Strips(parentElement)).update(data)
}
