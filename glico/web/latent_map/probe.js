// An empty place under the hand: what each map's generator draws there, by a guess of the place's code.
//
// The code is the spherical mean of the codes whose points are nearest in the picture, weighted by nearness. A
// projection has no inverse, so that this is a guess, and the card says so with the angle to the nearest training image.

import { button, element, setText } from "../dom.js"
import { Generator, Newest } from "../generator/generator.js"
import { dot, sphericalMean } from "../generator/sphere.js"
import { Tile, paint, pen } from "../sprite.js"
import { placeBeside } from "./card.js"
import { decode, eachOnStage } from "./geometry.js"

/**
 * Where the graph of a weak classifier is, and the classes that have collapsed, whose predictions mean nothing.
 * @typedef {{ graph: string, collapsed: number[] }} ClassifierData
 *
 * The codes (n, d) float32 of a map as base64, the generator that they belong to, and the weak classifier if it has one.
 * @typedef {{ codes: string, generator: import("../generator/generator.js").GeneratorData,
 *   classifier: ClassifierData | null }} GeneratorSource
 *
 * An opened map: its codes, row by row.
 * @typedef {{ generator: Generator, codes: Float32Array[], collapsed: number[] }} Opened
 *
 * A pinned place that becomes A or B: its code in each map, null in a map without a generator.
 * @typedef {{ end: "a" | "b", codes: (number[] | null)[] }} PlaceChoice
 *
 * A place on the stage, in which map, and what is known of it in each map that has a generator.
 * @typedef {{ place: import("./geometry.js").Place, guesses: { map: number, code: Float32Array, nearest: number,
 *   degrees: number }[] }} Request
 *
 * @typedef {import("../generator/generator.js").Pictures} Pictures
 */

const NEAREST = 8 // points whose codes are averaged
const SHOWN = 5 // training images whose codes are nearest to a pinned one
const LIKELIEST = 3 // classes of the weak classifier
const SOFT = 4 // CSS pixels below which nearness counts no more
const DEGREES = 180 / Math.PI

export class Probe {
  /**
   * @param {Pick<import("./latent_map.js").LatentMap, "content" | "hover" | "motion" | "onPlace" | "root" | "selection" | "stage">} map
   * @param {boolean} alone whether the map is in a file, without a page to interpolate on
   */
  constructor(map, alone) {
    this.map = map
    /** @type {Request | null} what the card shows */
    this.request = null
    /** @type {(GeneratorSource | null)[]} */
    this.sources = []
    this.opening = 0 // counts what was opened, so that a late answer is known
    /** @type {(Opened | null)[] | null} null until they are opened */
    this.opened = null
    this.failed = false
    this.pinned = false
    /** @type {import("./geometry.js").Place | null} the empty place under the hand */
    this.sought = null
    this.newest = new Newest(
      (/** @type {Request} */ request) => this.draw(request),
      (pictures, request) => this.show(pictures, request),
    )
    this.pictures = element("div", { class: "pictures" })
    this.note = element("span")
    this.details = element("div", { class: "details" })
    const ends = /** @type {const} */ (["a", "b"]).map((end) => {
      const title = "One end of a path on Interpolate: the image becomes one of your photographs"
      return button(`Use as ${end.toUpperCase()}`, () => this.use(end), { title })
    })
    this.ends = element("div", { class: "actions" }, ...(alone ? [] : ends))
    const save = button("Save PNG", () => this.download())
    const unpin = button("Close", () => this.hide())
    this.actions = element("div", { class: "actions" }, save, unpin)
    this.more = element("div", { class: "more", hidden: true }, this.details, this.ends, this.actions)
    this.node = element("div", { class: "probe", hidden: true }, this.pictures, this.note, this.more)
    // A hand on a pinned card is not on the map, which would take the pointer away from the buttons.
    for (const type of ["pointerdown", "pointermove", "pointerup"]) {
      this.node.addEventListener(type, (event) => event.stopPropagation())
    }
  }

  /** @param {(GeneratorSource | null)[] | null} sources one of each map; null for a map without a generator */
  take(sources) {
    const given = sources ?? []
    const name = (/** @type {(GeneratorSource | null)[]} */ list) => list.map((one) => one?.generator.id).join(" ")
    if (name(given) === name(this.sources)) return
    this.close()
    this.sources = given
  }

