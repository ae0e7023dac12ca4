// Images in a table, cut from one sprite.

import { element, find } from "glico/web/dom.js"
import { Sprite, Tile } from "glico/web/sprite.js"
import { unpacked } from "../data.js"

/**
 * @typedef {import("glico/web/sprite.js").SpriteData} SpriteData
 * @typedef {{ name: string, count: number, captions: string[], columns: string[] }} Row columns: what heads the row
 * @typedef {{ sheet: SpriteData, rows: Row[], title: string, side: number, across: number }} Content
 */

/** @param {{ data: Uint8Array, parentElement: Element }} page */
export default async function ({ data: bytes, parentElement }) {
  /** @type {Content} */
  const data = unpacked(bytes)
  const region = find(parentElement, ".scroll")
  region.setAttribute("aria-label", data.title)
  const sheet = await Sprite.load(data.sheet)
  const named = data.rows.some((row) => row.name)
  let tile = 0
  /** @type {string[]} */
  let columns = []
  const lines = data.rows.flatMap((row) => {
    if (row.columns.length) columns = row.columns
    const heads = columns === row.columns ? row.columns.map((name) => element("th", { scope: "col" }, name)) : []
    if (heads.length && named) heads.unshift(element("th"))
    const cells = Array.from({ length: row.count }, (_, i) => {
      const picture = new Tile([row.name, columns[i], row.captions[i]].filter(Boolean).join(", ") || data.title)
      picture.show(sheet, tile++)
      const caption = row.captions[i] ? [element("div", { class: "caption" }, row.captions[i])] : []
      return element("td", {}, picture.canvas, ...caption)
    })
    const name = named ? [element("th", { class: "name", scope: "row" }, row.name)] : []
    const line = element("tr", {}, ...name, ...cells)
    return heads.length ? [element("tr", { class: "heads" }, ...heads), line] : [line]
  })
  const style = `--side: ${data.side}px; --columns: ${data.across}`
  region.replaceChildren(element("table", { class: named ? "named" : "", style }, element("tbody", {}, ...lines)))
}
