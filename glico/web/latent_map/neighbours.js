// The neighbours of the chosen image in every map, with the angles between their codes.

import { button, element } from "../dom.js"
import { Tile } from "../sprite.js"

/** @typedef {Pick<import("./latent_map.js").LatentMap, "content" | "hover" | "selection">} Host what this part needs of the map */

export class Neighbours {
  /** @param {Host} map */
  constructor(map) {
    this.map = map
    this.node = element("div", { class: "neighbours", hidden: true })
    this.shown = ""
  }

  /** @param {number | null} picked */
  show(picked) {
    const { content } = this.map
    const known = picked != null && content.maps.some((_, k) => content.nearOf(k, picked).length > 0)
    this.node.hidden = !known
    const shown = `${content.data?.layout} ${picked} ${content.sheet ? "" : "bare"}`
    if (!known || shown === this.shown) return
    this.shown = shown
    this.node.replaceChildren(
      ...content.maps.map((layout, k) => {
        const title = `Nearest to ${content.describe(picked)} by code, ${layout.title}`
        const tiles = content
          .nearOf(k, picked)
          .map((index, place) => this.tile(index, content.angleOf(k, picked, place), k))
        const list = element("div", { class: "tiles" }, ...tiles)
        return element("section", { "aria-label": title }, element("span", { class: "hint" }, title), list)
      }),
    )
  }

  /**
   * @param {number} index
   * @param {number} angle
   * @param {number} k
   */
  tile(index, angle, k) {
    const { content, hover, selection } = this.map
    const picture = new Tile("")
    if (content.sheet) picture.show(content.sheet, index)
    const words = Number.isNaN(angle) ? "" : `${angle.toFixed(1)}°`
    const title = `${content.describe(index)}${words && `, ${words} away`}`
    const node = button(picture.canvas, () => selection.choose(index), { title, "aria-label": title })
    node.append(element("span", {}, words))
    node.addEventListener("pointerenter", () => hover.show({ index, map: k }, true))
    node.addEventListener("pointerleave", () => hover.show(null))
    return node
  }
}
