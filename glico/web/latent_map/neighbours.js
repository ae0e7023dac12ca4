// The neighbours of the picked image in every map, with the angles between their codes.

import { button, element } from "../dom.js"
import { Tile } from "../sprite.js"

/** @typedef {import("./latent_map.js").LatentMap} LatentMap */

export class Neighbours {
  /** @param {LatentMap} map */
  constructor(map) {
    this.map = map
    this.node = element("div", { class: "neighbours", hidden: true })
    this.shown = ""
  }

  /** @param {number | null} picked */
  show(picked) {
    const { map } = this
    const known = picked != null && map.maps.some((_, k) => map.nearOf(k, picked).length > 0)
    this.node.hidden = !known
    const shown = `${map.data?.layout} ${picked} ${map.sheet ? "" : "bare"}`
    if (!known || shown === this.shown) return
    this.shown = shown
    this.node.replaceChildren(
      ...map.maps.map((layout, k) => {
        const title = `Nearest to ${map.describe(picked)} by code, ${layout.title}`
        const tiles = map.nearOf(k, picked).map((index, place) => this.tile(index, map.angleOf(k, picked, place), k))
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
    const { map } = this
    const picture = new Tile("")
    if (map.sheet) picture.show(map.sheet, index)
    const words = Number.isNaN(angle) ? "" : `${angle.toFixed(1)}°`
    const title = `${map.describe(index)}${words && `, ${words} away`}`
    const node = button(picture.canvas, () => map.choose(index), { title, "aria-label": title })
    node.append(element("span", {}, words))
    node.addEventListener("pointerenter", () => map.hover({ index, map: k }, true))
    node.addEventListener("pointerleave", () => map.hover(null))
    return node
  }
}