  /** Whether an empty place can be drawn: in the plane, at rest, with a generator. */
  get possible() {
    const { content, motion } = this.map
    return !this.failed && content.components === 2 && this.sources.some(Boolean) && motion.atRest()
  }

  /** Start the generators: at the first need, since the runtime is large. */
  async open() {
    if (this.opened) return
    const serial = ++this.opening
    this.opened = []
    try {
      const opened = await Promise.all(
        this.sources.map(async (source) => {
          if (!source) return null
          const generator = await Generator.open(source.generator, source.classifier?.graph)
          const flat = decode(source.codes, Float32Array)
          const size = source.generator.dimension
          const codes = Array.from({ length: flat.length / size }, (_, i) => flat.subarray(i * size, (i + 1) * size))
          return { generator, codes, collapsed: source.classifier?.collapsed ?? [] }
        }),
      )
      if (serial !== this.opening) return opened.forEach((one) => one?.generator.close())
      this.opened = opened
      this.map.root.toggleAttribute("data-generators", true)
      if (this.sought && !this.map.hover.point) this.look(...this.sought)
    } catch {
      this.failed = true // the maps work as before, without what is between the points
    }
  }

  /**
   * The hand is at (x, y), where no point is.
   * @param {number} x
   * @param {number} y
   */
  look(x, y) {
    if (this.pinned) return
    this.sought = /** @type {import("./geometry.js").Place} */ ([x, y])
    const map = this.map.stage.mapUnder(x, y)
    if (map < 0 || !this.possible) return this.hide()
    this.open()
    const request = this.guess(x, y, map)
    if (request) this.newest.ask(request)
    else this.node.hidden = true // until the generators are open
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} map
   * @returns {Request | null}
   */
  guess(x, y, map) {
    const { stage, selection } = this.map
    /** @type {[number, number][]} squared distance and row, nearest first */
    const near = []
    eachOnStage(stage.pictures[map], selection.states, (i, px, py) => {
      const away = (px - x) ** 2 + (py - y) ** 2
      if (near.length === NEAREST && away >= near[NEAREST - 1][0]) return
      near.push([away, i])
      near.sort((one, other) => one[0] - other[0])
      if (near.length > NEAREST) near.pop()
    })
    if (!near.length) return null
    const weights = near.map(([away]) => 1 / (away + SOFT ** 2))
    const guesses = (this.opened ?? []).flatMap((opened, k) => {
      const mean = opened && sphericalMean(near.map(([, i]) => opened.codes[i]), weights) // prettier-ignore
      if (!mean) return []
      const cosines = opened.codes.map((code) => dot(code, mean))
      const nearest = cosines.reduce((best, cosine, i) => (cosine > cosines[best] ? i : best), 0)
      const degrees = Math.acos(Math.min(1, cosines[nearest])) * DEGREES
      return [{ map: k, code: Float32Array.from(mean), nearest, degrees }]
    })
    return guesses.length ? { place: [x, y], guesses } : null
  }

  /**
   * @param {Request} request
   * @returns {Promise<(Pictures | null)[]>}
   */
  draw({ guesses }) {
    const opened = this.opened ?? []
    return Promise.all(
      guesses.map(({ map, code }) => opened[map]?.generator.draw(code).catch(() => null) ?? Promise.resolve(null)),
    )
  }

  /**
   * @param {(Pictures | null)[]} pictures
   * @param {Request} request
   */
  show(pictures, request) {
    if (this.map.hover.point || !this.possible || this.pinned) return
    const { stage, content } = this.map
    const drawn = request.guesses.flatMap(({ map }, i) => {
      const picture = pictures[i]
      if (!picture) return []
      const canvas = element("canvas")
      paint(canvas, picture)
      return [element("figure", {}, canvas, element("figcaption", {}, content.maps[map].title))]
    })
    if (!drawn.length) return this.hide()
    this.pictures.replaceChildren(...drawn)
    const lines = request.guesses.map(
      ({ nearest, degrees }) => `${content.describe(nearest)}, ${degrees.toFixed(0)}° away`,
    )
    setText(this.note, ["A guess of what lies here; nearest by code:", ...new Set(lines)].join("\n"))
    this.request = request
    this.more.hidden = true
    this.node.hidden = false
    placeBeside(this.node, request.place, stage.node)
    this.map.root.dataset.probed = request.place.map(Math.round).join(" ")
  }

