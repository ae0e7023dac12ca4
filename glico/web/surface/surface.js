// A surface between three or four images: its frames as a grid, moved over at display rate by mouse, finger and arrow
// keys; between the frames the generator draws in the browser, if it can. Nothing is sent while the pointer moves;
// onRelease([u, v]) is called when it rests.

import { clamp, element, setText } from "../dom.js"
import { OnDemand } from "../generator/generator.js"
import { surfaceBetween } from "../generator/sphere.js"
import { FINE, generatedViews, joined, opened, saidOf } from "../scrubber/between.js"
import { RELEASE_PAUSE, View, layOut, loadSprites, smoothing, waypoint } from "../scrubber/stage.js"
import { pen } from "../sprite.js"

/**
 * Frames are v row by v row, as many in a row as there are rows.
 * @typedef {{ content: string, start: [number, number], corners: import("../scrubber/stage.js").Waypoint[],
 *   views: import("../scrubber/stage.js").ViewData[], note: string,
 *   tiles: import("../sprite.js").SpriteData, ends?: import("../scrubber/between.js").Ends | null,
 *   generator?: import("../scrubber/between.js").GeneratorData }} Content
 *
 * Images of codes, one for each generated view, at a place on the grid: column and line.
 * @typedef {{ place: [number, number], turn: number, views: { view: View, code: ArrayLike<number> }[],
 *   codes: Float32Array, noise: Float32Array | null }} Request
 */

