// The latent map: one or two projections of the same images, linked. Nothing is sent to the server while a hand
// moves; what is chosen is told when it rests.

import { clamp, element, setText } from "../dom.js"
import { Sprite, pen } from "../sprite.js"
import { FlatCamera, SpaceCamera } from "./camera.js"
import { Card } from "./card.js"
import { Controls } from "./controls.js"
import { Dock } from "./dock.js"
import { extras, loadSheets } from "./extras.js"
import { decode, decodePlaces, eachOnStage, fromRanges, onStage, pointAt, surroundings, toRanges } from "./geometry.js"
import { Gestures } from "./gestures.js"
import { drawGround } from "./ground.js"
import { GREY, classMarks, scaled } from "./ink.js"
import { press } from "./keys.js"
import { Legend } from "./legend.js"
import { drawMarks } from "./marks.js"
import { Motion } from "./motion.js"
import { Neighbours } from "./neighbours.js"
import { DIMMED, HIDDEN, Points, SHOWN } from "./points.js"

/**
 * @typedef {import("../sprite.js").SpriteData} SpriteData
 * @typedef {import("./geometry.js").Picture} Picture
 * @typedef {import("./extras.js").ExtraMap} ExtraMap
 * @typedef {"map" | "morph" | "film" | "path"} Mode
 * @typedef {"pan" | "select" | "lasso"} Tool
 *
 * A projection of the n images. Arrays are base64 of little-endian bytes: positions (n, c) float32; near (n, k) int32,
 * each code's nearest, and the angles (n, k) float32 to them in degrees; film (s, n, c) float32 at the steps of the
 * training, null until it is asked for.
 * @typedef {{ title: string, positions: string, near: string, angles: string, film: string | null,
 *   steps: number[] }} MapData
 *
 * The codes of a path from image a to image b, and what each map's generator makes of them.
 * @typedef {{ a: number, b: number, maps: ExtraMap[] }} PathData
 *
 * images names the images and layout the layout: the page keeps its state while they stay. labels (n,) int16,
 * indices (n,) int32: places in the data set; names: of their files, where they have any.
 * @typedef {{ images: string, layout: string, components: 2 | 3, count: number, labels: string, indices: string,
 *   classNames: string[], names: string[], sheet: SpriteData, maps: MapData[], palette: string[],
 *   values: import("./ink.js").ValueData[], opening: Choice, path: PathData | null,
 *   generated: import("./extras.js").GeneratedData | null,
 *   photographs: import("./extras.js").PhotographData | null,
 *   asked: { serial: number, choice: Partial<Choice> } | null }} Content
 *
 * hidden: labels; neighbours: how many are drawn; a and b: rows; selected: runs of rows; at: where the mode stands.
 * @typedef {{ hidden: number[], thumbnails: boolean, neighbours: number, a: number | null, b: number | null,
 *   selected: string, mode: Mode, at: number, colour: string }} Choice
 *
 * A point under the hand: the row of its image, or beyond them the number of an extra; and in which map.
 * @typedef {{ index: number, map: number }} Found
 */

const NEAR = 16 // CSS pixels within which a point answers to the pointer
const REST = 200 // ms of rest after which the choice is told
const GAP = 14 // CSS pixels between the maps
const TITLE = 30 // CSS pixels above each map
const NARROW = 640 // CSS pixels; below, the maps stand one above the other

/** One projection, decoded. */
export class Layout {
  /**
   * @param {MapData} data
   * @param {string} key
   * @param {number} components
   * @param {number} count
   */
  constructor(data, key, components, count) {
    this.key = key
    this.title = data.title
    this.steps = data.steps
    this.positions = decodePlaces(data.positions, components)
    this.film = data.film && decodePlaces(data.film, components)
    this.near = decode(data.near, Int32Array)
    this.angles = decode(data.angles, Float32Array)
    this.kept = this.near.length / count // neighbours of each
    /** @type {Float32Array | null} the positions of the layout before */
    this.before = null
  }
}

