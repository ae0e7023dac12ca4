// The data of the map, decoded: images, their projections, what is shown in addition; and questions about them.

import { Sprite } from "../sprite.js"
import { extras, loadSheets } from "./extras.js"
import { decode, decodePlaces } from "./geometry.js"
import { classMarks, inksOf } from "./ink.js"

/**
 * @typedef {import("../sprite.js").SpriteData} SpriteData
 * @typedef {import("./extras.js").ExtraMap} ExtraMap
 * @typedef {import("./selection.js").Choice} Choice
 *
 * A projection of the n images. Arrays are base64 of little-endian bytes: positions (n, c) float32; near (n, k) int32,
 * each code's nearest, and the angles (n, k) float32 to them in degrees; film (s, n, c) float32 at the steps of the
 * training, null until it is played.
 * @typedef {{ title: string, positions: string, near: string, angles: string, film: string | null,
 *   steps: number[] }} MapData
 *
 * What the page changes of the choice; each serial is applied once.
 * @typedef {{ a?: number | null, b?: number | null }} RequestedChoice
 * @typedef {{ serial: number, choice: RequestedChoice }} RequestData
 *
 * The codes of a path from image a to image b, and what each map's generator makes of them.
 * @typedef {{ a: number, b: number, maps: ExtraMap[] }} PathData
 *
 * images names the images and layout the layout: the page keeps its state while they stay. labels (n,) int16; names:
 * of their files, where they have any.
 * @typedef {{ images: string, layout: string, components: 2 | 3, count: number, labels: string,
 *   classNames: string[], names: string[], sheet: SpriteData | null, maps: MapData[], palette: string[],
 *   values: import("./ink.js").ValueData[], opening: Choice, path: PathData | null,
 *   generated: import("./extras.js").GeneratedData | null,
 *   photographs: import("./extras.js").PhotographData | null,
 *   generators: (import("./probe.js").GeneratorSource | null)[] | null,
 *   awaited?: boolean, request: RequestData | null }} ContentData
 */

/** One projection, decoded. */
export class Layout {
  /**
   * @param {MapData} data
   * @param {string} key
   * @param {number} components
   * @param {number} count
   */
  constructor(data, key, components, count) {
    this.key = key
    this.title = data.title
    this.steps = data.steps
    this.positions = decodePlaces(data.positions, components)
    this.film = data.film && decodePlaces(data.film, components)
    this.near = decode(data.near, Int32Array)
    this.angles = decode(data.angles, Float32Array)
    this.neighbourCount = this.near.length / count // neighbours of each
    /** @type {Float32Array | null} the positions of the layout before */
    this.before = null
  }
}

export class Content {
  constructor() {
    /** @type {ContentData | null} */
    this.data = null
    /** @type {Layout[]} */
    this.maps = []
    this.components = 2
    this.labels = new Int16Array()
    this.shapes = new Uint8Array()
    this.markOf = classMarks([], 0)
    /** @type {Uint8Array[]} of every point, in each map */
    this.inks = []
    /** @type {number[][]} of photographs and unseen images, where the value says anything of them */
    this.extraInks = []
    this.valuesOf = ""
    /** @type {Sprite | null} */
    this.sheet = null
    this.sheetUrl = ""
    /** @type {import("./extras.js").Extra[]} */
    this.extras = []
    this.extrasOf = ""
    /** @type {{ ends: number[], places: Float32Array[][], sheets: (Sprite | null)[] } | null} */
    this.path = null
    this.pathOf = ""
  }

  /**
   * Take all but the pictures. Return what is new in it: other images, another layout of them, other values to colour by, or
   * films of the same layout.
   * @param {ContentData} data
   */
  take(data) {
    const before = this.data
    const images = before?.images !== data.images
    const turned = before?.components !== data.components
    const layout = images || turned || before?.layout !== data.layout
    const values = JSON.stringify(data.values)
    const coloured = layout || values !== this.valuesOf
    this.data = data
    this.valuesOf = values
    this.components = data.components
    if (images) this.open(data)
    /** @type {Layout[]} */
    let filmed = []
    if (layout) {
      this.maps = data.maps.map((map, k) => new Layout(map, `${k} ${data.layout}`, data.components, data.count))
    } else {
      filmed = this.maps.filter((map, k) => {
        const { film, title } = data.maps[k]
        map.title = title
        if (!film || map.film) return false
        map.film = decodePlaces(film, data.components)
        return true
      })
    }
    return { images, layout, turned, coloured, filmed }
  }

  /** @param {ContentData} data */
  open(data) {
    this.labels = decode(data.labels, Int16Array)
    this.markOf = classMarks(data.palette, data.classNames.length)
    this.shapes = Uint8Array.from(this.labels, (label) => this.markOf(label).shape)
  }

  /**
   * The colour of every point in each map: its class's, or that of a value.
   * @param {string} colour the value's name, "" for the class
   */
  paint(colour) {
    const value = this.value(colour)
    const ink = value && inksOf(value)
    this.inks = this.maps.map((_, k) => {
      const inks = new Uint8Array(this.count * 3)
      const numbers = value && decode(value.maps[k], Float32Array)
      for (let i = 0; i < this.count; i++) {
        inks.set(ink && numbers ? ink(numbers[i]) : this.markOf(this.labels[i]).rgb, i * 3)
      }
      return inks
    })
    this.extraInks = ink && value?.extras ? Array.from(decode(value.extras, Float32Array), ink) : []
  }

