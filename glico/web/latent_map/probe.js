// An empty place under the hand: what each map's generator draws there, by a guess of the place's code.
//
// The code is the spherical mean of the codes whose points are nearest in the picture, weighted by nearness. A
// projection has no inverse, so that this is a guess, and the card says so with the angle to the nearest training image.

import { button, element, setText } from "../dom.js"
import { Generator, Newest } from "../generator/generator.js"
import { dot, sphericalMean } from "../generator/sphere.js"
import { pen } from "../sprite.js"
import { placeBeside } from "./card.js"
import { decode, eachOnStage } from "./geometry.js"

/**
 * The codes (n, d) float32 of a map as base64, and the generator that they belong to.
 * @typedef {{ codes: string, generator: import("../generator/generator.js").GeneratorData }} GeneratorSource
 *
 * An opened map: its codes, row by row.
 * @typedef {{ generator: Generator, codes: Float32Array[] }} Opened
 *
 * A place on the stage, in which map, and what is known of it in each map that has a generator.
 * @typedef {{ place: import("./geometry.js").Place, guesses: { map: number, code: Float32Array, nearest: number,
 *   degrees: number }[] }} Request
 *
 * @typedef {import("../generator/generator.js").Pictures} Pictures
 */

const NEAREST = 8 // points whose codes are averaged
const SOFT = 4 // CSS pixels below which nearness counts no more
const DEGREES = 180 / Math.PI

export class Probe {
  /** @param {Pick<import("./latent_map.js").LatentMap, "content" | "hover" | "motion" | "root" | "selection" | "stage">} map */
  constructor(map) {
    this.map = map
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
    this.save = button("Save PNG", () => this.download())
    this.unpin = button("Close", () => this.hide())
    this.actions = element("div", { class: "actions", hidden: true }, this.save, this.unpin)
    this.node = element("div", { class: "probe", hidden: true }, this.pictures, this.note, this.actions)
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
          const generator = await Generator.open(source.generator)
          const flat = decode(source.codes, Float32Array)
          const size = source.generator.dimension
          const codes = Array.from({ length: flat.length / size }, (_, i) => flat.subarray(i * size, (i + 1) * size))
          return { generator, codes }
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
      const canvas = element("canvas", { width: picture.width, height: picture.height })
      pen(canvas).putImageData(new ImageData(picture.pixels, picture.width, picture.height), 0, 0)
      return [element("figure", {}, canvas, element("figcaption", {}, content.maps[map].title))]
    })
    if (!drawn.length) return this.hide()
    this.pictures.replaceChildren(...drawn)
    const lines = request.guesses.map(
      ({ nearest, degrees }) => `${content.describe(nearest)}, ${degrees.toFixed(0)}° away`,
    )
    setText(this.note, ["A guess of what lies here; nearest by code:", ...new Set(lines)].join("\n"))
    this.actions.hidden = true
    this.node.hidden = false
    placeBeside(this.node, request.place, stage.node)
    this.map.root.dataset.probed = request.place.map(Math.round).join(" ")
  }

  /** A click at an empty place: what is shown stays, and can be saved. Whether there was something to pin. */
  pin() {
    if (this.node.hidden || this.pinned) return false
    this.pinned = true
    this.actions.hidden = false
    this.node.toggleAttribute("data-pinned", true)
    return true
  }

  hide() {
    this.pinned = false
    this.sought = null
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
