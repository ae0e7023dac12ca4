// A strip of frames along t for each path, above and below the slider.

import { element } from "../dom.js"
import { pen } from "../sprite.js"

/**
 * @typedef {import("../sprite.js").Sprite} Sprite
 * @typedef {import("./stage.js").View} View
 */

const FILM_HEIGHT = 36 // px

export class Films {
  /** @param {HTMLInputElement} slider */
  constructor(slider) {
    this.slider = slider
    this.node = element("div", { class: "films" })
    this.frames = 0
    /** @type {{ canvas: HTMLCanvasElement, sprite: Sprite, row: HTMLElement }[]} */
    this.films = []
  }

  /**
   * @param {View[]} views
   * @param {number} frames
   */
  update(views, frames) {
    this.frames = frames
    this.films = views.map(({ sprite, data }) => {
      const canvas = element("canvas", { class: "film", "aria-hidden": "true" })
      const row = element("div", { class: "row" }, element("span", { class: "gutter" }, data.name), canvas)
      return { canvas, sprite, row }
    })
    const rows = this.films.map((film) => film.row)
    const slider = element("div", { class: "row" }, element("span", { class: "gutter" }, "t"), this.slider)
    this.node.replaceChildren(...rows.slice(0, 1), slider, ...rows.slice(1))
    this.draw()
  }

  draw() {
    const scale = window.devicePixelRatio || 1
    for (const { canvas, sprite } of this.films) {
      const width = canvas.clientWidth
      if (!width) continue
      const across = FILM_HEIGHT * (sprite.width / sprite.height)
      const count = Math.max(2, Math.round(width / across))
      Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(FILM_HEIGHT * scale) })
      const context = pen(canvas)
      context.imageSmoothingEnabled = sprite.height > FILM_HEIGHT * scale
      for (let i = 0; i < count; i++) {
        const frame = Math.round(((i + 0.5) / count) * (this.frames - 1))
        const left = Math.round((i * canvas.width) / count)
        const right = Math.round(((i + 1) * canvas.width) / count)
        sprite.draw(context, frame, left, 0, right - left, canvas.height)
      }
    }
  }
}