  /** A click at an empty place: what is shown stays, with more about it. Whether there was something to pin. */
  pin() {
    const { request } = this
    if (this.node.hidden || this.pinned || !request) return false
    this.pinned = true
    this.details.replaceChildren(...request.guesses.map((guess) => this.describe(guess)))
    const last = this.map.content.maps.length - 1 // whose checkpoint Interpolate shows
    this.ends.hidden = !request.guesses.some(({ map }) => map === last)
    this.more.hidden = false
    this.node.toggleAttribute("data-pinned", true)
    this.keepInside()
    return true
  }

  /** A pinned card has grown: it may not leave the stage, which would cut it off. */
  keepInside() {
    const { node } = this
    if (!this.pinned) return
    const lowest = Math.max(0, this.map.stage.node.clientHeight - node.offsetHeight)
    Object.assign(node.style, { top: `${Math.min(Math.max(0, node.offsetTop), lowest)}px`, bottom: "auto" })
  }

  /**
   * The nearest training images by code in one map, and what the weak classifier sees, as soon as it has answered.
   * @param {Request["guesses"][0]} guess
   */
  describe({ map, code }) {
    const { content } = this.map
    const opened = this.opened?.[map]
    const prediction = element("span", { class: "prediction" })
    if (!opened) return prediction
    const cosines = opened.codes.map((other) => dot(other, code))
    const nearest = [...cosines.keys()].sort((i, j) => cosines[j] - cosines[i]).slice(0, SHOWN)
    const tiles = nearest.map((index) => {
      const degrees = `${(Math.acos(Math.min(1, cosines[index])) * DEGREES).toFixed(0)}°`
      const tile = new Tile(`${content.describe(index)}, ${degrees} away`)
      if (content.sheet) tile.show(content.sheet, index)
      return element("figure", {}, tile.canvas, element("figcaption", {}, degrees))
    })
    const drawn = opened.generator.draw(code, null, true).catch(() => null)
    drawn.then((pictures) => {
      const likeliest = [...(pictures?.probabilities ?? [])].map((share, label) => ({ share, label }))
      likeliest.sort((one, other) => other.share - one.share)
      if (!likeliest.length || opened.collapsed.includes(likeliest[0].label)) return
      const named = likeliest.slice(0, LIKELIEST).filter(({ share }) => share >= 0.005)
      const words = named.map(({ share, label }) => `${content.className(label)} (${Math.round(100 * share)} %)`)
      setText(prediction, `The weak classifier sees ${words.join(", ")}`)
      this.keepInside()
    })
    const title = element("span", {}, `Nearest by code, ${content.maps[map].title}`)
    return element("section", {}, title, element("div", { class: "tiles" }, ...tiles), prediction)
  }

  /**
   * The pinned place becomes an end of a path.
   * @param {"a" | "b"} end
   */
  use(end) {
    const guesses = this.request?.guesses ?? []
    const codes = this.map.content.maps.map((_, k) => {
      const guess = guesses.find(({ map }) => map === k)
      return guess ? Array.from(guess.code) : null
    })
    this.hide()
    this.map.onPlace({ end, codes })
  }

  hide() {
    this.pinned = false
    this.sought = this.request = null
    this.node.hidden = true
    this.node.removeAttribute("data-pinned")
    delete this.map.root.dataset.probed
  }

  /** The pictures side by side, as one PNG in their own pixels. */
  download() {
    const canvases = [...this.pictures.querySelectorAll("canvas")]
    const width = canvases.reduce((sum, canvas) => sum + canvas.width, 0)
    const sheet = element("canvas", { width, height: Math.max(...canvases.map((canvas) => canvas.height)) })
    let left = 0
    for (const canvas of canvases) {
      pen(sheet).drawImage(canvas, left, 0)
      left += canvas.width
    }
    element("a", { href: sheet.toDataURL("image/png"), download: "between-images.png" }).click()
  }

  close() {
    this.hide()
    this.map.root.removeAttribute("data-generators")
    this.opening++
    for (const one of this.opened ?? []) one?.generator.close()
    this.opened = null
    this.failed = false
  }
}
