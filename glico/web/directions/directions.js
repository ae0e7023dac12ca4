// Directions: sliders through the latent space. Every image is drawn by the generator in the browser.

import { button, clamp, element, setText } from "../dom.js"
import { Generator, Newest } from "../generator/generator.js"
import { angle, dot, slerp, unit } from "../generator/sphere.js"
import { decode } from "../latent_map/geometry.js"
import { Sprite, Tile, paint } from "../sprite.js"
import { Arithmetic } from "./arithmetic.js"
import { select, slider } from "./controls.js"
import { Pad } from "./pad.js"
import { FARTHEST, codeOf, read, rest, written } from "./state.js"
import { SECONDS, filmOfWalk, smooth } from "./walk.js"

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Group} Group
 * @typedef {{ title: string, rows: number[], mean: string, vectors: string, spread: number[], share: number[] }} GroupData
 *
 * @typedef {{ content: string, opening: number | null, codes: string, names: string[], groups: GroupData[],
 *   sheet: import("../sprite.js").SpriteData, generator: import("../generator/generator.js").GeneratorData }} Content
 */

const DEGREES = 180 / Math.PI
const REST = 250 // ms of rest after which the state is reported
const FILM_STOPS = 4 // images that a film of a walk visits
const REVOKED = 60_000 // ms after which a film that was saved is let go