  /**
   * The sheet of thumbnails, where it is at hand; whether it is another one.
   * @param {SpriteData | null} data
   */
  async loadSheet(data) {
    if (!data || this.sheetUrl === data.url) return false
    this.sheetUrl = data.url
    const sheet = await Sprite.load(data)
    if (this.sheetUrl !== data.url) return false
    this.sheet = sheet
    return true
  }

  /**
   * Generated images and photographs; ``changed`` is called when others are there, and their pictures follow.
   * @param {ContentData} data
   * @param {() => void} changed
   */
  async loadExtras({ generated, photographs, components, layout }, changed) {
    const name = JSON.stringify([layout, generated, photographs])
    if (name === this.extrasOf) return
    this.extrasOf = name
    this.extras = extras(generated, photographs, components, this.labels)
    changed()
    await loadSheets(this.extras, generated, photographs)
  }

  /**
   * The path from A to B; whether it is another one.
   * @param {ContentData} data
   */
  async loadPath({ path: data, layout }) {
    const name = JSON.stringify([layout, data])
    if (name === this.pathOf) return false
    this.pathOf = name
    const sheets = await Promise.all((data?.maps ?? []).map(({ sheet }) => sheet && Sprite.load(sheet)))
    if (this.pathOf !== name) return false
    const places = (data?.maps ?? []).map(({ positions }) => {
      const flat = decodePlaces(positions, this.components)
      return Array.from({ length: flat.length / 3 }, (_, i) => flat.subarray(i * 3, i * 3 + 3))
    })
    this.path = data && { ends: [data.a, data.b], places, sheets }
    return true
  }

  get count() {
    return this.data?.count ?? 0
  }

  /** A and B are below this: the images, then the photographs. */
  get choosable() {
    return this.count + (this.data?.photographs?.choosable ?? 0)
  }

  /**
   * The value of this name that colours the points, undefined where the class does.
   * @param {string} colour
   */
  value(colour) {
    return this.data?.values.find(({ name, maps }) => name === colour && maps.length > 0)
  }

  /** @param {number} label */
  className(label) {
    return label < 0 ? "unlabelled" : (this.data?.classNames[label] ?? "")
  }

  /**
   * The extra that a point is, undefined where it is an image.
   * @param {number} index
   */
  extra(index) {
    return /** @type {import("./extras.js").Extra | undefined} */ (this.extras[index - this.count])
  }

  /**
   * The colour of an extra: what the value says of it, else its class's; null for neither.
   * @param {import("./extras.js").Extra} extra
   */
  extraInk({ kind, label, tile }) {
    if (label == null) return null
    return (kind === "photograph" && this.extraInks[tile]) || this.markOf(label).rgb
  }

  /** @param {number} index */
  describe(index) {
    return this.extra(index)?.name ?? `${this.className(this.labels[index])} · image ${index}`
  }

  /**
   * What is known of image ``index`` in map k, a line each.
   * @param {number} index
   * @param {number} k
   * @param {string} colour the value that colours the points
   */
  note(index, k, colour) {
    const label = this.labels[index]
    const near = this.nearOf(k, index).slice(0, 5)
    const own = near.filter((i) => this.labels[i] === label).length
    const value = this.value(colour)
    const number = value && decode(value.maps[k], Float32Array)[index]
    return [
      this.data?.names[index] ?? "",
      `image ${index}`,
      label >= 0 && near.length ? `${own} of its ${near.length} nearest share its class` : "",
      value && number != null && !Number.isNaN(number) ? valueText(value, number) : "",
    ]
      .filter(Boolean)
      .join("\n")
  }

  /**
   * @param {number} k
   * @param {number} index
   */
  inkOf(k, index) {
    return { rgb: Array.from(this.inks[k].subarray(index * 3, index * 3 + 3)), shape: this.shapes[index] }
  }

  /**
   * The rows of the images whose codes are nearest, nearest first.
   * @param {number} k
   * @param {number} index
   */
  nearOf(k, index) {
    if (index >= this.count) return Array.from(this.extra(index)?.near[k] ?? [])
    const { near, neighbourCount } = this.maps[k]
    return Array.from(near.subarray(index * neighbourCount, (index + 1) * neighbourCount))
  }

  /**
   * The angle in degrees to the neighbour at an index of that list, NaN where it is not known.
   * @param {number} k
   * @param {number} index
   * @param {number} place
   */
  angleOf(k, index, place) {
    if (index >= this.count) return this.extra(index)?.angles[k][place] ?? NaN
    const { angles, neighbourCount } = this.maps[k]
    return angles[index * neighbourCount + place] ?? NaN
  }

  /**
   * The picture of a point: its tile, and the sheet that holds it in map k.
   * @param {number} index
   * @param {number} k
   */
  pictureOf(index, k) {
    const extra = this.extra(index)
    return extra ? { sheet: extra.sheets[k], tile: extra.tile } : { sheet: this.sheet, tile: index }
  }
}

/**
 * @param {import("./ink.js").ValueData} value
 * @param {number} number
 */
function valueText({ title, categories, digits }, number) {
  return categories.length ? (categories[number]?.name ?? "") : `${title} ${number.toFixed(digits)}`
}