export class Surface {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {(at: [number, number]) => void} */
    this.onRelease = () => {}
    /** @type {Content | null} */
    this.data = null
    /** @type {View[]} */
    this.views = []
    /** @type {import("../sprite.js").Sprite | null} */
    this.tiles = null
    this.version = 0 // of the data
    this.side = 1
    this.column = this.line = 0 // where the hand is: between the frames if they are not whole
    this.turn = 0 // counts the frames that were drawn, so that a late image is not drawn over them
    /** @type {{ codes: Float32Array[], noise: Float32Array | null } | null} */
    this.ends = null
    this.generator = new OnDemand(
      (pictures, /** @type {Request} */ request) => this.show(pictures, request),
      () => this.changed(),
    )
    this.request = 0 // of a frame of the display
    this.pause = 0
    this.output = element("output", { class: "t" })
    this.canvas = element("canvas", { "aria-hidden": "true" })
    this.ring = element("span", { class: "ring" })
    const pad = { class: "pad", tabindex: 0, role: "slider", "aria-roledescription": "surface", "aria-valuemin": 0 }
    this.pad = element("div", pad, this.canvas, this.ring)
    this.pad.addEventListener("keydown", (event) => this.walk(event))
    this.drag()
    this.stage = element("div", { class: "stage" })
    this.above = element("div", { class: "waypoints above" })
    this.below = element("div", { class: "waypoints below" })
    this.note = element("p", { class: "note" })
    const transport = element("div", { class: "transport" }, this.output, smoothing(root))
    const field = element("div", { class: "field" }, this.above, this.pad, this.below)
    const timeline = element("div", { class: "timeline" }, transport, field, this.note)
    this.observer = layOut(root, this.stage, timeline, () => this.paint())
  }

  /**
   * Show new data: other images. Keep the position, the nodes, and what is pressed.
   * @param {Content} data
   */
  async update(data) {
    const version = ++this.version
    this.root.setAttribute("aria-busy", "true")
    const sprites = await loadSprites(data, this.stage)
    if (!sprites || version !== this.version) return
    const place = this.data ? this.place : data.start
    const [tiles, ...pictures] = sprites
    this.data = data
    this.tiles = tiles
    this.generator.take((data.ends && data.generator) ?? null)
    this.ends = data.ends && data.generator ? opened(data.ends, data.generator.dimension) : null
    this.side = Math.round(Math.sqrt(data.views[0].frames))
    this.views = data.views.map((view, i) => new View(view, pictures[i]))
    this.stage.replaceChildren(...this.views.map((view) => view.figure))
    const corners = data.corners.map((corner) => waypoint(corner, tiles))
    this.above.replaceChildren(...corners.slice(0, 2))
    this.below.replaceChildren(...corners.slice(2))
    this.changed()
    this.pad.setAttribute("aria-valuemax", String(this.side ** 2 - 1))
    this.pad.setAttribute("aria-label", `u and v, between ${data.corners.map(described).join(", ")}`)
    this.paint()
    this.moveTo(place)
    this.root.removeAttribute("aria-busy")
  }

  /** The generator is ready, or has failed: draw where the hand is, and say what the page does. */
  changed() {
    setText(this.note, [this.data?.note, saidOf(this.generator, this.views)].filter(Boolean).join(" "))
    this.take(this.column, this.line)
  }

  /** @returns {[number, number]} */
  get place() {
    const last = this.side - 1
    return [this.column / last, this.line / last]
  }

  /** @param {[number, number]} place */
  moveTo([u, v]) {
    const last = this.side - 1
    this.go(u * last, v * last)
    this.draw()
  }

  /**
   * Go to a place of the grid, between the frames if there is a generator.
   * @param {number} column
   * @param {number} line
   */
  go(column, line) {
    const fine = this.generator.possible ? FINE : 1
    const place = (/** @type {number} */ value) => clamp(Math.round(value * fine) / fine, 0, this.side - 1)
    this.column = place(column)
    this.line = place(line)
  }

  /**
   * Draw at the next frame of the display.
   * @param {number} column
   * @param {number} line
   */
  take(column, line) {
    clearTimeout(this.pause)
    this.go(column, line)
    this.request ||= requestAnimationFrame(() => {
      this.request = 0
      this.draw()
    })
  }

  rest() {
    clearTimeout(this.pause)
    this.pause = window.setTimeout(() => this.onRelease(this.place), RELEASE_PAUSE)
  }

  /** Draw the place: a frame at once, and between frames what the generator draws there, when it is open. */
  draw() {
    const { ends, generator, column, line } = this
    const whole = Number.isInteger(column) && Number.isInteger(line)
    if (!whole && ends) generator.open()
    if (whole || !ends || !generator.generator) {
      this.turn++
      return this.drawPlace(Math.round(column), Math.round(line))
    }
    const [u, v] = this.place
    const views = generatedViews(this.views).map(({ view, path }) => {
      return { view, code: surfaceBetween(ends.codes, u, v, path) }
    })
    const codes = joined(views.map(({ code }) => code))
    generator.draw({ place: [column, line], turn: this.turn, views, codes, noise: ends.noise })
  }

  /**
   * @param {import("../generator/generator.js").Pictures} pictures
   * @param {Request} request
   */
  show(pictures, { place, turn, views }) {
    if (turn !== this.turn || views.some(({ view }) => !this.views.includes(view))) return
    this.drawPlace(...place)
    views.forEach(({ view, code }, i) => view.paint(pictures, i, code))
  }

  /**
   * Draw all that belongs to one place at once: the u and v printed are those of the images shown.
   * @param {number} column
   * @param {number} line
   */
  drawPlace(column, line) {
    const { data, tiles, side } = this
    if (!data || !tiles) return
    const frame = Math.round(line) * side + Math.round(column)
    const [u, v] = [column, line].map((value) => (value / (side - 1)).toFixed(2))
    setText(this.output, `u = ${u}, v = ${v}`)
    Object.assign(this.root.dataset, { frame, place: `${column.toFixed(1)} ${line.toFixed(1)}` })
    for (const view of this.views) view.draw(frame, tiles)
    this.ring.style.transform = `translate(${100 * column}%, ${100 * line}%)`
    this.pad.setAttribute("aria-valuenow", String(frame))
    this.pad.setAttribute("aria-valuetext", `u ${u}, v ${v}, ${this.nearest()}`)
  }

  /** The corner that the place is nearest to, in words. */
  nearest() {
    const [u, v] = this.place
    const corners = this.data?.corners ?? []
    const corner = corners[Math.min((v > 0.5 ? 2 : 0) + (u > 0.5 ? 1 : 0), corners.length - 1)]
    return u === 0.5 || v === 0.5 ? "in the middle" : `nearest to ${described(corner)}`
  }

  /** The grid of the first surface's frames. */
  paint() {
    const sprite = this.views[0]?.sprite
    const width = this.pad.clientWidth
    if (!sprite || !width) return
    const across = Math.round(width * (window.devicePixelRatio || 1))
    const high = Math.round((across * sprite.height) / sprite.width)
    Object.assign(this.canvas, { width: across, height: high })
    const context = pen(this.canvas)
    context.imageSmoothingEnabled = sprite.width > across / this.side
    const edges = Array.from({ length: this.side + 1 }, (_, i) => i / this.side)
    for (let line = 0; line < this.side; line++) {
      const [top, bottom] = [edges[line], edges[line + 1]].map((edge) => Math.round(edge * high))
      for (let column = 0; column < this.side; column++) {
        const [left, right] = [edges[column], edges[column + 1]].map((edge) => Math.round(edge * across))
        sprite.draw(context, line * this.side + column, left, top, right - left, bottom - top)
      }
    }
    const share = `${100 / this.side}%`
    Object.assign(this.ring.style, { width: share, height: share })
  }

  drag() {
    let held = false
    /** @param {PointerEvent} event */
    const take = (event) => {
      const box = this.pad.getBoundingClientRect()
      const column = ((event.clientX - box.left) / box.width) * this.side - 0.5
      this.take(column, ((event.clientY - box.top) / box.height) * this.side - 0.5)
    }
    this.pad.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return
      held = true
      this.pad.setPointerCapture(event.pointerId)
      take(event)
    })
    this.pad.addEventListener("pointermove", (event) => held && take(event))
    const end = () => {
      if (held) this.rest()
      held = false
    }
    this.pad.addEventListener("pointerup", end)
    this.pad.addEventListener("pointercancel", end)
  }

  /**
   * Arrows walk over the grid; Home and End go to the ends of u, Page Up and Page Down to those of v.
   * @param {KeyboardEvent} event
   */
  walk(event) {
    const [column, line] = [this.column, this.line].map(Math.round)
    const last = this.side - 1
    /** @type {Record<string, [number, number]>} */
    const places = {
      ArrowLeft: [column - 1, line],
      ArrowRight: [column + 1, line],
      ArrowUp: [column, line - 1],
      ArrowDown: [column, line + 1],
      Home: [0, line],
      End: [last, line],
      PageUp: [column, 0],
      PageDown: [column, last],
    }
    const place = places[event.key]
    if (!place || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    this.take(...place)
    this.rest()
  }

  close() {
    clearTimeout(this.pause)
    this.generator.close()
    this.observer.disconnect()
  }
}

/** @param {import("../scrubber/stage.js").Waypoint} corner */
const described = (corner) => `${corner.label} (${corner.name})`
