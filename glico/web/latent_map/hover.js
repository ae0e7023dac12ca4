// The point under the pointer, and its card.

import { element, setText } from "../dom.js"
import { Card } from "./card.js"
import { shownExtras } from "./extras.js"
import { eachOnStage, onStage, pointAt } from "./geometry.js"
import { GREY } from "./ink.js"

/**
 * A point under the pointer: the row of its image, or beyond them the number of an extra; and its map.
 * @typedef {{ index: number, map: number }} HoveredPoint
 */

const NEAR = 16 // CSS pixels from the pointer within which a point is hovered

export class Hover {
  /** @param {Pick<import("./latent_map.js").LatentMap, "stage" | "content" | "selection" | "root" | "motion">} map */
  constructor(map) {
    this.map = map
    /** @type {HoveredPoint | null} */
    this.point = null
    this.card = new Card()
    this.live = element("div", { class: "unseen", "aria-live": "polite" })
  }

  /**
   * Return the point nearest to (x, y) on the stage, among images and extras, or null.
   * @param {number} x
   * @param {number} y
   * @returns {HoveredPoint | null}
   */
  pick(x, y) {
    const { stage, content, selection } = this.map
    const map = stage.mapUnder(x, y)
    if (map < 0) return null
    const picture = stage.pictures[map]
    let best = Math.max(NEAR, selection.choice.thumbnails ? stage.thumbSize / 2 : 0) ** 2
    let index = -1
    const consider = (/** @type {number} */ i, /** @type {number} */ px, /** @type {number} */ py) => {
      const away = (px - x) ** 2 + (py - y) ** 2
      if (away >= best) return
      best = away
      index = i
    }
    eachOnStage(picture, selection.states, consider)
    for (const extra of shownExtras(this.map)) {
      consider(content.count + content.extras.indexOf(extra), ...onStage(picture, extra.places[map]))
    }
    return index < 0 ? null : { index, map }
  }

  /**
   * @param {HoveredPoint | null} point
   * @param {boolean} quiet whether nothing is announced to a screen reader
   */
  show(point, quiet = false) {
    if (point?.index === this.point?.index && point?.map === this.point?.map) return
    this.point = point
    const { stage, content, selection, root } = this.map
    root.dataset.hovered = String(point?.index ?? "")
    stage.drawMarks()
    if (!point) return this.card.hide()
    const { index, map } = point
    const extra = content.extra(index)
    const label = extra ? extra.label : content.labels[index]
    const name = extra?.name || (label == null ? "" : content.className(label))
    const note = extra ? extra.note : content.note(index, map, selection.choice.colour)
    const picture = stage.pictures[map]
    this.card.show(onStage(picture, extra ? extra.places[map] : pointAt(picture, index, content.count)), stage.node, {
      ...content.pictureOf(index, map),
      name,
      note,
      rgb: label == null ? GREY : content.markOf(label).rgb,
    })
    if (!quiet) setText(this.live, extra ? `${name} ${note}` : `image ${index}, class ${name}`)
  }
}
