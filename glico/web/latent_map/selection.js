// What is chosen: A and B, the selection, classes that are hidden, how the points are shown; and which of them stand
// out for it.

import { fromRanges, toRanges } from "./geometry.js"
import { DIMMED, HIDDEN, SHOWN } from "./points.js"

/**
 * @typedef {import("./latent_map.js").LatentMap} LatentMap
 * @typedef {"map" | "morph" | "film" | "path"} Mode
 *
 * hidden: labels; neighbours: how many are drawn; a and b: rows; selected: runs of rows; at: where the mode stands.
 * @typedef {{ hidden: number[], thumbnails: boolean, neighbours: number, a: number | null, b: number | null,
 *   selected: string, mode: Mode, at: number, colour: string }} Choice
 */

export class Selection {
  /** @param {LatentMap} map */
  constructor(map) {
    this.map = map
    /** @type {Choice} */
    this.choice = {
      hidden: [], thumbnails: false, neighbours: 0, a: null, b: null, selected: "", mode: "map", at: 1, colour: "",
    } // prettier-ignore
    /** @type {Set<number>} */
    this.gathered = new Set()
    /** @type {Set<number> | null} what an outline holds while it is drawn */
    this.gathering = null
    /** @type {((index: number) => boolean) | null} which points are pointed at in the legend, or looked for */
    this.lit = null
    this.states = new Uint8Array() // of every point: shown, dimmed or hidden
    this.anyDimmed = false
    this.applied = 0 // the serial of the last request
  }

  /**
   * Other images: what the page opens with; later the map keeps its own.
   * @param {import("./content.js").ContentData} data
   */
  open({ count, opening }) {
    Object.assign(this.choice, opening)
    this.gathered = new Set(fromRanges(this.choice.selected, count))
    this.lit = null
    this.states = new Uint8Array(count)
  }

  /** A and B that are no longer there are none. */
  giveUp() {
    for (const name of /** @type {const} */ (["a", "b"])) {
      const row = this.choice[name]
      if (row != null && row >= this.map.content.choosable) this.choice[name] = null
    }
  }

  /**
   * Choose what the page asks for, once.
   * @param {import("./content.js").ContentData["request"]} request
   */
  apply(request) {
    if (!request || request.serial === this.applied) return
    this.applied = request.serial
    Object.assign(this.choice, request.choice)
    this.giveUp()
    this.map.changed()
  }

  /**
   * A click: first A, then B, then A anew.
   * @param {number} [index]
   */
  choose(index) {
    if (index == null || index >= this.map.content.choosable) return
    const { choice } = this
    if (choice.a == null || choice.b != null) Object.assign(choice, { a: index, b: null })
    else if (index !== choice.a) choice.b = index
    this.map.changed()
    this.map.stage.wake()
  }

  /**
   * Into the selection, or out of it.
   * @param {number} [index]
   */
  turn(index) {
    if (index == null || index >= this.map.content.count) return
    if (!this.gathered.delete(index)) this.gathered.add(index)
    this.setStates()
    this.map.changed()
  }

  /**
   * @param {Set<number>} found
   * @param {boolean} done whether the outline is finished
   */
  gather(found, done) {
    this.gathering = done ? null : found
    if (done) this.gathered = found
    this.setStates()
    if (done) this.map.changed()
  }

  /** @param {((index: number) => boolean) | null} wanted */
  select(wanted) {
    if (!wanted) return
    this.lit = null
    this.gather(new Set([...this.map.content.labels.keys()].filter(wanted)), true)
  }

  /**
   * Pointed at or looked for, points stand out in both maps.
   * @param {((index: number) => boolean) | null} wanted
   */
  light(wanted) {
    if (wanted === this.lit) return
    this.lit = wanted
    this.setStates()
  }

  /**
   * Shown, dimmed (not what is pointed at; else not in the selection) or hidden (its class is off). A hidden class
   * that is pointed at dims nothing.
   */
  setStates() {
    const { content, stage, root } = this.map
    const { labels, count } = content
    const gathered = this.gathering ?? this.gathered
    const off = new Set(this.choice.hidden)
    const hidden = (/** @type {number} */ i) => off.has(labels[i])
    const { lit } = this
    const seen = lit && [...labels.keys()].some((i) => !hidden(i) && lit(i))
    const shines = seen ? lit : gathered.size ? (/** @type {number} */ i) => gathered.has(i) : null
    this.anyDimmed = shines != null
    for (let i = 0; i < count; i++) this.states[i] = hidden(i) ? HIDDEN : shines && !shines(i) ? DIMMED : SHOWN
    stage.points.keep("states", this.states)
    root.dataset.selected = String(gathered.size)
    stage.wake()
  }

  clear() {
    this.gathered.clear()
    Object.assign(this.choice, { a: null, b: null })
    this.setStates()
    this.map.changed()
  }

  toggleThumbnails() {
    this.choice.thumbnails = !this.choice.thumbnails
    this.map.changed()
    this.map.stage.wake()
  }

  /** @param {number[]} hidden labels */
  setHidden(hidden) {
    this.choice.hidden = hidden
    this.setStates()
    this.map.changed()
  }

  /** @param {string} name of a value, "" for the class */
  setColour(name) {
    this.choice.colour = name
    this.map.paint()
    this.map.changed()
  }

  /** As it is told: whole, and t to a thousandth. @returns {Choice} */
  told() {
    const selected = toRanges([...this.gathered].sort((x, y) => x - y))
    return { ...this.choice, selected, at: Math.round(this.choice.at * 1000) / 1000 }
  }
}