export class LatentMap {
  /**
   * @param {HTMLElement} root
   * @param {boolean} alone whether there is no page to go to from here
   */
  constructor(root, alone = false) {
    this.root = root
    /** @type {(choice: Choice) => void} */
    this.onRest = () => {}
    /** @type {(choice: Choice) => void} */
    this.onInterpolate = () => {}
    /** @type {Choice} */
    this.choice = {
      hidden: [], thumbnails: false, neighbours: 0, a: null, b: null, selected: "", mode: "map", at: 1, colour: "",
    } // prettier-ignore
    /** @type {Content | null} */
    this.data = null
    /** @type {Layout[]} */
    this.maps = []
    this.labels = new Int16Array()
    this.indices = new Int32Array()
    this.states = new Uint8Array()
    this.shapes = new Uint8Array()
    /** @type {Uint8Array[]} of every point, in each map */
    this.inks = []
    /** @type {Sprite | null} */
    this.sheet = null
    this.sheetUrl = ""
    /** @type {import("./extras.js").Extra[]} */
    this.extras = []
    this.extrasOf = this.valuesOf = ""
    this.obeyed = 0 // the serial of what the page asked for last
    /** @type {{ ends: number[], places: Float32Array[][], sheets: (Sprite | null)[] } | null} */
    this.path = null
    this.pathOf = ""
    /** @type {FlatCamera | SpaceCamera} */
    this.camera = new FlatCamera({ middle: [0, 0, 0], span: 1 })
    this.components = 2
    /** @type {Picture[]} the maps as they were drawn last */
    this.pictures = []
    /** @type {Found | null} */
    this.hovered = null
    /** @type {Set<number>} */
    this.gathered = new Set()
    /** @type {Set<number> | null} what an outline holds while it is drawn */
    this.gathering = null
    /** @type {((index: number) => boolean) | null} which points are pointed at in the legend, or looked for */
    this.lit = null
    /** @type {Tool} */
    this.tool = "pan"
    this.colours = { ink: "", paper: "", accent: "", faint: "", ground: [1, 1, 1] }
    this.dotSize = this.thumbSize = 10
    this.anyDimmed = this.stale = false
    this.frames = this.request = this.resting = 0
    this.markOf = classMarks([], 0)

    this.ground = element("canvas", { "aria-hidden": "true" })
    this.canvas = element("canvas", { class: "points", "aria-hidden": "true" })
    this.marks = element("canvas", { class: "marks", "aria-hidden": "true" })
    this.layers = [this.ground, this.canvas, this.marks]
    this.panes = [0, 1].map((k) => {
      const pane = element("div", { class: "pane", role: "application", tabindex: 0 })
      pane.addEventListener("keydown", (event) => press(this, k, event))
      return pane
    })
    this.titles = this.panes.map(() => element("span", { class: "title" }))
    this.card = new Card()
    this.message = element("p", { class: "message", role: "alert", hidden: true })
    const parts = [...this.layers, ...this.panes, ...this.titles, this.card.node, this.message]
    this.stage = element("div", { class: "stage" }, ...parts)
    this.live = element("div", { class: "unseen", "aria-live": "polite" })
    this.points = new Points(this.canvas)
    this.points.onRestored = () => this.upload()
    this.motion = new Motion(this)
    this.controls = new Controls(this)
    this.legend = new Legend(this)
    this.dock = new Dock(alone ? null : () => this.interpolate(), () => this.clear())
    this.neighbours = new Neighbours(this)
    const under = [this.legend.scale, this.legend.node, this.dock.node, this.neighbours.node, this.live]
    root.replaceChildren(this.controls.node, this.stage, ...under)
    this.gestures = new Gestures(this)
    this.observer = new ResizeObserver(() => this.resize())
    this.observer.observe(this.stage)
  }

