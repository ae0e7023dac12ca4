// The scrubber: one or more paths at display rate. Frames come from sprites that the browser holds; between two of them
// the generator draws in the browser, if it can. Nothing is sent while the pointer moves; onRelease(t) is called when it
// rests.

import { button, clamp, element, setPressed, setText } from "../dom.js"
import { OnDemand } from "../generator/generator.js"
import { pathThrough } from "../generator/sphere.js"
import { pen } from "../sprite.js"
import { Charts } from "./charts.js"
import { Films } from "./films.js"
import { FINE, generatedViews, joined, opened, saidOf } from "./between.js"
import { RELEASE_PAUSE, View, layOut, loadSprites, smoothing, waypoint } from "./stage.js"

/**
 * @typedef {import("../sprite.js").SpriteData} SpriteData
 *
 * t and the measurements of each frame; tiles: the sheet of small pictures, to which numbers refer; ends: from what the
 * browser generates images between the frames, if it can.
 * @typedef {{ content: string, start: number, t: number[], digits: number, label: string, places: string[],
 *   waypoints: import("./stage.js").Waypoint[], views: import("./stage.js").ViewData[],
 *   charts: import("./charts.js").ChartData[], note: string, tiles: SpriteData,
 *   ends?: import("./between.js").Ends | null, generator?: import("./between.js").GeneratorData }} Content
 *
 * Images of codes, one for each generated view, at a place among the frames.
 * @typedef {{ place: number, turn: number, views: { view: View, code: ArrayLike<number> }[], codes: Float32Array,
 *   noise: Float32Array | null }} Request
 */

const SECONDS_A_PIECE = 3 // playing time between two waypoints

