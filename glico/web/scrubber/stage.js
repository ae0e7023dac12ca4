// The pictures at t, a figure a path, each with what is read off it; and the images that the path joins.

// Text that changes with t in room for the longest of its texts, and so nothing else moves.
class Steady {
  constructor(tag, className, texts) {
    const longest = texts.reduce((one, other) => (other.length > one.length ? other : one), "")
    this.text = element("span")
    this.node = element(tag, { class: `steady ${className}`, "data-longest": longest }, this.text)
  }

  show(text) {
    setText(this.text, text)
  }
}

class View {
  constructor(data, sprite) {
    Object.assign(this, { data, sprite, tile: new Tile(data.name) })
    this.norm = element("span", { class: "number" })
    const caption = element("figcaption", {},
      element("span", { class: `key ${data.style}` }), element("strong", {}, data.name), this.norm)
    const reading = element("div", { class: "reading" })
    if (data.confidence) {
      this.seen = new Steady("span", "name", data.seen)
      this.percent = element("span", { class: "number" })
      this.bar = element("span", { class: "bar" })
      reading.append(element("div", { class: "seen" }, element("span", { class: "what" }, "the classifier sees"),
        this.percent, this.seen.node, element("span", { class: "track" }, this.bar)))
    }
    this.neighbours = data.neighbours.map((neighbour) => {
      const tile = new Tile(neighbour.title)
      const text = new Steady("span", "name", neighbour.names)
      const detail = element("span", { class: "number" })
      reading.append(element("div", { class: "neighbour" }, tile.canvas,
        element("div", {}, element("span", { class: "what" }, neighbour.title), text.node, detail)))
      return { data: neighbour, tile, text, detail }
    })
    this.remark = new Steady("p", "remark", data.remarks)
    reading.append(this.remark.node)
    this.figure = element("figure", { class: "view" }, this.tile.canvas, caption, reading)
  }

  draw(frame, tiles) {
    const { data } = this
    this.tile.show(this.sprite, frame)
    setText(this.norm, `‖z‖ ${data.norm[frame].toFixed(3)}`)
    if (this.seen) {
      this.seen.show(data.seen[frame])
      setText(this.percent, `${(100 * data.confidence[frame]).toFixed(0)} %`)
      this.bar.style.transform = `scaleX(${data.confidence[frame]})`
    }
    for (const { data: neighbour, tile, text, detail } of this.neighbours) {
      tile.show(tiles, neighbour.tiles[frame])
      text.show(neighbour.names[frame])
      setText(detail, neighbour.details[frame])
    }
    this.remark.show(data.remarks[frame])
  }
}

function waypoint(point, tiles) {
  const pictures = point.pictures.map((picture) => {
    const tile = new Tile(`${point.label}, ${picture.caption}`)
    tile.show(tiles, picture.tile)
    return element("figure", {}, tile.canvas, element("figcaption", {}, picture.caption))
  })
  return element("div", { class: "waypoint" },
    element("div", { class: "who" }, element("span", { class: `letter ${point.style}` }, point.label),
      element("span", { class: "name" }, point.name)),
    element("div", { class: "pictures" }, ...pictures))
}