  // ---- content -------------------------------------------------------------------------------------------------

  /** @param {Content} data */
  async update(data) {
    const same = this.data?.images === data.images
    const turned = !this.data || this.data.components !== data.components
    const moved = !same || turned || this.data?.layout !== data.layout
    const before = same && !turned && moved ? this.maps : null
    this.data = data
    this.theme()
    if (!same) this.open(data)
    if (moved) {
      this.components = data.components
      this.maps = data.maps.map((map, k) => new Layout(map, `${k} ${data.layout}`, data.components, data.count))
      const home = surroundings(this.maps.map(({ positions }) => positions))
      this.camera = data.components === 3 ? new SpaceCamera(home) : new FlatCamera(home)
    } else {
      data.maps.forEach(({ film, title }, k) => {
        this.maps[k].title = title
        if (!film || this.maps[k].film) return
        this.maps[k].film = decodePlaces(film, data.components)
        this.points.keep(`${this.maps[k].key} film`, this.maps[k].film)
      })
    }
    const values = JSON.stringify(data.values)
    if (moved || values !== this.valuesOf) {
      this.valuesOf = values
      this.paint()
      this.upload()
    }
    if (moved) this.motion.settleFrom(before)
    if (!same) this.controls.showAt(this.choice.at, this.motion.title(0))
    this.giveUp()
    this.setStates()
    this.show()
    this.resize()
    this.root.setAttribute("data-ready", data.layout)
    await Promise.all([this.loadSheet(data.sheet), this.loadExtras(data), this.loadPath(data.path)])
    this.obey(data.asked)
    this.show()
    this.wake()
  }

  /**
   * Other images: the state that the page opens with; later the map keeps its own.
   * @param {Content} data
   */
  open(data) {
    const { count, opening } = data
    Object.assign(this.choice, opening)
    this.gathered = new Set(fromRanges(this.choice.selected, count))
    this.hovered = this.lit = null
    this.labels = decode(data.labels, Int16Array)
    this.indices = decode(data.indices, Int32Array)
    this.states = new Uint8Array(count)
    this.markOf = classMarks(data.palette, data.classNames.length)
    this.shapes = Uint8Array.from(this.labels, (label) => this.markOf(label).shape)
  }

  /** A and B that are no longer there are none. */
  giveUp() {
    for (const name of /** @type {const} */ (["a", "b"])) {
      const row = this.choice[name]
      if (row != null && row >= this.choosable) this.choice[name] = null
    }
  }

  /**
   * Choose what the page asks for, once.
   * @param {Content["asked"]} asked
   */
  obey(asked) {
    if (!asked || asked.serial === this.obeyed) return
    this.obeyed = asked.serial
    Object.assign(this.choice, asked.choice)
    this.giveUp()
    this.changed()
  }

  /** The colour of every point in each map: its class's, or that of its value. */
  paint() {
    const value = this.value()
    this.inks = this.maps.map((_, k) => {
      const inks = new Uint8Array(this.count * 3)
      const numbers = value && decode(value.maps[k], Float32Array)
      for (let i = 0; i < this.count; i++) {
        const share = value && numbers ? (numbers[i] - value.low) / (value.high - value.low || 1) : 0
        inks.set(numbers ? scaled(share) : this.markOf(this.labels[i]).rgb, i * 3)
      }
      return inks
    })
  }

  /** Everything onto the graphics card. */
  upload() {
    const { points } = this
    points.forget()
    points.keep("shapes", this.shapes)
    points.keep("states", this.states)
    this.inks.forEach((inks, k) => points.keep(`colours ${k}`, inks))
    for (const { key, positions, film, before } of this.maps) {
      points.keep(key, positions)
      if (film) points.keep(`${key} film`, film)
      if (before) points.keep(`${key} before`, before)
    }
    if (this.sheet && !points.grid) points.setSheet(this.sheet)
    this.wake()
  }

