// A box or a lasso over a scene, where plotly.js offers neither: in CSS pixels of the stage.

class Outline {
  constructor(map, tool, start) {
    Object.assign(this, { map, tool, start, polygon: [start], moved: false })
  }

  to(x, y) {
    const [left, top] = this.start
    if (this.tool === "lasso") this.polygon.push([x, y])
    else this.polygon = [[left, top], [x, top], [x, y], [left, y]]
    this.moved ||= Math.hypot(x - left, y - top) >= STILL
  }

  draw(pen, colour) {
    pen.beginPath()
    for (const [x, y] of this.polygon) pen.lineTo(x, y)
    pen.closePath()
    pen.strokeStyle = colour
    pen.lineWidth = 1.5
    pen.stroke()
  }
}