export class Scrubber {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {(t: number) => void} */
    this.onRelease = () => {}
    /** @type {Content | null} */
    this.data = null
    /** @type {View[]} */
    this.views = []
    /** @type {import("../sprite.js").Sprite | null} */
    this.tiles = null
    this.version = 0 // of the data
    this.place = this.nextPlace = 0 // among the frames: between two of them if it is not whole
    this.turn = 0 // counts the frames that were drawn, so that a late image is not drawn over them
    this.request = 0 // of a frame of the display
    /** @type {{ codes: Float32Array[], noise: Float32Array | null } | null} */
    this.ends = null
    this.generator = new OnDemand(
      (pictures, /** @type {Request} */ request) => this.paint(pictures, request),
      () => this.changed(),
    )
    this.pause = 0
    this.playing = this.looping = false
    /** The t that the page requested, and the one that was applied. */
    this.start = 0
    this.started = NaN
    this.slider = element("input", { type: "range", class: "slider", min: 0, step: 1, value: 0 })
    this.slider.addEventListener("input", () => this.take(Number(this.slider.value)))
    this.slider.addEventListener("change", () => this.rest())
    this.slider.addEventListener("keydown", (event) => this.press(event))
    this.output = element("output", { class: "t" })
    this.playButton = button("Play", () => this.togglePlaying(), { class: "play" })
    const loop = button(
      "Loop",
      () => {
        this.looping = !this.looping
        setPressed(loop, this.looping)
      },
      { title: "Play there and back again", "aria-pressed": "false" },
    )
    this.stage = element("div", { class: "stage" })
    this.waypoints = element("div", { class: "waypoints" })
    this.films = new Films(this.slider)
    this.charts = new Charts()
    this.note = element("p", { class: "note" })
    this.scrubOn(this.films.node)
    this.scrubOn(this.charts.node)
    this.charts.node.addEventListener("pointermove", (event) => this.charts.showHover(Math.round(this.placeAt(event))))
    this.charts.node.addEventListener("pointerleave", () => this.charts.showHover(null))
    const transport = element(
      "div",
      { class: "transport" },
      element("div", { class: "buttons" }, this.playButton, loop, smoothing(this.root)),
      this.output,
    )
    const timeline = element(
      "div",
      { class: "timeline" },
      this.waypoints,
      transport,
      this.films.node,
      this.charts.plots,
      this.note,
    )
    this.observer = layOut(root, this.stage, timeline, () => this.films.draw())
  }

  /**
   * Space plays, arrows go from frame to frame and, with Shift, between them.
   * @param {KeyboardEvent} event
   */
  press(event) {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 10, PageDown: -10 }
    const step = steps[/** @type {keyof typeof steps} */ (event.key)]
    if (event.key === " ") this.togglePlaying()
    else if (!step || event.altKey || event.ctrlKey || event.metaKey) return
    else {
      this.take(event.shiftKey ? this.place + step / FINE : Math.round(this.place) + step)
      this.rest()
    }
    event.preventDefault()
  }

  /**
   * Show new data: other images, or another path. Keep t, the nodes, and what is pressed.
   * @param {Content} data
   */
  async update(data) {
    const version = ++this.version
    this.start = data.start
    this.root.setAttribute("aria-busy", "true")
    const sprites = await loadSprites(data, this.stage)
    if (!sprites || version !== this.version) return
    const t = this.data && this.start === this.started ? this.timeAt(this.nextPlace) : this.start
    const [tiles, ...pictures] = sprites
    this.data = data
    this.tiles = tiles
    this.generator.take((data.ends && data.generator) ?? null)
    this.ends = data.ends && data.generator ? opened(data.ends, data.generator.dimension) : null
    this.views = data.views.map((view, i) => new View(view, pictures[i]))
    this.stage.replaceChildren(...this.views.map((view) => view.figure))
    this.waypoints.replaceChildren(...data.waypoints.map((point) => waypoint(point, tiles)))
    this.waypoints.classList.toggle("many", data.waypoints.length > 2)
    this.films.update(this.views, data.t.length)
    this.charts.update(data.charts, data.t.length)
    this.slider.max = String(data.t.length - 1)
    this.slider.setAttribute("aria-label", data.label)
    this.started = this.start
    this.changed()
    this.show(this.nearest(t))
    this.root.removeAttribute("aria-busy")
  }

  /** The generator is ready, or has failed: where the hand is now, and what the page says. */
  changed() {
    if (!this.data) return
    this.slider.step = String(this.generator.possible ? 1 / FINE : 1)
    setText(this.note, [this.data.note, saidOf(this.generator, this.views)].filter(Boolean).join(" "))
    this.schedule(this.nextPlace)
  }

  /** @param {number} t */
  moveTo(t) {
    this.start = t
    if (!this.data) return // the data are still loading, and will start there
    this.started = t
    this.schedule(this.nearest(t))
  }

  /** The place of a t among the frames, which are evenly spaced. @param {number} t */
  nearest(t) {
    return this.last * clamp(t, 0, 1)
  }

  /** The t of a place: of a frame, its own. @param {number} place */
  timeAt(place) {
    return this.times[place] ?? place / this.last
  }

  get times() {
    return this.data?.t ?? [0]
  }

  get last() {
    return this.times.length - 1
  }

  /**
   * Draw at the next frame of the display.
   * @param {number} place
   */
  take(place) {
    clearTimeout(this.pause)
    this.play(false)
    this.schedule(place)
  }

  /** @param {number} place */
  schedule(place) {
    this.nextPlace = clamp(place, 0, this.last)
    this.request ||= requestAnimationFrame(() => {
      this.request = 0
      this.show(this.nextPlace)
    })
  }

  /** Report where the hand is, which is between frames even before the generator is open. */
  rest() {
    clearTimeout(this.pause)
    this.pause = window.setTimeout(() => this.onRelease(this.timeAt(this.nextPlace)), RELEASE_PAUSE)
  }

  /**
   * Show a place: a frame at once, and between frames what the generator draws there. Until it is open, and if it
   * cannot run, the nearest frame.
   * @param {number} place
   */
  show(place) {
    const { data, ends, generator } = this
    const fine = generator.possible ? FINE : 1
    this.nextPlace = clamp(Math.round(place * fine) / fine, 0, this.last)
    const whole = Math.round(this.nextPlace)
    if (!data || !ends || this.nextPlace === whole) return this.draw(whole)
    generator.open()
    if (!generator.generator) return this.draw(whole)
    const t = this.nextPlace / this.last
    const views = generatedViews(this.views).map(({ view, path }) => ({ view, code: pathThrough(ends.codes, t, path) }))
    const codes = joined(views.map(({ code }) => code))
    generator.draw({ place: this.nextPlace, turn: this.turn, views, codes, noise: ends.noise })
  }

  /**
   * @param {import("../generator/generator.js").Pictures} pictures
   * @param {Request} request
   */
  paint(pictures, { place, turn, views }) {
    if (turn !== this.turn || views.some(({ view }) => !this.views.includes(view))) return
    this.drawPlace(place)
    views.forEach(({ view, code }, i) => view.paint(pictures, i, code))
  }

  /** @param {number} frame */
  draw(frame) {
    this.turn++
    this.drawPlace(frame)
  }

  /**
   * Draw all that belongs to one place at once: the t printed is the t of what is shown.
   * @param {number} place
   */
  drawPlace(place) {
    const { data, tiles } = this
    if (!data || !tiles) return
    this.place = place
    const frame = Math.round(place)
    const t = this.timeAt(place).toFixed(data.digits + Number(place !== frame))
    setText(this.output, `t = ${t}`)
    Object.assign(this.root.dataset, { frame, place: Number(place.toFixed(1)) })
    for (const view of this.views) view.draw(frame, tiles)
    if (Number(this.slider.value) !== this.nextPlace) this.slider.value = String(this.nextPlace)
    this.slider.setAttribute("aria-valuetext", `t ${t}, ${data.places[frame]}`)
    this.charts.draw(place)
  }

  /** @param {PointerEvent} event */
  placeAt(event) {
    const box = this.slider.getBoundingClientRect()
    const inset = parseFloat(getComputedStyle(this.root).getPropertyValue("--inset"))
    const along = (event.clientX - box.left - inset) / (box.width - 2 * inset)
    return clamp(along, 0, 1) * this.last
  }

  /**
   * Let films and charts scrub like the slider.
   * @param {HTMLElement} area
   */
  scrubOn(area) {
    let held = false
    area.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target === this.slider) return
      held = true
      area.setPointerCapture(event.pointerId)
      this.take(this.placeAt(event))
    })
    area.addEventListener("pointermove", (event) => held && this.take(this.placeAt(event)))
    const end = () => {
      if (held) this.rest()
      held = false
    }
    area.addEventListener("pointerup", end)
    area.addEventListener("pointercancel", end)
  }

  // Play, or pause and report the position.
  togglePlaying() {
    this.play(!this.playing)
    if (!this.playing) this.rest()
  }

  /** @param {boolean} on */
  play(on) {
    if (on === this.playing || !this.data) return
    this.playing = on
    setText(this.playButton, on ? "Pause" : "Play")
    if (!on) {
      this.turn++ // what is shown stays
      this.nextPlace = this.place
      return
    }
    const { last } = this
    const seconds = SECONDS_A_PIECE * (this.data.waypoints.length - 1)
    let along = this.place === last ? 0 : this.place / last
    let direction = 1
    let before = 0
    /** @param {number} now */
    const step = (now) => {
      if (!this.playing) return
      along += direction * ((before && Math.min(now - before, 100)) / 1000 / seconds)
      before = now
      if (along >= 1 || along <= 0) {
        along = clamp(along, 0, 1)
        if (this.looping) direction = along >= 1 ? -1 : 1
        else if (along >= 1) {
          this.show(last)
          this.play(false)
          return this.rest()
        }
      }
      this.show(along * last)
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }

  close() {
    this.playing = false
    clearTimeout(this.pause)
    this.generator.close()
    this.observer.disconnect()
  }
}

/**
 * Return whether the background of the scrubber is dark.
 * @param {Element} root
 */
export function isDark(root) {
  const probe = pen(element("canvas"))
  probe.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#ffffff"
  probe.fillRect(0, 0, 1, 1)
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128
}

/**
 * In a file, follow the person's colour scheme, now and later.
 * @param {HTMLElement} root
 */
export function followTheme(root) {
  const ground = () => root.toggleAttribute("data-dark", isDark(root))
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ground)
  ground()
}
