// Gestures on the stage. A mouse moves the maps, draws outlines, hovers and clicks; the wheel zooms. One finger scrolls
// the page while all points are in view, and moves the maps once they are zoomed; two fingers zoom. The first tap shows
// a point, the second chooses it.

import { distance, middle } from "./geometry.js"
import { Outline } from "./outline.js"

/**
 * @typedef {Pick<import("./latent_map.js").LatentMap, "hover" | "probe" | "selection" | "stage">} Host what this part needs of the map
 * @typedef {import("./geometry.js").Place} Place
 */

const STILL = 5 // CSS pixels that a click may move
const TWICE = 400 // ms within which two clicks are a double click
const WHEEL = 0.0015 // of a zoom, a pixel of the wheel
const WHEEL_REST = 400 // ms after which the wheel is at rest
const HINT = 2000 // ms for which the map says how to zoom

export class Gestures {
  /** @param {Host} map */
  constructor(map) {
    this.map = map
    /** @type {Map<number, Place>} */
    this.down = new Map()
    /** @type {import("./camera.js").Anchor | null} */
    this.anchor = null
    /** @type {Outline | null} */
    this.outline = null
    /** @type {import("./hover.js").HoveredPoint | null} the point under the pointer when it was pressed */
    this.before = null
    /** @type {Place} */
    this.start = [0, 0]
    this.moved = this.adding = false
    this.due = false // whether a movement has not been drawn yet
    this.entered = false // whether the mouse was pressed on the maps and has not left them since
    this.wheeling = this.hinting = 0
    this.missed = -Infinity // time of the last click that hit no point
    const { node: stage } = map.stage
    stage.addEventListener("pointerdown", (event) => this.begin(event))
    stage.addEventListener("pointermove", (event) => this.move(event))
    stage.addEventListener("pointerup", (event) => this.end(event))
    stage.addEventListener("pointercancel", (event) => this.end(event))
    stage.addEventListener("pointerleave", (event) => {
      // A finger leaves after every tap: its first tap shows a point.
      if (event.pointerType !== "mouse" || this.held) return
      this.entered = false
      map.hover.show(null)
      if (!map.probe.pinned) map.probe.hide()
    })
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
    stage.addEventListener("touchstart", (event) => event.touches.length > 1 && event.preventDefault(), {
      passive: false,
    })
  }

  get held() {
    return this.down.size > 0 || this.wheeling > 0
  }

  /**
   * @param {MouseEvent} event
   * @returns {Place}
   */
  place(event) {
    const box = this.map.stage.node.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }

  /** @param {PointerEvent} event */
  begin(event) {
    if (event.button !== 0) return
    const { hover, stage } = this.map
    const place = this.place(event)
    this.entered = event.pointerType === "mouse"
    this.follow()
    if (!this.down.size) {
      this.start = place
      this.moved = false
      this.before = hover.point
      this.adding = event.shiftKey
      const under = stage.mapUnder(...place)
      if (stage.tool !== "pan" && under >= 0) this.outline = new Outline(under, stage.tool, place)
    } else {
      this.outline = null
    }
    this.down.set(event.pointerId, place)
    if (event.pointerType === "mouse") stage.node.setPointerCapture(event.pointerId)
    this.measure()
    stage.wake()
  }

  /** Start measuring a movement. */
  measure() {
    const { stage } = this.map
    const places = [...this.down.values()]
    const box = places.length ? stage.pictures[Math.max(0, stage.mapUnder(...middle(places)))] : null
    this.anchor = box && { places, box, look: stage.camera.look }
  }

  /** @param {PointerEvent} event */
  move(event) {
    const { hover, stage } = this.map
    if (!this.down.has(event.pointerId)) {
      if (event.pointerType === "mouse" && !this.held) this.hoverAt(this.place(event))
      return
    }
    const place = this.place(event)
    this.down.set(event.pointerId, place)
    const finger = event.pointerType !== "mouse"
    if (finger && !this.outline && this.down.size < 2 && !stage.camera.near) return // it scrolls the page
    this.moved ||= distance(this.start, place) >= STILL || this.down.size > 1
    if (!this.moved) return
    this.outline?.to(place)
    hover.show(null)
    this.map.probe.hide()
    this.due = true
    stage.wake()
  }

  /** The point under a mouse, or what the generators draw at an empty place. @param {Place} place */
  hoverAt(place) {
    const { hover, probe } = this.map
    const hit = hover.pick(...place)
    hover.show(hit, true)
    if (!hit) probe.look(...place)
    else if (!probe.pinned) probe.hide()
  }

  /** Apply the movement, once per frame and in the frame that shows it. */
  follow() {
    if (!this.due) return
    this.due = false
    const { selection, stage } = this.map
    if (this.outline) selection.setRows(this.enclosed(this.outline), false)
    else if (this.anchor && this.down.size) stage.camera.follow(this.anchor, [...this.down.values()])
  }

  /** @param {PointerEvent} event */
  end(event) {
    const { selection, stage } = this.map
    this.follow()
    if (!this.down.delete(event.pointerId)) return
    this.measure()
    stage.wake()
    if (this.down.size) return
    const { outline } = this
    this.outline = null
    if (outline && this.moved) {
      selection.setRows(event.type === "pointerup" ? this.enclosed(outline) : selection.selectedRows, true)
    }
    if (this.moved && event.pointerType === "touch" && !stage.camera.near) stage.camera.reset()
    if (!this.moved && event.type === "pointerup") this.click(event)
  }

  /** @param {Outline} outline */
  enclosed(outline) {
    const { selection, stage } = this.map
    const within = outline.within(stage.pictures[outline.map], selection.states)
    return this.adding ? new Set([...selection.selectedRows, ...within]) : within
  }

  /** @param {PointerEvent} event */
  click(event) {
    const { hover, probe, selection, stage } = this.map
    const hit = hover.pick(...this.place(event))
    const seen = event.pointerType !== "touch" || (hit && this.before?.index === hit.index)
    hover.show(hit)
    if (!hit) {
      // two clicks that hit no point reset the view; two on points choose both
      if (event.timeStamp - this.missed < TWICE) stage.look((camera) => camera.reset())
      else if (event.pointerType === "touch") probe.look(...this.place(event))
      else if (!probe.pin()) probe.hide()
      this.missed = event.timeStamp
      return
    }
    this.missed = -Infinity
    if (!seen) return // a finger's first tap shows the point, its second chooses it
    if (event.shiftKey) selection.toggle(hit.index)
    else selection.choose(hit.index)
  }

  /**
   * Zoom with Ctrl or Command, by a pinch, or after a click on the maps; otherwise the page scrolls.
   * @param {WheelEvent} event
   */
  wheel(event) {
    const { stage } = this.map
    const place = this.place(event)
    const box = stage.pictures[stage.mapUnder(...place)]
    if (!box) return
    const zooms = this.entered || event.ctrlKey || event.metaKey // a pinch on a touchpad comes with ctrlKey
    clearTimeout(this.hinting)
    stage.hint.hidden = zooms
    stage.hint.style.top = `${place[1] + 24}px` // below the pointer: either end of the maps may be off the screen
    if (!zooms) {
      this.hinting = window.setTimeout(() => (stage.hint.hidden = true), HINT)
      return
    }
    event.preventDefault()
    this.map.probe.hide()
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1)
    stage.look((camera) => camera.zoom(Math.exp(pixels * WHEEL), place, box))
    clearTimeout(this.wheeling)
    this.wheeling = window.setTimeout(() => {
      this.wheeling = 0
      stage.wake()
    }, WHEEL_REST)
  }
}
