// Points in addition to the training images: new codes on a path between two of them, and encoded photographs.

import { Sprite } from "../sprite.js"
import { decode, decodePlaces } from "./geometry.js"

/**
 * @typedef {import("../sprite.js").SpriteData} SpriteData
 *
 * The positions of m new codes in one map, and the images generated from them.
 * @typedef {{ positions: string, sheet: SpriteData | null }} ExtraMap
 *
 * New codes between pairs of images, (row a, row b, t) of each, in every map.
 * @typedef {{ pairs: [number, number, number][], maps: ExtraMap[] }} GeneratedData
 *
 * New images: name, note, class (-1: unknown) and, in every map, the images whose codes are nearest, (m, k) int32,
 * with the angles, (m, k) float32, as base64. The first `choosable` can be chosen as A and B.
 * @typedef {{ names: string[], notes: string[], labels: number[], choosable: number, maps: ExtraMap[],
 *   near: string[], angles: string[] }} PhotographData
 *
 * label: the class whose colour it has, null for none; places, sheets, near and angles: one for each map.
 * @typedef {{ kind: "generated" | "photograph", tile: number, label: number | null, name: string, note: string,
 *   places: Float32Array[], sheets: (Sprite | null)[], near: Int32Array[], angles: Float32Array[] }} Extra
 */

/**
 * Photographs first: photograph i is the map's point n + i.
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
    near: [],
    angles: [],
  }))
  const count = photographs?.names.length ?? 0
  const near = (photographs?.near ?? []).map((text) => decode(text, Int32Array))
  const angles = (photographs?.angles ?? []).map((text) => decode(text, Float32Array))
  const taken = (photographs?.names ?? []).map((name, i) => ({
    label: photographs && photographs.labels[i] >= 0 ? photographs.labels[i] : null,
    name,
    note: photographs?.notes[i] ?? "",
    near: near.map((array) => row(array, i, count)),
    angles: angles.map((array) => row(array, i, count)),
  }))
  return [...placed("photograph", photographs?.maps ?? [], taken), ...placed("generated", generated?.maps ?? [], made)]

  /**
   * @param {"generated" | "photograph"} kind
   * @param {ExtraMap[]} maps
   * @param {Omit<Extra, "kind" | "tile" | "places" | "sheets">[]} each
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
 * The extras on the maps: shown while the points rest, unless their class is hidden.
 * @param {Pick<import("./latent_map.js").LatentMap, "content" | "selection" | "motion">} map
 */
export function shownExtras({ content, selection, motion }) {
  if (!motion.atRest()) return []
  return content.extras.filter(({ label }) => label == null || !selection.choice.hidden.includes(label))
}

/**
 * Row i of an array of `count` rows.
 * @template {Int32Array | Float32Array} Numbers
 * @param {Numbers} array
 * @param {number} i
 * @param {number} rows
 */
function row(array, i, rows) {
  const width = array.length / rows
  return /** @type {Numbers} */ (array.subarray(i * width, (i + 1) * width))
}

/**
 * Load their pictures.
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
