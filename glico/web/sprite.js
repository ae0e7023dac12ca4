// A sprite: tiles of one size, row by row in one picture. Decoded once, then held as a bitmap.

import { element } from "./dom.js"

/**
 * Tile i is at column i % columns, row i // columns; width and height are one tile's, in pixels.
 * @typedef {{ url: string, columns: number, width: number, height: number }} SpriteData
 */

export class Sprite {
  /**
   * @param {ImageBitmap} bitmap
   * @param {SpriteData} data
   */
  constructor(bitmap, { columns, width, height }) {
    this.bitmap = bitmap
    this.columns = columns
    this.width = width
    this.height = height
  }

  /** @param {SpriteData} data */
  static async load(data) {
    const image = new Image()
    image.src = data.url
    await image.decode()
    return new Sprite(await createImageBitmap(image), data)
  }

  get rows() {
    return Math.round(this.bitmap.height / this.height)
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} tile
   */
  draw(context, tile, x = 0, y = 0, width = this.width, height = this.height) {
    const left = (tile % this.columns) * this.width
    const top = Math.floor(tile / this.columns) * this.height
    context.drawImage(this.bitmap, left, top, this.width, this.height, x, y, width, height)
  }
}

/** A canvas that shows one tile. */
export class Tile {
  /** @param {string} label what it is, in words; "" if words are beside it */
  constructor(label) {
    const role = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }
    this.canvas = element("canvas", { ...role, width: 1, height: 1 })
    this.context = pen(this.canvas)
    /** @type {Sprite | null} */
    this.sprite = null
    this.tile = -1
  }

  /**
   * @param {Sprite} sprite
   * @param {number} tile
   */
  show(sprite, tile) {
    if (this.sprite === sprite && this.tile === tile) return
    if (this.canvas.width !== sprite.width || this.canvas.height !== sprite.height) {
      Object.assign(this.canvas, { width: sprite.width, height: sprite.height })
    }
    sprite.draw(this.context, tile)
    this.sprite = sprite
    this.tile = tile
  }

  /**
   * Show one of the pictures that a generator has drawn.
   * @param {import("./generator/generator.js").Pictures} pictures
   * @param {number} index
   */
  paint(pictures, index) {
    paint(this.canvas, pictures, index)
    this.sprite = null
  }
}

/**
 * The context that draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 */
export function pen(canvas) {
  const context = canvas.getContext("2d")
  if (!context) throw new Error("This browser cannot draw on a canvas.")
  return context
}

/**
 * Show one of the pictures that a generator has drawn, in its size.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./generator/generator.js").Pictures} pictures
 */
export function paint(canvas, { pixels, width, height }, index = 0) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  const size = 4 * width * height
  const own = pixels.subarray(index * size, (index + 1) * size)
  pen(canvas).putImageData(new ImageData(own, width, height), 0, 0)
}
