// A walk along great circles from code to code, and its film.

import { animatedPng } from "../film.js"
import { slerp } from "../generator/sphere.js"

export const SECONDS = 2.5 // from code to code, at speed 1
const RATE = 20 // frames of a film in a second
const AT_ONCE = 50 // frames that are generated at once

/** Slow at both ends. @param {number} along 0 to 1 */
export const smooth = (along) => along * along * (3 - 2 * along)

/**
 * The film of a walk through codes, as an animated PNG.
 * @param {import("../generator/generator.js").Generator} generator
 * @param {ArrayLike<number>[]} stops
 * @param {number} speed
 */
export async function filmOfWalk(generator, stops, speed) {
  const each = Math.round((SECONDS * RATE) / speed)
  const codes = stops
    .slice(1)
    .flatMap((to, k) => Array.from({ length: each }, (_, i) => Array.from(slerp(stops[k], to, smooth(i / each)))))
  const parts = []
  for (let start = 0; start < codes.length; start += AT_ONCE) {
    parts.push(await generator.draw(Float32Array.from(codes.slice(start, start + AT_ONCE).flat())))
  }
  return animatedPng(parts, RATE)
}
