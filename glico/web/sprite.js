// A sprite: tiles of one size, row by row in one picture. Decoded once, then held as a bitmap.

class Sprite {
  static async load(data) {
    const sprite = new Sprite()
    const image = new Image()
    image.src = data.url
    await image.decode()
    sprite.bitmap = await createImageBitmap(image)
    Object.assign(sprite, { columns: data.columns, width: data.width, height: data.height })
    return sprite
  }

  draw(context, tile, x = 0, y = 0, width = this.width, height = this.height) {
    const left = (tile % this.columns) * this.width
    const top = Math.floor(tile / this.columns) * this.height
    context.drawImage(this.bitmap, left, top, this.width, this.height, x, y, width, height)
  }
}

// A canvas that shows one tile.
class Tile {
  constructor(label) {
    this.canvas = element("canvas", { role: "img", "aria-label": label, width: 1, height: 1 })
    this.context = this.canvas.getContext("2d")
  }

  show(sprite, tile) {
    if (this.sprite === sprite && this.tile === tile) return
    if (this.canvas.width !== sprite.width || this.canvas.height !== sprite.height) {
      Object.assign(this.canvas, { width: sprite.width, height: sprite.height })
    }
    sprite.draw(this.context, tile)
    Object.assign(this, { sprite, tile })
  }
}
