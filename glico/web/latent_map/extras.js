// Points beside the training images: new codes on a path between two of them, and photographs that were encoded.

import { Sprite } from "../sprite.js"
import { decodePlaces } from "./geometry.js"

/**
 * @typedef {import("../sprite.js").SpriteData} SpriteData
 *
 * Where m new codes fall in one map, and what its generator makes of them.
 * @typedef {{ positions: string, sheet: SpriteData | null }} ExtraMap
 *
 * New codes between pairs of images, (row a, row b, t) of each, in every map.
 * @typedef {{ pairs: [number, number, number][], maps: ExtraMap[] }} GeneratedData
 *
 * Photographs by name, what is said of each, and the images whose codes are nearest.
 * @typedef {{ names: string[], notes: string[], maps: ExtraMap[] }} PhotographData
 *
 * label: the class whose colour it has, null for none; places and sheets: in each map.
 * @typedef {{ kind: "generated" | "photograph", tile: number, label: number | null, name: string, note: string,
 *   places: Float32Array[], sheets: (Sprite | null)[] }} Extra
 */

/**
 * @param {GeneratedData | null} generated
 * @param {PhotographData | null} photographs
 * @param {number} components
 * @param {Int16Array} labels
 * @returns {Extra[]}
 */
export function extras(generated, photographs, components, labels) {
  const made = (generated?.pairs ?? []).map(([a, b, t]) => ({
    label: labels[a],
    name: "",
    note: `generated: image ${a} to image ${b}, t = ${t.toFixed(2)}`,
  }))
  const taken = (photographs?.names ?? []).map((name, i) => ({ label: null, name, note: photographs?.notes[i] ?? "" }))
  return [...placed("generated", generated?.maps ?? [], made), ...placed("photograph", photographs?.maps ?? [], taken)]

  /**
   * @param {"generated" | "photograph"} kind
   * @param {ExtraMap[]} maps
   * @param {{ label: number | null, name: string, note: string }[]} each
   * @returns {Extra[]}
   */
  function placed(kind, maps, each) {
    const places = maps.map((map) => decodePlaces(map.positions, components))
    return each.map((one, tile) => ({
      ...one,
      kind,
      tile,
      places: places.map((array) => array.subarray(tile * 3, tile * 3 + 3)),
      sheets: maps.map(() => null),
    }))
  }
}

/**
 * Their pictures, once they are decoded.
 * @param {Extra[]} all
 * @param {GeneratedData | null} generated
 * @param {PhotographData | null} photographs
 */
export async function loadSheets(all, generated, photographs) {
  const sheets = { generated: generated?.maps ?? [], photograph: photographs?.maps ?? [] }
  for (const kind of /** @type {const} */ (["generated", "photograph"])) {
    const loaded = await Promise.all(sheets[kind].map(({ sheet }) => sheet && Sprite.load(sheet)))
    for (const extra of all) if (extra.kind === kind) extra.sheets = loaded
  }
}
