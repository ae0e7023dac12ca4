// Marks over the points: hovered, chosen, neighbours, generated, photographs, and the path from A to B.

import { shownExtras } from "./extras.js"
import { onStage, pointAt } from "./geometry.js"
import { css } from "./ink.js"

/**
 * @typedef {Pick<import("./latent_map.js").LatentMap, "content" | "gestures" | "hover" | "motion" | "selection" | "stage">} Host what this part needs of the map
 * @typedef {import("./geometry.js").Picture} Picture
 * @typedef {import("./geometry.js").Place} Place
 * @typedef {import("./extras.js").Extra} Extra
 */

/**
 * @param {Host} map
 * @param {CanvasRenderingContext2D} pen
 */
export function drawMarks(map, pen) {
  map.gestures.outline?.draw(pen, map.stage.colours.accent)
  map.stage.pictures.forEach((picture, k) => {
    pen.save()
    pen.beginPath()
    pen.rect(picture.left, picture.top, picture.width, picture.height)
    pen.clip()
    new Marker(map, pen, picture, k).draw()
    pen.restore()
  })
}

class Marker {
  /**
   * @param {Host} map
   * @param {CanvasRenderingContext2D} pen
   * @param {Picture} picture
   * @param {number} k
   */
  constructor(map, pen, picture, k) {
    this.map = map
    this.pen = pen
    this.picture = picture
    this.k = k
    this.radius = map.selection.choice.thumbnails ? map.stage.thumbSize / 2 : map.stage.dotSize / 2 + 3.5
  }

  draw() {
    const { map, radius } = this
    const { point: hovered } = map.hover
    const { accent, ink, paper } = map.stage.colours
    const { a, b, neighbours } = map.selection.choice
    for (const extra of shownExtras(map)) this.extra(extra)
    const focus = hovered?.index ?? b ?? a
    if (neighbours && focus != null && this.isDrawn(focus)) {
      const near = map.content.nearOf(this.k, focus).slice(0, neighbours)
      for (const index of near) this.line([this.at(focus), this.at(index)], accent, 1.5)
      for (const index of near) this.mark(index, radius, accent, 1.5)
    }
    this.path()
    for (const [index, letter] of /** @type {const} */ ([
      [a, "A"],
      [b, "B"],
    ])) {
      if (index == null || !this.isDrawn(index)) continue
      this.mark(index, radius + 1, paper, 4)
      this.mark(index, radius + 1, ink, 2)
      this.flag(this.at(index), letter)
    }
    if (hovered) {
      this.mark(hovered.index, radius + 2, paper, 5)
      this.mark(hovered.index, radius + 2, accent, 2.5)
    }
  }

  /** Whether a point is on the map: an extra is only while the points rest. @param {number} index */
  isDrawn(index) {
    const { content, motion } = this.map
    return index < content.count || (motion.atRest() && content.extra(index) != null)
  }

  /** @param {number} index of an image, or beyond them of an extra */
  at(index) {
    const { picture, k } = this
    const { content } = this.map
    const extra = content.extra(index)
    return onStage(picture, extra ? extra.places[k] : pointAt(picture, index, content.count))
  }

  /**
   * A ring around a point; a frame around a thumbnail, which comes to the front.
   * @param {number} index
   * @param {number} radius
   * @param {string} colour
   * @param {number} width
   */
  mark(index, radius, colour, width) {
    const { map, pen, k } = this
    const { sheet, tile } = map.content.pictureOf(index, k)
    const [x, y] = this.at(index)
    pen.strokeStyle = colour
    pen.lineWidth = width
    if (map.selection.choice.thumbnails && sheet) {
      this.thumbnail(sheet, tile, [x, y], 2 * radius)
      return
    }
    pen.beginPath()
    pen.arc(x, y, radius, 0, 2 * Math.PI)
    pen.stroke()
  }

  /**
   * @param {import("../sprite.js").Sprite} sheet
   * @param {number} tile
   * @param {Place} place its middle
   * @param {number} side
   */
  thumbnail(sheet, tile, [x, y], side) {
    this.pen.imageSmoothingEnabled = false
    sheet.draw(this.pen, tile, x - side / 2, y - side / 2, side, side)
    this.pen.strokeRect(x - side / 2, y - side / 2, side, side)
  }

  /**
   * Draw a hollow mark, through which the points behind are visible: a diamond for a generated image, a square for a
   * photograph, a smaller one in its class's colour for a unseen image.
   * @param {Extra} extra
   */
  extra(extra) {
    const { map, pen, k } = this
    const [x, y] = onStage(this.picture, extra.places[k])
    const sheet = extra.sheets[k]
    const photograph = extra.kind === "photograph"
    const rgb = map.content.extraInk(extra)
    pen.strokeStyle = rgb ? css(rgb) : map.stage.colours.ink
    const own = photograph && extra.label == null
    pen.lineWidth = own || map.content.extraInks.length ? 2 : 1.4
    if (map.selection.choice.thumbnails && sheet) {
      pen.setLineDash([3, 2])
      this.thumbnail(sheet, extra.tile, [x, y], map.stage.thumbSize * (own ? 1.2 : 0.8))
      pen.setLineDash([])
    } else if (photograph) {
      const half = own ? 5 : 3.5
      pen.strokeRect(x - half, y - half, 2 * half, 2 * half)
    } else {
      pen.beginPath()
      for (const [dx, dy] of [[0, -4.5], [4.5, 0], [0, 4.5], [-4.5, 0]]) pen.lineTo(x + dx, y + dy) // prettier-ignore
      pen.closePath()
      pen.stroke()
    }
  }

  /** Draw the path from A to B through the positions of its codes and, in its mode, the image generated at t. */
  path() {
    const { map, picture, k } = this
    const { path } = map.content
    const { a, b } = map.selection.choice
    if (!path || !map.motion.atRest() || path.ends[0] !== a || path.ends[1] !== b) return
    const { ink, paper, accent } = map.stage.colours
    const places = path.places[k].map((place) => onStage(picture, place))
    this.line(places, paper, 5)
    this.line(places, ink, 2)
    if (map.selection.choice.mode !== "path") return
    const frame = map.motion.pathFrame()
    const [x, y] = places[frame]
    const side = Math.max(40, map.stage.thumbSize)
    this.pen.strokeStyle = accent
    this.pen.lineWidth = 3
    const sheet = path.sheets[k]
    if (sheet) return this.thumbnail(sheet, frame, [x, y], side)
    this.pen.beginPath()
    this.pen.arc(x, y, this.radius, 0, 2 * Math.PI)
    this.pen.stroke()
  }

  /**
   * @param {Place[]} places
   * @param {string} colour
   * @param {number} width
   */
  line(places, colour, width) {
    const { pen } = this
    pen.beginPath()
    for (const place of places) pen.lineTo(...place)
    pen.strokeStyle = colour
    pen.lineWidth = width
    pen.stroke()
  }

  /**
   * @param {Place} place
   * @param {string} letter
   */
  flag([x, y], letter) {
    const { pen, radius } = this
    const { ink, paper } = this.map.stage.colours
    pen.beginPath()
    pen.arc(x + radius, y - radius, 8, 0, 2 * Math.PI)
    pen.fillStyle = ink
    pen.fill()
    pen.fillStyle = paper
    pen.font = "600 11px sans-serif"
    pen.textAlign = "center"
    pen.textBaseline = "middle"
    pen.fillText(letter, x + radius, y - radius + 0.5)
  }
}
