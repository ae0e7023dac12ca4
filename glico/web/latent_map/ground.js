// The background of the points: a grid for a plane, the edges of a cube for space.

import { onStage } from "./geometry.js"

/**
 * @typedef {import("./geometry.js").Picture} Picture
 * @typedef {import("./geometry.js").Place} Place
 */

const CELLS = 6 // of the grid, when all is in view
const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7]
const EDGES = CORNERS.flatMap((one) => [1, 2, 4].filter((bit) => !(one & bit)).map((bit) => [one, one | bit]))

/**
 * Return the lines behind a map, each from one position on the stage to another.
 * @param {Picture} picture
 * @param {import("./camera.js").Surroundings} surroundings
 * @param {number} components
 * @returns {[Place, Place][]}
 */
export function groundLines(picture, { middle, span }, components) {
  if (components === 3) {
    const corners = CORNERS.map((corner) =>
      onStage(
        picture,
        middle.map((value, axis) => value + (corner & (1 << axis) ? span / 2 : -span / 2)),
      ),
    )
    return EDGES.map(([one, other]) => [corners[one], corners[other]])
  }
  const { matrix, left, top, width, height } = picture
  /** @type {[Place, Place][]} */
  const lines = []
  for (const axis of [0, 1]) {
    const [scale, shift] = [matrix[axis * 5], matrix[12 + axis]]
    const [low, high] = [(-1 - shift) / scale, (1 - shift) / scale]
    const step =
      (span / CELLS) *
      2 ** Math.round(Math.log2((high - low) / (axis ? height : width) / (span / Math.min(width, height))))
    for (let i = Math.ceil((low - middle[axis]) / step); middle[axis] + i * step <= high; i++) {
      const share = ((middle[axis] + i * step) * scale + shift + 1) / 2
      const x = left + share * width
      const y = top + (1 - share) * height
      if (axis) lines.push([[left, y], [left + width, y]]) // prettier-ignore
      else lines.push([[x, top], [x, top + height]]) // prettier-ignore
    }
  }
  return lines
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Picture[]} pictures
 * @param {import("./camera.js").Surroundings} surroundings
 * @param {number} components
 * @param {string} colour
 */
export function drawGround(pen, pictures, surroundings, components, colour) {
  pen.strokeStyle = colour
  pen.lineWidth = 1
  for (const picture of pictures) {
    pen.save()
    pen.beginPath()
    pen.rect(picture.left, picture.top, picture.width, picture.height)
    pen.clip()
    pen.beginPath()
    pen.rect(picture.left + 0.5, picture.top + 0.5, picture.width - 1, picture.height - 1)
    for (const [from, to] of groundLines(picture, surroundings, components)) {
      pen.moveTo(...from)
      pen.lineTo(...to)
    }
    pen.stroke()
    pen.restore()
  }
}