export class Directions {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {(state: string) => void} */
    this.onRest = () => {}
    /** @type {Group[]} */
    this.groups = []
    /** @type {Float32Array[]} */
    this.codes = []
    /** @type {string[]} */
    this.names = []
    /** @type {Generator | null} */
    this.generator = null
    this.content = ""
    this.resting = 0
    /** @type {State[]} */
    this.past = []
    /** @type {State} */
    this.state = rest(0, 0)
    this.walking = 0
    this.canvas = element("canvas", { role: "img", "aria-label": "the image of the code", width: 1, height: 1 })
    this.near = new Tile("the nearest training image")
    this.note = element("p", { class: "note" })
    this.message = element("p", { class: "message", role: "alert", hidden: true })
    this.controls = element("div", { class: "controls" })
    this.pad = new Pad((steps) => this.change({ steps: [...steps, ...this.state.steps.slice(2)] }))
    this.play = button("Walk", () => this.walk(!this.walking), { title: "Wander from image to image of the group" })
    this.speed = element("input", { type: "range", min: 0.25, max: 3, step: 0.25, value: 1, "aria-label": "speed" })
    const about = "A walk from here through four images of the group and back, as an animated PNG"
    this.film = button("Save film", () => this.saveFilm(), { title: about })
    this.back = button("Back", () => this.undo(), { disabled: true })
    const screen = element("div", { class: "screen" }, this.canvas)
    this.figure = element(
      "div",
      { class: "figure" },
      screen,
      element(
        "div",
        { class: "buttons" },
        this.play,
        this.speed,
        button("Full screen", () => screen.requestFullscreen?.()),
        button("Save PNG", () => this.save()),
        this.film,
      ),
      element("div", { class: "nearest" }, this.near.canvas, this.note),
    )
    this.sum = new Arithmetic(this)
    root.replaceChildren(
      this.message,
      element("div", { class: "columns" }, this.figure, this.controls, this.pad.node),
      this.sum.node,
    )
    this.newest = new Newest(
      (/** @type {{ code: Float32Array, state: string }} */ { code }) => this.drawn(code),
      (pictures, { state }) => {
        if (pictures) paint(this.canvas, pictures)
        this.canvas.dataset.state = state
      },
    )
  }

  /**
   * @param {Content} data
   * @param {string} state
   */
  async update(data, state) {
    if (data.content === this.content) return
    this.content = data.content
    this.generator?.close()
    this.generator = null
    const size = data.generator.dimension
    const rows = (/** @type {string} */ text) => vectors(decode(text, Float32Array), size)
    this.codes = rows(data.codes)
    this.names = data.names
    this.groups = data.groups.map((group) => ({ ...group, mean: rows(group.mean)[0], vectors: rows(group.vectors) }))
    this.state = read(state, this.groups, data.opening)
    this.past = []
    this.build()
    this.sum.build()
    const [sheet, generator] = await Promise.all([
      Sprite.load(data.sheet),
      Generator.open(data.generator).catch((/** @type {Error} */ error) => {
        this.message.textContent = error.message
        this.message.hidden = false
        return null
      }),
    ])
    if (this.content !== data.content) return generator?.close()
    this.sheet = sheet
    this.generator = generator
    this.draw()
    this.sum.draw()
    this.root.setAttribute("data-ready", data.content)
  }

  get group() {
    return this.groups[this.state.group]
  }

  /** The sliders of the group. */
  build() {
    const { state, group, groups } = this
    const chooseGroup = select(
      groups.map(({ title }) => title),
      state.group,
      (index) => this.move(rest(index, groups[index].vectors.length), true),
    )
    const images = ["the mean", ...group.rows.map((row) => this.names[row])]
    const chooseStart = select(images, group.rows.indexOf(state.start) + 1, (index) =>
      this.change({ start: index ? group.rows[index - 1] : -1 }),
    )
    const sliders = group.vectors.map((_, k) =>
      slider(`Direction ${k + 1}`, [-FARTHEST, FARTHEST, 0.05], state.steps[k], {
        help: `${Math.round(100 * group.share[k])} % of the variation`,
        words: (value) => `${signed(value)} σ, ${Math.round(Math.abs(value) * group.spread[k] * DEGREES)}°`,
        take: (value) => this.change({ steps: this.state.steps.map((step, i) => (i === k ? value : step)) }),
      }),
    )
    const distance = slider("Distance from the mean", [0, 2, 0.05], state.distance, {
      help: "0: the mean itself",
      words: (value) => `${value.toFixed(2)} times`,
      take: (value) => this.change({ distance: value }),
    })
    const chooseOther = select(
      groups.map(({ title }) => title),
      state.other,
      (index) => this.move({ ...this.state, other: index }, true),
    )
    const between = () => angle(group.mean, groups[this.state.other].mean) * DEGREES
    const towards = slider("Towards the mean of", [0, 1, 0.02], state.towards, {
      help: "great circle",
      words: (value) => `t = ${value.toFixed(2)}, ${Math.round(value * between())}°`,
      take: (value) => this.change({ towards: value }),
    })
    towards.querySelector(".name")?.append(" ", chooseOther)
    this.controls.replaceChildren(
      element("label", {}, "Group ", chooseGroup),
      element("label", {}, "Start from ", chooseStart),
      ...sliders,
      distance,
      towards,
      element(
        "div",
        { class: "buttons" },
        button("Reset", () => this.move(rest(state.group, group.vectors.length), true)),
        button("Random", () => this.random()),
        this.back,
      ),
    )
    this.pad.update(group, this.codes, this.state)
  }

  /** @param {Partial<State>} part */
  change(part) {
    this.move({ ...this.state, ...part }, false)
  }

  /**
   * @param {State} state
   * @param {boolean} rebuild whether the sliders are to move there
   */
  move(state, rebuild) {
    this.walk(false)
    if (!this.resting || rebuild) this.past.push(this.state)
    this.back.disabled = false
    this.state = state
    if (rebuild) this.build()
    else this.pad.show(state)
    this.draw()
    clearTimeout(this.resting)
    this.resting = window.setTimeout(() => {
      this.resting = 0
      this.onRest(written(this.state))
    }, REST)
  }

  undo() {
    const state = this.past.pop()
    if (!state) return
    this.state = state
    this.back.disabled = !this.past.length
    this.build()
    this.draw()
    this.onRest(written(state))
  }

  random() {
    const steps = this.group.vectors.map(() => clamp(gaussian(), -FARTHEST, FARTHEST))
    this.move({ ...rest(this.state.group, steps.length), steps }, true)
  }

  draw() {
    this.drawCode(codeOf(this.state, this.groups, this.codes))
  }

  /** @param {ArrayLike<number>} code */
  drawCode(code) {
    const cosines = this.codes.map((other) => dot(code, other))
    const nearest = cosines.reduce((best, cosine, i) => (cosine > cosines[best] ? i : best), 0)
    if (this.sheet) this.near.show(this.sheet, nearest)
    const away = Math.round(angle(code, this.codes[nearest]) * DEGREES)
    const mean = Math.round(angle(code, this.group.mean) * DEGREES)
    setText(this.note, `Nearest training image by code: ${this.names[nearest]}, ${away}°. ${mean}° from the mean.`)
    this.newest.ask({ code: Float32Array.from(code), state: this.walking ? "" : written(this.state) })
  }

  /** @param {Float32Array} code */
  async drawn(code) {
    return (await this.generator?.draw(code).catch(() => null)) ?? null
  }

  /** Wander by great circles from image to image of the group. @param {boolean} on */
  walk(on) {
    cancelAnimationFrame(this.walking)
    this.walking = 0
    setText(this.play, on ? "Pause" : "Walk")
    if (!on) return
    let from = unit(codeOf(this.state, this.groups, this.codes))
    let to = this.any()
    let along = 0
    let before = 0
    /** @param {number} now */
    const step = (now) => {
      along += (Math.min(before ? now - before : 0, 100) / 1000 / SECONDS) * Number(this.speed.value)
      before = now
      if (along >= 1) {
        along = 0
        from = unit(to)
        to = this.any()
      }
      this.drawCode(slerp(from, to, smooth(along)))
      this.walking = requestAnimationFrame(step)
    }
    this.walking = requestAnimationFrame(step)
  }

  /** The code of a random image of the group. */
  any() {
    return this.codes[this.group.rows[Math.floor(Math.random() * this.group.rows.length)]]
  }

  /** Save a walk from here through images of the group and back, at the speed of the walk. */
  async saveFilm() {
    const { generator } = this
    if (!generator) return
    this.film.disabled = true
    setText(this.film, "Generating …")
    try {
      const here = unit(codeOf(this.state, this.groups, this.codes))
      const stops = [here, ...Array.from({ length: FILM_STOPS }, () => this.any()), here]
      const film = await filmOfWalk(generator, stops, Number(this.speed.value))
      const url = URL.createObjectURL(film)
      element("a", { href: url, download: "walk.png" }).click()
      setTimeout(() => URL.revokeObjectURL(url), REVOKED)
    } catch {
      this.message.textContent = "Cannot save the film: the generator has stopped. Reload the page."
      this.message.hidden = false
    } finally {
      setText(this.film, "Save film")
      this.film.disabled = false
    }
  }

  save() {
    element("a", { href: this.canvas.toDataURL("image/png"), download: "direction.png" }).click()
  }

  close() {
    this.walk(false)
    clearTimeout(this.resting)
    this.generator?.close()
    this.generator = null
  }
}

/**
 * The rows of a flat array.
 * @param {Float32Array} flat
 * @param {number} size
 */
const vectors = (flat, size) =>
  Array.from({ length: flat.length / size }, (_, i) => flat.subarray(i * size, (i + 1) * size))

const gaussian = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())

/** @param {number} value */
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`
