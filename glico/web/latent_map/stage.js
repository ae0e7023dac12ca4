// The stage: the canvases and panes of the maps, their size, their camera, and when they are drawn.

import { clamp, element, setText } from "../dom.js"
import { pen } from "../sprite.js"
import { FlatCamera, SpaceCamera } from "./camera.js"
import { surroundings } from "./geometry.js"
import { drawGround } from "./ground.js"
import { press } from "./keys.js"
import { drawMarks } from "./marks.js"
import { Points } from "./points.js"

/**
 * @typedef {Pick<import("./latent_map.js").LatentMap, "content" | "gestures" | "hover" | "motion" | "probe" | "root" | "selection" | "show" | "stage">} Host what this part needs of the map
 * @typedef {import("./geometry.js").Picture} Picture
 * @typedef {"pan" | "select" | "lasso"} Tool
 */

const GAP = 14 // CSS pixels between the maps
const TITLE = 30 // CSS pixels above each map
const NARROW = 640 // CSS pixels; on a narrower stage the maps are stacked

export class Stage {
  /** @param {Host} map */
  constructor(map) {
    this.map = map
    /** @type {FlatCamera | SpaceCamera} */
    this.camera = new FlatCamera({ middle: [0, 0, 0], span: 1 })
    /** @type {Picture[]} the maps as they were drawn last */
    this.pictures = []
    /** @type {Tool} */
    this.tool = "pan"
    this.colours = { ink: "", paper: "", accent: "", faint: "", ground: [1, 1, 1] }
    this.dotSize = this.thumbSize = 10
    this.stale = false
    this.frames = this.request = 0

    this.ground = element("canvas", { "aria-hidden": "true" })
    const canvas = element("canvas", { class: "points", "aria-hidden": "true" })
    this.marks = element("canvas", { class: "marks", "aria-hidden": "true" })
    this.layers = [this.ground, canvas, this.marks]
    this.panes = [0, 1].map((k) => {
      const pane = element("div", { class: "pane", role: "application", tabindex: 0 })
      pane.addEventListener("keydown", (event) => press(map, k, event))
      return pane
    })
    this.titles = this.panes.map(() => element("span", { class: "title" }))
    this.message = element("p", { class: "message", role: "alert", hidden: true })
    const zoomKey = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl"
    this.hint = element("p", { class: "zoom-hint", hidden: true }, `To zoom, hold ${zoomKey} or click the map first.`)
    const above = [map.hover.card.node, map.probe.node, this.hint, this.message]
    const parts = [...this.layers, ...this.panes, ...this.titles, ...above]
    this.node = element("div", { class: "stage" }, ...parts)
    this.points = new Points(canvas)
    this.points.onRestored = () => this.upload()
    this.observer = new ResizeObserver(() => this.resize())
    this.observer.observe(this.node)
  }

  /** Upload everything to the graphics card. */
  upload() {
    const { points } = this
    const { content, selection } = this.map
    points.forget()
    points.keep("shapes", content.shapes)
    points.keep("states", selection.states)
    content.inks.forEach((inks, k) => points.keep(`colours ${k}`, inks))
    for (const { key, positions, film, before } of content.maps) {
      points.keep(key, positions)
      if (film) points.keep(`${key} film`, film)
      if (before) points.keep(`${key} before`, before)
    }
    if (content.sheet && !points.grid) points.setSheet(content.sheet)
    this.wake()
  }

  /** Bring all points of a new layout into view. */
  goHome() {
    const { maps, components } = this.map.content
    const home = surroundings(maps.map(({ positions }) => positions))
    this.camera = components === 3 ? new SpaceCamera(home) : new FlatCamera(home)
  }

