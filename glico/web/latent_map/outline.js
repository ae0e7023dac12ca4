// A box or a lasso over a map, in CSS pixels of the stage.

import { eachOnStage, inside } from "./geometry.js"

/** @typedef {import("./geometry.js").Place} Place */

export class Outline {
  /**
   * @param {number} map
   * @param {"select" | "lasso"} tool
   * @param {Place} start
   */
  constructor(map, tool, start) {
    this.map = map
    this.tool = tool
    this.start = start
    this.polygon = [start]
  }

  /** @param {Place} place */
  to([x, y]) {
    const [left, top] = this.start
    if (this.tool === "lasso") this.polygon.push([x, y])
    else this.polygon = box(left, top, x, y)
  }

  /**
   * Return the points inside it.
   * @param {import("./geometry.js").Picture} picture
   * @param {Uint8Array} states
   */
  within(picture, states) {
    /** @type {Set<number>} */
    const within = new Set()
    eachOnStage(picture, states, (i, x, y) => {
      if (inside(x, y, this.polygon)) within.add(i)
    })
    return within
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {string} colour
   */
  draw(pen, colour) {
    pen.beginPath()
    for (const [x, y] of this.polygon) pen.lineTo(x, y)
    pen.closePath()
    pen.strokeStyle = colour
    pen.lineWidth = 1.5
    pen.stroke()
  }
}

/**
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 * @returns {Place[]}
 */
const box = (left, top, right, bottom) => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
]
