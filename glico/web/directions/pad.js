// The first two directions at once: the group's images as points, and a place to drag.

import { clamp, element } from "../dom.js"
import { pen } from "../sprite.js"
import { FARTHEST, coordinates } from "./state.js"

/** @typedef {import("./state.js").Group} Group */

const SIDE = 220 // CSS pixels

export class Pad {
  /** @param {(steps: [number, number]) => void} take */
  constructor(take) {
    this.take = take
    /** @type {number[][]} */
    this.points = []
    /** @type {number[]} */
    this.steps = [0, 0]
    this.canvas = element("canvas", { width: 2 * SIDE, height: 2 * SIDE })
    const words = "Directions 1 and 2: drag, or move by arrow keys"
    this.node = element(
      "div",
      { class: "pad", tabindex: 0, role: "application", "aria-label": words },
      this.canvas,
      element("span", { class: "help" }, words),
    )
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId)
      this.drag(event)
    })
    this.canvas.addEventListener("pointermove", (event) => event.buttons && this.drag(event))
    this.node.addEventListener("keydown", (event) => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0] // prettier-ignore
      if (!dx && !dy) return
      event.preventDefault()
      this.put(this.steps[0] + 0.1 * dx, this.steps[1] + 0.1 * dy)
    })
  }

  /**
   * @param {Group} group
   * @param {Float32Array[]} codes
   * @param {import("./state.js").State} state
   */
  update(group, codes, state) {
    this.node.hidden = group.vectors.length < 2
    this.points = group.rows.map((row) => coordinates(group, codes[row]))
    this.show(state)
  }

  /** @param {import("./state.js").State} state */
  show({ steps }) {
    this.steps = steps.slice(0, 2)
    const context = pen(this.canvas)
    const style = getComputedStyle(this.node)
    context.setTransform(2, 0, 0, 2, 0, 0)
    context.clearRect(0, 0, SIDE, SIDE)
    context.strokeStyle = style.borderColor
    context.beginPath()
    context.moveTo(SIDE / 2, 0)
    context.lineTo(SIDE / 2, SIDE)
    context.moveTo(0, SIDE / 2)
    context.lineTo(SIDE, SIDE / 2)
    context.stroke()
    context.fillStyle = style.color
    context.globalAlpha = 0.45
    for (const point of this.points) this.disc(point, 2.5)
    context.globalAlpha = 1
    context.fillStyle = style.accentColor
    this.disc(this.steps, 6)
  }

  /**
   * @param {number[]} point
   * @param {number} radius
   */
  disc([x = 0, y = 0], radius) {
    const context = pen(this.canvas)
    context.beginPath()
    context.arc(((x / FARTHEST + 1) / 2) * SIDE, ((1 - y / FARTHEST) / 2) * SIDE, radius, 0, 2 * Math.PI)
    context.fill()
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const box = this.canvas.getBoundingClientRect()
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
    this.put((2 * x - 1) * FARTHEST, (1 - 2 * y) * FARTHEST)
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  put(x, y) {
    this.take([clamp(x, -FARTHEST, FARTHEST), clamp(y, -FARTHEST, FARTHEST)])
  }
}
