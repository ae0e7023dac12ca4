// The colours and shapes of points: by class, by a number, or by category.

/**
 * @typedef {{ rgb: number[], shape: number }} Mark
 *
 * A number for every image in each map, (n,) float32 as base64, to colour the points by. With categories, it is an
 * index of them, and extras, (m,) float32, has those of the photographs and unseen images.
 * @typedef {{ name: string, colour: string }} CategoryData
 * @typedef {{ name: string, title: string, low: number, high: number, digits: number, maps: string[],
 *   categories: CategoryData[], extras: string }} ValueData
 */

export const GREY = [128, 128, 128]
const MANY = 8 // classes; with more, their points differ in shape too
// Cividis (Nuñez, Anderton and Renslow 2018), from the low end to the high: readable with any colour vision.
export const SCALE = [
  "#00224e",
  "#123570",
  "#3b496c",
  "#575d6d",
  "#707173",
  "#8a8678",
  "#a59c74",
  "#c3b369",
  "#e1cc55",
  "#fee838",
]
const ENDS = SCALE.map(toRgb)

/**
 * @param {string} hex
 */
function toRgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))
}

/**
 * Return the mark of each label; -1 is unlabelled. There are ten colours, and shapes if there are many classes.
 * @param {string[]} palette ten colours as #rrggbb
 * @param {number} classes
 */
export function classMarks(palette, classes) {
  const inks = palette.map(toRgb)
  const many = classes > MANY
  /** @type {(label: number) => Mark} */
  return (label) => {
    if (label < 0) return { rgb: GREY, shape: 0 }
    return { rgb: inks[label % 10], shape: many ? (Math.floor(label / 10) + (label % 10)) % 10 : 0 }
  }
}

/**
 * Return the colour of a position on the scale, 0 to 1; grey if there is no number.
 * @param {number} share
 */
function scaled(share) {
  if (Number.isNaN(share)) return GREY
  const place = Math.min(Math.max(share, 0), 1) * (ENDS.length - 1)
  const i = Math.min(Math.floor(place), ENDS.length - 2)
  return ENDS[i].map((value, axis) => Math.round(value + (ENDS[i + 1][axis] - value) * (place - i)))
}

/**
 * Return the colour of a number of this value; grey if there is none.
 * @param {ValueData} value
 */
export function inksOf({ categories, low, high }) {
  const inks = categories.map(({ colour }) => toRgb(colour))
  /** @type {(number: number) => number[]} */
  return (number) => (categories.length ? (inks[number] ?? GREY) : scaled((number - low) / (high - low || 1)))
}

/** The scale as a CSS gradient. */
export const GRADIENT = `linear-gradient(to right, ${SCALE.join()})`

/** @param {number[]} rgb */
export const css = (rgb) => `rgb(${rgb.join()})`