  /** @param {SpriteData} data */
  async loadSheet(data) {
    if (this.sheetUrl === data.url) return
    this.sheetUrl = data.url
    const sheet = await Sprite.load(data)
    if (this.sheetUrl !== data.url) return
    this.sheet = sheet
    this.points.setSheet(sheet)
  }

  /** @param {Content} data */
  async loadExtras({ generated, photographs, components, layout }) {
    const name = JSON.stringify([layout, generated, photographs])
    if (name === this.extrasOf) return
    this.extrasOf = name
    const all = extras(generated, photographs, components, this.labels)
    this.hover(null)
    this.extras = all
    this.neighbours.shown = ""
    await loadSheets(all, generated, photographs)
  }

  /** @param {PathData | null} data */
  async loadPath(data) {
    const name = JSON.stringify([this.data?.layout, data])
    if (name === this.pathOf) return
    this.pathOf = name
    const sheets = await Promise.all((data?.maps ?? []).map(({ sheet }) => sheet && Sprite.load(sheet)))
    if (this.pathOf !== name) return
    const paths = (data?.maps ?? []).map(({ positions }) => {
      const flat = decodePlaces(positions, this.components)
      return Array.from({ length: flat.length / 3 }, (_, i) => flat.subarray(i * 3, i * 3 + 3))
    })
    this.path = data && { ends: [data.a, data.b], places: paths, sheets }
    if (!data && this.choice.mode === "path") this.motion.setMode("map")
  }

  get count() {
    return this.data?.count ?? 0
  }

  /** A and B are below this: the images, then the photographs. */
  get choosable() {
    return this.count + (this.data?.photographs?.choosable ?? 0)
  }

  /** The value that colours the points, undefined where the class does. */
  value() {
    return this.data?.values.find(({ name, maps }) => name === this.choice.colour && maps.length > 0)
  }

  /** @param {number} label */
  className(label) {
    return label < 0 ? "unlabelled" : (this.data?.classNames[label] ?? "")
  }

  /** @param {number} index */
  describe(index) {
    const extra = this.extras[index - this.count]
    if (extra) return extra.name
    return `${this.className(this.labels[index])} · image ${index}`
  }

  /**
   * @param {number} k
   * @param {number} index
   */
  inkOf(k, index) {
    return { rgb: Array.from(this.inks[k].subarray(index * 3, index * 3 + 3)), shape: this.shapes[index] }
  }

  /**
   * The rows of the images whose codes are nearest, nearest first.
   * @param {number} k
   * @param {number} index
   */
  nearOf(k, index) {
    if (index >= this.count) return Array.from(this.extras[index - this.count]?.near[k] ?? [])
    const { near, kept } = this.maps[k]
    return Array.from(near.subarray(index * kept, (index + 1) * kept))
  }

  /**
   * The angle in degrees to the neighbour at a place of that list, NaN where it is not known.
   * @param {number} k
   * @param {number} index
   * @param {number} place
   */
  angleOf(k, index, place) {
    if (index >= this.count) return this.extras[index - this.count]?.angles[k][place] ?? NaN
    const { angles, kept } = this.maps[k]
    return angles[index * kept + place] ?? NaN
  }

  /**
   * The picture of a point: its tile, and the sheet that holds it in map k.
   * @param {number} index
   * @param {number} k
   */
  pictureOf(index, k) {
    const extra = this.extras[index - this.count]
    return extra ? { sheet: extra.sheets[k], tile: extra.tile } : { sheet: this.sheet, tile: index }
  }

  /** Whether the points are where their layout has them. */
  atRest() {
    return ["map", "path"].includes(this.choice.mode) && !this.motion.settling
  }

  shownExtras() {
    if (!this.atRest()) return []
    return this.extras.filter(({ label }) => label == null || !this.choice.hidden.includes(label))
  }