  resize(ratio = Math.min(devicePixelRatio || 1, 2)) {
    const width = this.node.clientWidth
    const maps = this.map.content.maps.length
    if (!width || !maps) return
    const { root } = this.map
    const full = document.fullscreenElement === root
    const highest = full ? innerHeight - (root.scrollHeight - this.node.clientHeight) - TITLE : innerHeight * 0.62
    const one = this.stacked ? Math.min(width, 420) : clamp(width / maps, 320, Math.max(360, highest))
    const height = Math.round(one + TITLE) * (this.stacked ? maps : 1)
    if (this.node.clientHeight !== height) this.node.style.height = `${height}px`
    for (const canvas of this.layers) {
      const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) }
      if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size)
    }
    this.wake()
  }

  get stacked() {
    return this.node.clientWidth < NARROW && this.map.content.maps.length > 1
  }

  /** Return the box of each map on the stage, below its title. */
  boxes() {
    const { clientWidth: width, clientHeight: height } = this.node
    const { maps } = this.map.content
    const across = this.stacked ? width : (width - GAP * (maps.length - 1)) / maps.length
    const upward = this.stacked ? height / maps.length : height
    return maps.map((_, k) => ({
      left: this.stacked ? 0 : k * (across + GAP),
      top: (this.stacked ? k * upward : 0) + TITLE,
      width: across,
      height: upward - TITLE,
    }))
  }

  /**
   * Return the map at (x, y), or -1.
   * @param {number} x
   * @param {number} y
   */
  mapUnder(x, y) {
    return this.pictures.findIndex(
      ({ left, top, width, height }) => x >= left && x <= left + width && y >= top && y <= top + height,
    )
  }

  theme() {
    const style = getComputedStyle(this.map.root)
    const [ink, ground] = [style.color, style.backgroundColor].map((colour) =>
      (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number),
    )
    const faint = `rgb(${ground.map((value, i) => Math.round(value + (ink[i] - value) * 0.13)).join()})`
    const accent = style.getPropertyValue("--st-primary-color").trim()
    const share = ground.map((value) => value / 255)
    this.colours = { ink: style.color, paper: style.backgroundColor, accent, faint, ground: share }
  }

  /** Look at another part of the maps. @param {(camera: FlatCamera | SpaceCamera) => void} change */
  look(change) {
    change(this.camera)
    this.wake()
  }

  /** @param {Tool} tool */
  setTool(tool) {
    this.tool = tool
    this.map.show()
    this.wake()
  }

  /** Draw at the display's next frame, and continue while something moves. */
  wake() {
    this.stale = true
    this.watch()
  }

  /** Count frames only while the pointer is pressed or moving: a rest would look like slow graphics. */
  watch() {
    this.request ||= requestAnimationFrame((now) => {
      this.request = 0
      const { root, content, motion, gestures } = this.map
      if (!root.isConnected || !content.maps.length) return
      gestures.follow()
      const moving = motion.advance(now)
      const { held } = gestures
      motion.thinning.follow(now, moving || held, content.count)
      if (moving || this.stale) this.draw(now)
      this.stale = false
      if (moving || held) this.watch()
    })
  }

  /** @param {number} now */
  draw(now) {
    const { content, motion, selection, root } = this.map
    const { thumbnails } = selection.choice
    const boxes = this.boxes()
    this.pictures = boxes.map((box, k) => ({ ...box, matrix: this.camera.matrix(box), ...motion.source(k, now) }))
    // at 1440 pixels no larger than half of the shipped maps' points are from their nearest
    this.dotSize = clamp(31 / content.count ** 0.22, 2.6, 12)
    this.thumbSize = clamp(1.1 * Math.sqrt((boxes[0].width * boxes[0].height) / content.count), 14, 32)
    const dot = this.dotSize + (content.shapes.some(Boolean) ? 1.5 : 0)
    this.points.draw(
      this.pictures.map((picture, k) => ({ ...picture, colours: `colours ${k}` })),
      {
        count: content.count,
        ground: this.colours.ground,
        size: thumbnails ? this.thumbSize : dot,
        thumbnails,
        depth: content.components === 3,
        dimmed: selection.anyDimmed,
        every: motion.thinning.every,
      },
    )
    const under = this.cleared(this.ground)
    drawGround(under, this.pictures, this.camera.surroundings, content.components, this.colours.faint)
    this.showPanes()
    this.drawMarks()
    root.dataset.frames = String(++this.frames)
    root.dataset.look = this.camera.look.join(" ")
  }

  showPanes() {
    this.panes.forEach((pane, k) => {
      const picture = this.pictures[k]
      const title = this.titles[k]
      pane.hidden = title.hidden = !picture
      if (!picture) return
      const { left, top, width, height } = picture
      pane.style.inset = `${top}px auto auto ${left}px`
      pane.style.width = `${width}px`
      pane.style.height = `${height}px`
      title.style.inset = `${top - TITLE}px auto auto ${left}px`
      title.style.width = `${width}px`
      setText(title, this.map.motion.title(k))
      if (title.title !== title.textContent) title.title = title.textContent ?? ""
    })
    this.node.toggleAttribute("data-far", this.tool === "pan" && !this.camera.near)
  }

  drawMarks() {
    drawMarks(this.map, this.cleared(this.marks))
  }

  /**
   * Return a layer, cleared, in CSS pixels.
   * @param {HTMLCanvasElement} canvas
   */
  cleared(canvas) {
    const context = pen(canvas)
    const ratio = canvas.width / this.node.clientWidth
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, this.node.clientWidth, this.node.clientHeight)
    return context
  }

  /** Set what dragging does, and describe each map to screen readers. */
  show() {
    const { maps, count, components } = this.map.content
    this.node.dataset.tool = this.tool === "pan" && components === 3 ? "turn" : this.tool
    this.panes.forEach((pane, k) => {
      const map = `Map of ${maps[k]?.title ?? ""}: ${count} points.`
      const keys = "Arrow keys go from point to point, Enter chooses, Shift and Enter select, plus and minus zoom."
      pane.setAttribute("aria-label", `${map} ${keys}`)
    })
  }

  /** @param {Error} error */
  fail(error) {
    this.message.textContent = `The map cannot be drawn: ${error.message}`
    this.message.hidden = false
  }

  close() {
    this.observer.disconnect()
    this.points.close()
  }
}
