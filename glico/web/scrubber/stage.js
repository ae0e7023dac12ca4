// What the scrubber and the surface share: their layout, the figure of each path, and the images that it visits.

import { button, element, setPressed, setText } from "../dom.js"
import { norm } from "../generator/sphere.js"
import { Sprite, Tile } from "../sprite.js"

export const RELEASE_PAUSE = 200 // ms of rest after which the position is reported
export const WIDE = 900 // px; from this width on the controls are beside the pictures

/**
 * @typedef {import("../sprite.js").SpriteData} SpriteData
 *
 * What is said of each frame is a list, as long as there are frames.
 * @typedef {{ title: string, tiles: number[], names: string[], details: string[] }} NeighbourData
 * @typedef {{ name: string, style: string, sprite: SpriteData, frames: number, norm: number[] | null, seen: string[] | null,
 *   confidence: number[] | null, neighbours: NeighbourData[], remarks: string[] }} ViewData
 * @typedef {{ tile: number, caption: string }} Picture
 * @typedef {{ label: string, name: string, style: string, pictures: Picture[] }} Waypoint
 */

/**
 * Lay out the pictures and the controls in a root, side by side if it is wide. Call draw when its size changes.
 * @param {HTMLElement} root
 * @param {HTMLElement} stage
 * @param {HTMLElement} timeline
 * @param {() => void} draw
 */
export function layOut(root, stage, timeline, draw) {
  root.replaceChildren(element("div", { class: "layout" }, stage, timeline))
  // Not by a container query, which would cost every frame a second layout.
  const observer = new ResizeObserver(() => {
    root.toggleAttribute("data-wide", root.clientWidth >= WIDE)
    draw()
  })
  observer.observe(root)
  return observer
}

/**
 * Load the sheet of tiles and the frames of each view; null, and a message on the stage, if they cannot be read.
 * @param {{ tiles: SpriteData, views: ViewData[] }} data
 * @param {HTMLElement} stage
 */
export async function loadSprites(data, stage) {
  try {
    return await Promise.all([data.tiles, ...data.views.map((view) => view.sprite)].map(Sprite.load))
  } catch {
    stage.replaceChildren(element("p", { class: "remark" }, "The frames could not be read."))
    return null
  }
}

/**
 * The switch that blends the pixels of the pictures in a root.
 * @param {HTMLElement} root
 */
export function smoothing(root) {
  const node = button("Smooth", () => setPressed(node, root.toggleAttribute("data-smooth")), {
    title: "Blend the pixels of enlarged images instead of showing them as they are",
    "aria-pressed": "false",
  })
  return node
}

/** Text that changes with t, in room for the longest of its texts, so that nothing else moves. */
export class Steady {
  /**
   * @param {keyof HTMLElementTagNameMap} tag
   * @param {string} className
   * @param {string[]} texts
   */
  constructor(tag, className, texts) {
    const longest = texts.reduce((one, other) => (other.length > one.length ? other : one), "")
    this.text = element("span")
    this.node = element(tag, { class: `steady ${className}`, "data-longest": longest }, this.text)
  }

  /** @param {string} text */
  show(text) {
    setText(this.text, text)
  }
}

export class View {
  /**
   * @param {ViewData} data
   * @param {Sprite} sprite
   */
  constructor(data, sprite) {
    this.data = data
    this.sprite = sprite
    this.tile = new Tile(data.name)
    this.norm = element("span", { class: "number" })
    this.seen = data.confidence && data.seen && new Seen(data.seen, data.confidence)
    this.neighbours = data.neighbours.map((neighbour) => new Neighbour(neighbour))
    this.remark = new Steady("p", "remark", data.remarks)
    const key = element("span", { class: `key ${data.style}` })
    const caption = element("figcaption", {}, key, element("strong", {}, data.name), this.norm)
    const read = [...(this.seen ? [this.seen] : []), ...this.neighbours, this.remark].map(({ node }) => node)
    const reading = element("div", { class: "reading" }, ...read)
    this.figure = element("figure", { class: "view" }, this.tile.canvas, caption, reading)
  }

  /**
   * @param {number} frame
   * @param {Sprite} tiles
   */
  draw(frame, tiles) {
    this.tile.show(this.sprite, frame)
    setText(this.norm, this.data.norm ? `‖z‖ ${this.data.norm[frame].toFixed(3)}` : "")
    this.seen?.draw(frame)
    for (const neighbour of this.neighbours) neighbour.draw(frame, tiles)
    this.remark.show(this.data.remarks[frame])
  }

  /**
   * Show an image that was generated between two frames; what is measured is that of the nearest frame.
   * @param {import("../generator/generator.js").Pictures} pictures
   * @param {number} index
   * @param {ArrayLike<number>} code
   */
  paint(pictures, index, code) {
    this.tile.paint(pictures, index)
    setText(this.norm, `‖z‖ ${norm(code).toFixed(3)}`)
  }
}

/** What the classifier sees in a frame, and how sure it is. */
class Seen {
  /**
   * @param {string[]} names
   * @param {number[]} confidence
   */
  constructor(names, confidence) {
    this.names = names
    this.confidence = confidence
    this.name = new Steady("span", "name", names)
    this.percent = element("span", { class: "number" })
    this.bar = element("span", { class: "bar" })
    const what = element("span", { class: "what" }, "the classifier sees")
    const track = element("span", { class: "track" }, this.bar)
    this.node = element("div", { class: "seen" }, what, this.percent, this.name.node, track)
  }

  /** @param {number} frame */
  draw(frame) {
    this.name.show(this.names[frame])
    setText(this.percent, `${(100 * this.confidence[frame]).toFixed(0)} %`)
    this.bar.style.transform = `scaleX(${this.confidence[frame]})`
  }
}

/** The training image that is nearest to a frame in some sense. */
class Neighbour {
  /** @param {NeighbourData} data */
  constructor(data) {
    this.data = data
    this.tile = new Tile(data.title)
    this.name = new Steady("span", "name", data.names)
    this.detail = element("span", { class: "number" })
    const what = element("span", { class: "what" }, data.title)
    const words = element("div", {}, what, this.name.node, this.detail)
    this.node = element("div", { class: "neighbour" }, this.tile.canvas, words)
  }

  /**
   * @param {number} frame
   * @param {Sprite} tiles
   */
  draw(frame, tiles) {
    this.tile.show(tiles, this.data.tiles[frame])
    this.name.show(this.data.names[frame])
    setText(this.detail, this.data.details[frame])
  }
}

/**
 * @param {Waypoint} point
 * @param {Sprite} tiles
 */
export function waypoint(point, tiles) {
  const pictures = point.pictures.map((picture) => {
    const tile = new Tile(`${point.label}, ${picture.caption}`)
    tile.show(tiles, picture.tile)
    return element("figure", {}, tile.canvas, element("figcaption", {}, picture.caption))
  })
  const letter = element("span", { class: `letter ${point.style}` }, point.label)
  const who = element("div", { class: "who" }, letter, element("span", { class: "name" }, point.name))
  return element("div", { class: "waypoint" }, who, element("div", { class: "pictures" }, ...pictures))
}