  pathFrame() {
    return Math.round(this.choice.at * ((this.path?.places[0].length ?? 1) - 1))
  }

  // ---- the stage -----------------------------------------------------------------------------------------------

  resize(ratio = Math.min(devicePixelRatio || 1, 2)) {
    const width = this.stage.clientWidth
    const maps = this.maps.length
    if (!width || !maps) return
    const one = this.stacked ? Math.min(width, 420) : clamp(width / maps, 320, Math.max(360, innerHeight * 0.62))
    const height = Math.round(one + TITLE) * (this.stacked ? maps : 1)
    if (this.stage.clientHeight !== height) this.stage.style.height = `${height}px`
    for (const canvas of this.layers) {
      const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) }
      if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size)
    }
    this.wake()
  }

  get stacked() {
    return this.stage.clientWidth < NARROW && this.maps.length > 1
  }

  /** Where each map is on the stage, below its title. */
  boxes() {
    const { clientWidth: width, clientHeight: height } = this.stage
    const maps = this.maps.length
    const across = this.stacked ? width : (width - GAP * (maps - 1)) / maps
    const upward = this.stacked ? height / maps : height
    return this.maps.map((_, k) => ({
      left: this.stacked ? 0 : k * (across + GAP),
      top: (this.stacked ? k * upward : 0) + TITLE,
      width: across,
      height: upward - TITLE,
    }))
  }

  theme() {
    const style = getComputedStyle(this.root)
    const [ink, ground] = [style.color, style.backgroundColor].map((colour) =>
      (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number),
    )
    const faint = `rgb(${ground.map((value, i) => Math.round(value + (ink[i] - value) * 0.13)).join()})`
    const accent = style.getPropertyValue("--st-primary-color").trim()
    const share = ground.map((value) => value / 255)
    this.colours = { ink: style.color, paper: style.backgroundColor, accent, faint, ground: share }
  }

  /** @param {Error} error */
  fail(error) {
    this.message.textContent = `The map cannot be drawn: ${error.message}`
    this.message.hidden = false
  }

  /** Draw at the display's next frame, and go on for as long as something moves. */
  wake() {
    this.stale = true
    this.watch()
  }

  /** Frames are counted while a hand is on the maps, or its rest would be taken for slow graphics. */
  watch() {
    this.request ||= requestAnimationFrame((now) => {
      this.request = 0
      if (!this.root.isConnected || !this.maps.length) return
      const moving = this.motion.advance(now)
      const { held } = this.gestures
      this.motion.thinning.follow(now, moving || held, this.count)
      if (moving || this.stale) this.draw(now)
      this.stale = false
      if (moving || held) this.watch()
    })
  }

  /** @param {number} now */
  draw(now) {
    const { thumbnails } = this.choice
    const boxes = this.boxes()
    this.pictures = boxes.map((box, k) => ({ ...box, matrix: this.camera.matrix(box), ...this.motion.source(k, now) }))
    this.dotSize = clamp(33 / this.count ** 0.22, 2.6, 12)
    this.thumbSize = clamp(1.1 * Math.sqrt((boxes[0].width * boxes[0].height) / this.count), 14, 32)
    const dot = this.dotSize + (this.shapes.some(Boolean) ? 1.5 : 0)
    this.points.draw(
      this.pictures.map((picture, k) => ({ ...picture, colours: `colours ${k}` })),
      {
        count: this.count,
        ground: this.colours.ground,
        size: thumbnails ? this.thumbSize : dot,
        thumbnails,
        depth: this.components === 3,
        dimmed: this.anyDimmed,
        every: this.motion.thinning.every,
      },
    )
    const under = this.cleared(this.ground)
    drawGround(under, this.pictures, this.camera.surroundings, this.components, this.colours.faint)
    this.showPanes()
    this.drawMarks()
    this.root.dataset.frames = String(++this.frames)
    this.root.dataset.look = this.camera.look.join(" ")
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
      setText(title, this.motion.title(k))
      if (title.title !== title.textContent) title.title = title.textContent ?? ""
    })
    this.stage.toggleAttribute("data-far", this.tool === "pan" && !this.camera.near)
  }

  drawMarks() {
    drawMarks(this, this.cleared(this.marks))
  }

  /**
   * A layer, cleared, in CSS pixels.
   * @param {HTMLCanvasElement} canvas
   */
  cleared(canvas) {
    const context = pen(canvas)
    const ratio = canvas.width / this.stage.clientWidth
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, this.stage.clientWidth, this.stage.clientHeight)
    return context
  }

  /** Look at another part of the maps. @param {(camera: FlatCamera | SpaceCamera) => void} change */
  look(change) {
    change(this.camera)
    this.wake()
  }

  // ---- the hand ------------------------------------------------------------------------------------------------

  /**
   * @param {number} x
   * @param {number} y
   */
  mapUnder(x, y) {
    return this.pictures.findIndex(
      ({ left, top, width, height }) => x >= left && x <= left + width && y >= top && y <= top + height,
    )
  }

  /**
   * The point nearest to (x, y) on the stage, extras too, or null.
   * @param {number} x
   * @param {number} y
   * @returns {Found | null}
   */
  pick(x, y) {
    const map = this.mapUnder(x, y)
    if (map < 0) return null
    const picture = this.pictures[map]
    let best = Math.max(NEAR, this.choice.thumbnails ? this.thumbSize / 2 : 0) ** 2
    let index = -1
    const consider = (/** @type {number} */ i, /** @type {number} */ px, /** @type {number} */ py) => {
      const away = (px - x) ** 2 + (py - y) ** 2
      if (away >= best) return
      best = away
      index = i
    }
    eachOnStage(picture, this.states, consider)
    for (const extra of this.shownExtras()) {
      consider(this.count + this.extras.indexOf(extra), ...onStage(picture, extra.places[map]))
    }
    return index < 0 ? null : { index, map }
  }

  /**
   * @param {Found | null} found
   * @param {boolean} quiet whether a screen reader is told nothing
   */
  hover(found, quiet = false) {
    if (found?.index === this.hovered?.index && found?.map === this.hovered?.map) return
    this.hovered = found
    this.root.dataset.hovered = String(found?.index ?? "")
    this.drawMarks()
    if (!found) return this.card.hide()
    const { index, map } = found
    const extra = this.extras[index - this.count]
    const label = extra ? extra.label : this.labels[index]
    const name = extra?.name || (label == null ? "" : this.className(label))
    const note = extra ? extra.note : this.note(index, map)
    const picture = this.pictures[map]
    this.card.show(onStage(picture, extra ? extra.places[map] : pointAt(picture, index, this.count)), this.stage, {
      ...this.pictureOf(index, map),
      name,
      note,
      rgb: label == null ? GREY : this.markOf(label).rgb,
    })
    if (!quiet) setText(this.live, extra ? `${name} ${note}` : `image ${index}, class ${name}`)
  }

  /**
   * @param {number} index
   * @param {number} map
   */
  note(index, map) {
    const label = this.labels[index]
    const near = this.nearOf(map, index).slice(0, 5)
    const own = near.filter((i) => this.labels[i] === label).length
    const value = this.value()
    const number = value && decode(value.maps[map], Float32Array)[index]
    return [
      this.data?.names[index] ?? "",
      `image ${index}`,
      label >= 0 && near.length ? `${own} of its ${near.length} nearest share its class` : "",
      value && number != null && !Number.isNaN(number) ? `${value.title} ${number.toFixed(value.digits)}` : "",
    ]
      .filter(Boolean)
      .join("\n")
  }

  // ---- the choice ----------------------------------------------------------------------------------------------

  /**
   * A click: first A, then B, then A anew.
   * @param {number} [index]
   */
  choose(index) {
    if (index == null || index >= this.choosable) return
    const { choice } = this
    if (choice.a == null || choice.b != null) Object.assign(choice, { a: index, b: null })
    else if (index !== choice.a) choice.b = index
    this.changed()
    this.wake()
  }

  /**
   * Into the selection, or out of it.
   * @param {number} [index]
   */
  turn(index) {
    if (index == null || index >= this.count) return
    if (!this.gathered.delete(index)) this.gathered.add(index)
    this.setStates()
    this.changed()
  }

  /**
   * @param {Set<number>} found
   * @param {boolean} done whether the outline is finished
   */
  gather(found, done) {
    this.gathering = done ? null : found
    if (done) this.gathered = found
    this.setStates()
    if (done) this.changed()
  }

  /** @param {((index: number) => boolean) | null} wanted */
  select(wanted) {
    if (!wanted) return
    this.lit = null
    this.gather(new Set([...this.labels.keys()].filter(wanted)), true)
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
    const gathered = this.gathering ?? this.gathered
    const off = new Set(this.choice.hidden)
    const hidden = (/** @type {number} */ i) => off.has(this.labels[i])
    const { lit } = this
    const seen = lit && [...this.labels.keys()].some((i) => !hidden(i) && lit(i))
    const shines = seen ? lit : gathered.size ? (/** @type {number} */ i) => gathered.has(i) : null
    this.anyDimmed = shines != null
    for (let i = 0; i < this.count; i++) this.states[i] = hidden(i) ? HIDDEN : shines && !shines(i) ? DIMMED : SHOWN
    this.points.keep("states", this.states)
    this.root.dataset.selected = String(gathered.size)
    this.wake()
  }

  clear() {
    this.gathered.clear()
    Object.assign(this.choice, { a: null, b: null })
    this.setStates()
    this.changed()
  }

  /** @param {Tool} tool */
  setTool(tool) {
    this.tool = tool
    this.show()
    this.wake()
  }

  toggleThumbnails() {
    this.choice.thumbnails = !this.choice.thumbnails
    this.changed()
    this.wake()
  }

  /** @param {number[]} hidden labels */
  setHidden(hidden) {
    this.choice.hidden = hidden
    this.setStates()
    this.changed()
  }

  /** @param {string} name of a value, "" for the class */
  setColour(name) {
    this.choice.colour = name
    this.paint()
    this.upload()
    this.changed()
  }

  /** What was chosen changed: show it, and tell it when the hand rests. */
  changed() {
    this.choice.selected = toRanges([...this.gathered].sort((x, y) => x - y))
    this.show()
    this.tell()
  }

  show() {
    this.controls.show()
    this.legend.show()
    this.stage.dataset.tool = this.tool === "pan" && this.components === 3 ? "turn" : this.tool
    this.panes.forEach((pane, k) => {
      const map = `Map of ${this.maps[k]?.title ?? ""}: ${this.count} points.`
      const keys = "Arrow keys go from point to point, Enter chooses, Shift and Enter select, plus and minus zoom."
      pane.setAttribute("aria-label", `${map} ${keys}`)
    })
    const { a, b } = this.choice
    this.dock.show([a, b], this.gathered.size, (index) => ({
      ...this.pictureOf(index, this.maps.length - 1),
      name: this.describe(index),
    }))
    this.neighbours.show(b ?? a)
  }

  tell() {
    clearTimeout(this.resting)
    this.resting = window.setTimeout(() => this.onRest(this.told()), REST)
  }

  told() {
    return { ...this.choice, at: Math.round(this.choice.at * 1000) / 1000 }
  }

  /** The choice goes along, and nothing may follow: what is told later would be told from a page that is being left. */
  interpolate() {
    clearTimeout(this.resting)
    this.onInterpolate(this.told())
  }

  close() {
    clearTimeout(this.resting)
    this.observer.disconnect()
    this.points.close()
  }
}
