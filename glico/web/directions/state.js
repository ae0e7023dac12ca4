// The state of the sliders, and its code.

import { combined, exp, log, slerp } from "../generator/sphere.js"

export const FARTHEST = 3 // standard deviations along a direction

/**
 * A group of images, decoded: all of them, or those of a class.
 * @typedef {{ title: string, rows: number[], mean: Float32Array, vectors: Float32Array[], spread: number[],
 *   share: number[] }} Group
 *
 * group: its number; start: the row of the image that the sliders start from, -1 for the group's mean; steps: how far
 * along each direction, in standard deviations; distance: of the mean, in shares of what the other sliders say (0: the
 * mean itself); other: the number of the group towards whose mean the code moves by the share towards.
 * @typedef {{ group: number, start: number, steps: number[], distance: number, other: number,
 *   towards: number }} State
 */

/**
 * The sliders at rest.
 * @param {number} group
 * @param {number} directions
 * @returns {State}
 */
export const rest = (group, directions) => ({
  group,
  start: -1,
  steps: Array(directions).fill(0),
  distance: 1,
  other: 0,
  towards: 0,
})

/**
 * The code, on the unit sphere.
 * @param {State} state
 * @param {Group[]} groups
 * @param {Float32Array[]} codes
 */
export function codeOf({ group, start, steps, distance, other, towards }, groups, codes) {
  const { mean, vectors, spread } = groups[group]
  /** @type {[number, ArrayLike<number>][]} */
  const terms = vectors.map((vector, k) => [steps[k] * spread[k] * distance, vector])
  if (start >= 0) terms.push([distance, log(mean, codes[start])])
  const code = terms.length ? exp(mean, combined(terms)) : mean
  return towards ? slerp(code, groups[other].mean, towards) : code
}

/**
 * How far an image is along two directions of its group, in standard deviations.
 * @param {Group} group
 * @param {Float32Array} code
 */
export function coordinates({ mean, vectors, spread }, code) {
  const tangent = log(mean, code)
  return vectors.slice(0, 2).map((vector, k) => vector.reduce((sum, v, i) => sum + v * tangent[i], 0) / spread[k])
}

/** @param {State} state numbers with dots between: what an address holds */
export const written = ({ group, start, steps, distance, other, towards }) =>
  [group, start, distance, other, towards, ...steps].map((x) => Number(x.toFixed(3))).join("_")

/**
 * The state that an address holds, or the sliders at rest if it does not fit.
 * @param {string} text
 * @param {Group[]} groups
 * @param {number | null} opening the group that the sliders open on, towards the next one; null: the first class
 * @returns {State}
 */
export function read(text, groups, opening = null) {
  const first = Math.min(1, groups.length - 1) // a class: the mean of all images resembles none
  const [group, start, distance, other, towards, ...steps] = text.split("_").map(Number)
  const fits =
    [group, start, distance, other, towards, ...steps].every(Number.isFinite) &&
    groups[group]?.vectors.length === steps.length &&
    groups[other] != null &&
    (start === -1 || groups[group].rows.includes(start))
  if (fits) return { group, start, steps, distance, other, towards }
  if (opening === null) return rest(first, groups[first].vectors.length)
  return { ...rest(opening, groups[opening].vectors.length), other: opening + 1 }
}
