// The choice: A and B, the selected images, hidden classes, display options; and which points stand out because of it.

import { fromRanges, toRanges } from "./geometry.js"
import { DIMMED, HIDDEN, SHOWN } from "./points.js"

/**
 * @typedef {Pick<import("./latent_map.js").LatentMap, "content" | "stage" | "root" | "changed" | "paint">} Host what this part needs of the map
 * @typedef {"map" | "transition" | "film" | "path"} Mode
 *
 * hidden: labels; neighbours: how many are drawn; a and b: rows; selected: runs of rows; at: the mode's position.
 * @typedef {{ hidden: number[], thumbnails: boolean, neighbours: number, a: number | null, b: number | null,
 *   selected: string, mode: Mode, at: number, colour: string }} Choice
 */

export class Selection {
  /** @param {Host} map */
  constructor(map) {
    this.map = map
    /** @type {Choice} */
    this.choice = {
      hidden: [], thumbnails: false, neighbours: 0, a: null, b: null, selected: "", mode: "map", at: 1, colour: "",
    } // prettier-ignore
    /** @type {Set<number>} */
    this.selectedRows = new Set()
    /** @type {Set<number> | null} the rows inside an outline while it is drawn */
    this.outlinedRows = null
    /** @type {((index: number) => boolean) | null} the points that the legend or the search highlights */
    this.highlight = null
    this.states = new Uint8Array() // of every point: shown, dimmed or hidden
    this.anyDimmed = false
    this.applied = 0 // the serial of the last request
  }

  /**
   * Start with the opening choice, for other images; later the map keeps its own.
   * @param {import("./content.js").ContentData} data
   */
  open({ count, opening }) {
    Object.assign(this.choice, opening)
    this.selectedRows = new Set(fromRanges(this.choice.selected, count))
    this.highlight = null
    this.states = new Uint8Array(count)
  }

  /** Drop A and B if they no longer exist. */
  dropMissing() {
    for (const name of /** @type {const} */ (["a", "b"])) {
      const row = this.choice[name]
      if (row != null && row >= this.map.content.choosable) this.choice[name] = null
    }
  }

  /**
   * Apply a request of the page, once.
   * @param {import("./content.js").ContentData["request"]} request
   */
  apply(request) {
    if (!request || request.serial === this.applied) return
    this.applied = request.serial
    Object.assign(this.choice, request.choice)
    this.dropMissing()
    this.map.changed()
  }

  /**
   * A click chooses A, then B, then A again.
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
   * Add an image to the selection, or remove it.
   * @param {number} [index]
   */
  toggle(index) {
    if (index == null || index >= this.map.content.count) return
    if (!this.selectedRows.delete(index)) this.selectedRows.add(index)
    this.setStates()
    this.map.changed()
  }

  /**
   * @param {Set<number>} rows
   * @param {boolean} done whether the outline is finished
   */
  setRows(rows, done) {
    this.outlinedRows = done ? null : rows
    if (done) this.selectedRows = rows
    this.setStates()
    if (done) this.map.changed()
  }

  /** @param {((index: number) => boolean) | null} matches */
  select(matches) {
    if (!matches) return
    this.highlight = null
    this.setRows(new Set([...this.map.content.labels.keys()].filter(matches)), true)
  }

  /**
   * Highlight points in both maps.
   * @param {((index: number) => boolean) | null} matches
   */
  setHighlight(matches) {
    if (matches === this.highlight) return
    this.highlight = matches
    this.setStates()
  }

  /**
   * Set each point's state: shown, dimmed (not highlighted or, without a highlight, not selected) or hidden (its class
   * is off). Highlighting a hidden class dims nothing.
   */
  setStates() {
    const { content, stage, root } = this.map
    const { labels, count } = content
    const selectedRows = this.outlinedRows ?? this.selectedRows
    const off = new Set(this.choice.hidden)
    const hidden = (/** @type {number} */ i) => off.has(labels[i])
    const { highlight } = this
    const visible = highlight && [...labels.keys()].some((i) => !hidden(i) && highlight(i))
    const isEmphasised = visible
      ? highlight
      : selectedRows.size
        ? (/** @type {number} */ i) => selectedRows.has(i)
        : null
    this.anyDimmed = isEmphasised != null
    for (let i = 0; i < count; i++) {
      this.states[i] = hidden(i) ? HIDDEN : isEmphasised && !isEmphasised(i) ? DIMMED : SHOWN
    }
    stage.points.keep("states", this.states)
    root.dataset.selected = String(selectedRows.size)
    stage.wake()
  }

  clear() {
    this.selectedRows.clear()
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

  /** The choice as it is reported, with t rounded to a thousandth. @returns {Choice} */
  report() {
    const selected = toRanges([...this.selectedRows].sort((x, y) => x - y))
    return { ...this.choice, selected, at: Math.round(this.choice.at * 1000) / 1000 }
  }
}
