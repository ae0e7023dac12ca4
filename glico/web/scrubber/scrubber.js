// The scrubber: frames of one or more paths, drawn at display rate from sprites that the browser holds.
// Nothing is sent while the pointer moves; onRelease(t) is called when it rests.

import { button, clamp, element, setPressed, setText } from "../dom.js"
import { pen } from "../sprite.js"
import { Charts } from "./charts.js"
import { Films } from "./films.js"
import { RELEASE_PAUSE, View, layOut, loadSprites, smoothing, waypoint } from "./stage.js"

/**
 * @typedef {import("../sprite.js").SpriteData} SpriteData
 *
 * t and the measurements of each frame; tiles: the sheet of small pictures, to which numbers refer.
 * @typedef {{ content: string, start: number, t: number[], digits: number, label: string, places: string[],
 *   waypoints: import("./stage.js").Waypoint[], views: import("./stage.js").ViewData[],
 *   charts: import("./charts.js").ChartData[], note: string, tiles: SpriteData }} Content
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
    this.frame = this.nextFrame = 0
    this.request = 0 // of a frame of the display
    this.pause = 0
    this.playing = this.looping = false
    /** The t that the page requested, and the one that was applied. */
    this.start = 0
    this.started = NaN
    this.slider = element("input", { type: "range", class: "slider", min: 0, step: 1, value: 0 })
    this.slider.addEventListener("input", () => this.take(Number(this.slider.value)))
    this.slider.addEventListener("change", () => this.rest())
    this.slider.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault()
        this.togglePlaying()
      }
    })
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
    this.charts.node.addEventListener("pointermove", (event) => this.charts.showHover(this.frameAt(event)))
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
   * Show new data: other images, or another path. Keep t, the nodes, and what is pressed.
   * @param {Content} data
   */
  async update(data) {
    const version = ++this.version
    this.start = data.start
    this.root.setAttribute("aria-busy", "true")
    const sprites = await loadSprites(data, this.stage)
    if (!sprites || version !== this.version) return
    const t = this.data && this.start === this.started ? this.data.t[this.frame] : this.start
    const [tiles, ...pictures] = sprites
    this.data = data
    this.tiles = tiles
    this.views = data.views.map((view, i) => new View(view, pictures[i]))
    this.stage.replaceChildren(...this.views.map((view) => view.figure))
    this.waypoints.replaceChildren(...data.waypoints.map((point) => waypoint(point, tiles)))
    this.waypoints.classList.toggle("many", data.waypoints.length > 2)
    this.films.update(this.views, data.t.length)
    this.charts.update(data.charts, data.t.length)
    this.slider.max = String(data.t.length - 1)
    this.slider.setAttribute("aria-label", data.label)
    setText(this.note, data.note)
    this.started = this.start
    this.draw(this.nearest(t))
    this.root.removeAttribute("aria-busy")
  }

  /** @param {number} t */
  moveTo(t) {
    this.start = t
    if (!this.data) return // the data are still loading, and will start there
    this.started = t
    this.schedule(this.nearest(t))
  }

  /** @param {number} t */
  nearest(t) {
    const away = this.times.map((value) => Math.abs(value - t))
    return away.indexOf(Math.min(...away))
  }

  get times() {
    return this.data?.t ?? [0]
  }

  get last() {
    return this.times.length - 1
  }

  /**
   * Draw at the next frame of the display.
   * @param {number} frame
   */
  take(frame) {
    clearTimeout(this.pause)
    this.play(false)
    this.schedule(frame)
  }

  /** @param {number} frame */
  schedule(frame) {
    this.nextFrame = clamp(frame, 0, this.last)
    this.request ||= requestAnimationFrame(() => {
      this.request = 0
      this.draw(this.nextFrame)
    })
  }

  rest() {
    clearTimeout(this.pause)
    this.pause = window.setTimeout(() => this.onRelease(this.times[this.frame]), RELEASE_PAUSE)
  }

  /**
   * Draw all that belongs to one frame at once: the t printed is the t of the frame shown.
   * @param {number} frame
   */
  draw(frame) {
    const { data, tiles } = this
    if (!data || !tiles) return
    this.frame = frame
    const t = data.t[frame].toFixed(data.digits)
    setText(this.output, `t = ${t}`)
    this.root.dataset.frame = String(frame)
    for (const view of this.views) view.draw(frame, tiles)
    if (Number(this.slider.value) !== frame) this.slider.value = String(frame)
    this.slider.setAttribute("aria-valuetext", `t ${t}, ${data.places[frame]}`)
    this.charts.draw(frame)
  }

  /** @param {PointerEvent} event */
  frameAt(event) {
    const box = this.slider.getBoundingClientRect()
    const inset = parseFloat(getComputedStyle(this.root).getPropertyValue("--inset"))
    const along = (event.clientX - box.left - inset) / (box.width - 2 * inset)
    return Math.round(clamp(along, 0, 1) * this.last)
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
      this.take(this.frameAt(event))
    })
    area.addEventListener("pointermove", (event) => held && this.take(this.frameAt(event)))
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
    if (!on) return
    const { last } = this
    const seconds = SECONDS_A_PIECE * (this.data.waypoints.length - 1)
    let along = this.frame === last ? 0 : this.frame / last
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
          this.draw(last)
          this.play(false)
          return this.rest()
        }
      }
      this.draw(Math.round(along * last))
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }

  close() {
    this.playing = false
    clearTimeout(this.pause)
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
