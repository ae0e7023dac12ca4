// The scrubber: frames of one or more paths, drawn at display rate from sprites that the browser holds.
// Nothing is sent while a hand moves; onRelease(t) is called when it rests.

import { button, clamp, element, setPressed, setText } from "../dom.js"
import { Sprite, pen } from "../sprite.js"
import { Charts } from "./charts.js"
import { Films } from "./films.js"
import { RELEASE_PAUSE, View, WIDE, smoothing, waypoint } from "./stage.js"

/**
 * @typedef {import("../sprite.js").SpriteData} SpriteData
 *
 * t and what is said of it, frame by frame; tiles: the small pictures that the rest names by number.
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
    /** @type {Sprite | null} */
    this.tiles = null
    this.generation = 0 // of the data
    this.frame = this.wanted = 0
    this.request = 0 // of a frame of the display
    this.pause = 0
    this.playing = this.looping = false
    /** The t that the page asked for, and the one that was obeyed. */
    this.start = 0
    this.started = NaN
    this.slider = element("input", { type: "range", class: "slider", min: 0, step: 1, value: 0 })
    this.slider.addEventListener("input", () => this.take(Number(this.slider.value)))
    this.slider.addEventListener("change", () => this.rest())
    this.slider.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault()
        this.turn()
      }
    })
    this.output = element("output", { class: "t" })
    this.playButton = button("Play", () => this.turn(), { class: "play" })
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
    root.replaceChildren(element("div", { class: "layout" }, this.stage, timeline))
    // By hand and not by a container query: that would cost every frame a second layout.
    this.observer = new ResizeObserver(() => {
      this.root.toggleAttribute("data-wide", this.root.clientWidth >= WIDE)
      this.films.draw()
    })
    this.observer.observe(this.root)
  }

  /**
   * New data: other images, or another path. Keeps t, the nodes, and what is pressed.
   * @param {Content} data
   */
  async update(data) {
    const generation = ++this.generation
    this.start = data.start
    this.root.setAttribute("aria-busy", "true")
    /** @type {Sprite[]} */
    let sprites
    try {
      sprites = await Promise.all([data.tiles, ...data.views.map((view) => view.sprite)].map(Sprite.load))
    } catch {
      this.stage.replaceChildren(element("p", { class: "remark" }, "The frames could not be read."))
      return
    }
    if (generation !== this.generation) return
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
    if (!this.data) return // it is still on its way, and will stand there
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
   * A hand has moved: draw at the next frame of the display.
   * @param {number} frame
   */
  take(frame) {
    clearTimeout(this.pause)
    this.play(false)
    this.schedule(frame)
  }

  /** @param {number} frame */
  schedule(frame) {
    this.wanted = clamp(frame, 0, this.last)
    this.request ||= requestAnimationFrame(() => {
      this.request = 0
      this.draw(this.wanted)
    })
  }

  rest() {
    clearTimeout(this.pause)
    this.pause = window.setTimeout(() => this.onRelease(this.times[this.frame]), RELEASE_PAUSE)
  }

  /**
   * Everything that belongs to one frame, at once: the t printed is the t of the frame shown.
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
   * Films and charts are scrubbed like the slider.
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

  // Play, or pause and tell where.
  turn() {
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
 * Light or dark, by the ground that the scrubber lies on.
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
 * In a file alone the root is dark where the person wants it so, now and later.
 * @param {HTMLElement} root
 */
export function followTheme(root) {
  const ground = () => root.toggleAttribute("data-dark", isDark(root))
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ground)
  ground()
}
