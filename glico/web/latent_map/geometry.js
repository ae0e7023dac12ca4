// Arrays, positions on the stage, and the point at a position.

import { HIDDEN } from "./points.js"

/**
 * A position on the stage in CSS pixels.
 * @typedef {[number, number]} Place
 *
 * A layout of the points, (frames · n, 3), on the graphics card under a key; and one of its frames.
 * @typedef {{ key: string, array: Float32Array, frame: number }} Source
 *
 * @typedef {{ left: number, top: number, width: number, height: number }} Box in CSS pixels of the stage
 *
 * One map as it is drawn: its box, its matrix (in column-major order, as in WebGL) and the two layouts it is between.
 * @typedef {Box & { matrix: Float32Array, from: Source, to: Source, mixing: number }} Picture
 */

/**
 * Decode base64 of little-endian bytes.
 * @template {Float32Array | Int32Array | Int16Array} Numbers
 * @param {string} text
 * @param {new (buffer: ArrayBuffer) => Numbers} Type
 * @returns {Numbers}
 */
export function decode(text, Type) {
  return new Type(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer)
}

/**
 * Return (m, c) coordinates as (m, 3): the height of a plane is 0.
 * @param {string} text
 * @param {number} components
 */
export function decodePlaces(text, components) {
  const flat = decode(text, Float32Array)
  if (components === 3) return flat
  const space = new Float32Array((flat.length / 2) * 3)
  for (let i = 0, j = 0; i < flat.length; i += 2, j += 3) {
    space[j] = flat[i]
    space[j + 1] = flat[i + 1]
  }
  return space
}

/**
 * The middle of all points and the side of the square or cube around it that holds them, with a margin.
 * @param {Float32Array[]} arrays
 */
export function surroundings(arrays) {
  const low = [Infinity, Infinity, Infinity]
  const high = [-Infinity, -Infinity, -Infinity]
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++) {
      const axis = i % 3
      if (array[i] < low[axis]) low[axis] = array[i]
      if (array[i] > high[axis]) high[axis] = array[i]
    }
  }
  const span = Math.max(...high.map((value, axis) => value - low[axis]), 1e-6) * 1.14
  return { middle: high.map((value, axis) => (value + low[axis]) / 2), span }
}

/**
 * Return the position of (x, y, z) on the stage.
 * @param {Box & { matrix: Float32Array }} picture
 * @param {ArrayLike<number>} point
 * @returns {Place}
 */
export function onStage({ matrix: m, left, top, width, height }, point) {
  const [x, y, z] = [point[0], point[1], point[2]]
  const w = m[3] * x + m[7] * y + m[11] * z + m[15]
  const u = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w
  const v = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w
  return [left + (u + 1) * 0.5 * width, top + (1 - v) * 0.5 * height]
}

/**
 * Return the position of point i of n in a map's coordinates.
 * @param {Picture} picture
 * @param {number} i
 * @param {number} n
 */
export function pointAt({ from, to, mixing }, i, n) {
  const p = (from.frame * n + i) * 3
  const q = (to.frame * n + i) * 3
  return [0, 1, 2].map((axis) => mix(from.array[p + axis], to.array[q + axis], mixing))
}

/**
 * Call back with (i, x, y) for every point that is not hidden; (x, y) is its position on the stage.
 * @param {Picture} picture
 * @param {Uint8Array} states
 * @param {(i: number, x: number, y: number) => void} back
 */
export function eachOnStage({ matrix: m, from, to, mixing, left, top, width, height }, states, back) {
  const a = from.array
  const b = to.array
  const fromStart = from.frame * states.length * 3
  const toStart = to.frame * states.length * 3
  for (let i = 0; i < states.length; i++) {
    if (states[i] === HIDDEN) continue
    const p = fromStart + i * 3
    const q = toStart + i * 3
    const x = mix(a[p], b[q], mixing)
    const y = mix(a[p + 1], b[q + 1], mixing)
    const z = mix(a[p + 2], b[q + 2], mixing)
    const w = m[3] * x + m[7] * y + m[11] * z + m[15]
    const u = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w
    const v = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w
    back(i, left + (u + 1) * 0.5 * width, top + (1 - v) * 0.5 * height)
  }
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} share
 */
const mix = (from, to, share) => from + (to - from) * share

/**
 * @param {number} x
 * @param {number} y
 * @param {Place[]} polygon
 */
export function inside(x, y, polygon) {
  let odd = false
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i]
    const [bx, by] = polygon[j]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd
  }
  return odd
}

/**
 * @param {Place} one
 * @param {Place} other
 */
export const distance = ([x, y], [u, v]) => Math.hypot(x - u, y - v)

/**
 * @param {Place[]} places
 * @returns {Place}
 */
export const middle = (places) => [
  places.reduce((sum, [x]) => sum + x, 0) / places.length,
  places.reduce((sum, [, y]) => sum + y, 0) / places.length,
]

/**
 * Return increasing numbers as a short text that is safe in a URL: [1, 2, 3, 7] is "1-3.7".
 * @param {number[]} numbers
 */
export function toRanges(numbers) {
  const parts = []
  for (let i = 0; i < numbers.length; i++) {
    const start = numbers[i]
    while (numbers[i + 1] === numbers[i] + 1) i++
    parts.push(start === numbers[i] ? `${start}` : `${start}-${numbers[i]}`)
  }
  return parts.join(".")
}

/**
 * Return the numbers below a limit in such a text.
 * @param {string} text
 * @param {number} limit
 */
export function fromRanges(text, limit) {
  return text.split(".").flatMap((part) => {
    const [start, end = start] = part.split("-").map(Number)
    return part ? Array.from({ length: Math.max(0, Math.min(end, limit - 1) - start + 1) }, (_, i) => start + i) : []
  })
}
