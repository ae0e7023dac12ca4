// Between the frames of a path or a surface: the codes there, from which the browser generates the images.

import { decode } from "../latent_map/geometry.js"

/**
 * The codes (k, d) of the images that are visited and one sample (m,) of the noise ("" for none), float32 as base64.
 * @typedef {{ codes: string, noise: string }} Ends
 * @typedef {import("../generator/generator.js").GeneratorData} GeneratorData
 * @typedef {import("./stage.js").View} View
 */

export const FINE = 10 // places from frame to frame, where the browser generates the images between

/**
 * The codes of the images that are visited, with the dimension d that the generator takes.
 * @param {Ends} ends
 * @param {number} dimension
 */
export function opened({ codes, noise }, dimension) {
  const flat = decode(codes, Float32Array)
  const rows = Array.from({ length: flat.length / dimension }, (_, i) =>
    flat.subarray(i * dimension, (i + 1) * dimension),
  )
  return { codes: rows, noise: noise ? decode(noise, Float32Array) : null }
}

/**
 * The views that are generated from codes; a morph moves images instead.
 * @param {View[]} views
 * @returns {{ view: View, path: "slerp" | "lerp" }[]}
 */
export function generatedViews(views) {
  return views.flatMap((view) => {
    const { name } = view.data
    return name === "slerp" || name === "lerp" ? [{ view, path: name }] : []
  })
}

/**
 * Codes one after the other, as a generator takes them.
 * @param {ArrayLike<number>[]} codes
 */
export const joined = (codes) => Float32Array.from(codes.flatMap((code) => Array.from(code)))

/**
 * What the page says of the images between the frames: nothing before a generator runs.
 * @param {import("../generator/generator.js").OnDemand<any>} generator
 * @param {View[]} views
 */
export function saidOf({ failed, generator }, views) {
  if (failed) return "This browser cannot run the generator, so the images go in steps."
  const others = views.length - generatedViews(views).length
  return generator && others ? "Between its frames the morph shows the nearest; your browser generates the others." : ""
}
