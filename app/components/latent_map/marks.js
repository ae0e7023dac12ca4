// Marks over the points: what is under the hand and its card, what is picked, near, generated.

Object.assign(LatentMap.prototype, {
  drawMarks() {
    const { marks, shownViews: views } = this
    const pen = marks.getContext("2d")
    const ratio = marks.width / marks.clientWidth
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, marks.clientWidth, marks.clientHeight)
    const { a, b, neighbours } = this.choice
    const focus = this.hovered?.index ?? b ?? a
    if (this.outline) this.outline.draw(pen, this.accent)
    views.forEach((view, k) => {
      pen.save()
      pen.beginPath()
      pen.rect(view.left, view.top, view.width, view.height)
      pen.clip()
      const at = (index) => onStage(view, pointAt(view, index, this.count))
      const radius = this.choice.thumbnails ? this.thumbSize / 2 : this.dotSize / 2 + 3.5
      this.drawGenerated(pen, view, k)
      if (neighbours && focus != null && focus < this.count) {
        const near = this.nearOf(k, focus).slice(0, neighbours)
        pen.strokeStyle = this.accent
        pen.lineWidth = 1.5
        for (const index of near) line(pen, at(focus), at(index))
        for (const index of near) this.mark(pen, k, index, at(index), radius, this.accent, 1.5)
      }
      for (const [index, letter] of [[a, "A"], [b, "B"]]) {
        if (index == null) continue
        this.mark(pen, k, index, at(index), radius + 1, this.paper, 4)
        this.mark(pen, k, index, at(index), radius + 1, this.ink, 2)
        flag(pen, at(index), radius, letter, this.ink, this.paper)
      }
      if (this.hovered) {
        const { index } = this.hovered
        const place = index < this.count ? at(index) : onStage(view, this.generatedAt(k, index - this.count))
        this.mark(pen, k, index, place, radius + 2, this.paper, 5)
        this.mark(pen, k, index, place, radius + 2, this.accent, 2.5)
      }
      pen.restore()
    })
  },

  // A ring around a point; a frame around a thumbnail, which comes to the front.
  mark(pen, k, index, [x, y], radius, colour, width) {
    const sheet = index < this.count ? this.sheet : this.generated.maps[k].sheet
    if (!this.choice.thumbnails || !sheet) return ring(pen, [x, y], radius, colour, width)
    const side = 2 * radius
    pen.imageSmoothingEnabled = false
    sheet.draw(pen, index < this.count ? index : index - this.count, x - radius, y - radius, side, side)
    pen.strokeStyle = colour
    pen.lineWidth = width
    pen.strokeRect(x - radius, y - radius, side, side)
  },

  nearOf(k, index) {
    const each = this.maps[k].near.length / this.count
    return Array.from(this.maps[k].near.subarray(index * each, (index + 1) * each))
  },

  generatedAt(k, index) {
    return this.generated.maps[k].positions.subarray(index * 3, index * 3 + 3)
  },

  showsGenerated() {
    return this.generated && this.choice.mode === "map" && !this.settling
  },

  drawGenerated(pen, view, k) {
    if (!this.showsGenerated()) return
    const { maps, pairs } = this.generated
    pairs.forEach((pair, index) => {
      const label = this.labels[pair[0]]
      if (this.choice.hidden.includes(label)) return
      const [x, y] = onStage(view, this.generatedAt(k, index))
      const side = this.choice.thumbnails ? this.thumbSize * 0.8 : 4.5
      const colour = `rgb(${this.classStyle(label).rgb.join()})`
      if (this.choice.thumbnails && maps[k].sheet) {
        pen.imageSmoothingEnabled = false
        maps[k].sheet.draw(pen, index, x - side / 2, y - side / 2, side, side)
        pen.strokeStyle = colour
        pen.setLineDash([3, 2])
        pen.strokeRect(x - side / 2, y - side / 2, side, side)
        pen.setLineDash([])
        return
      }
      pen.beginPath()
      for (const [dx, dy] of [[0, -1], [1, 0], [0, 1], [-1, 0]]) pen.lineTo(x + dx * side, y + dy * side)
      pen.closePath()
      pen.lineWidth = 1.4 // open, and so the old points behind are seen
      pen.strokeStyle = colour
      pen.stroke()
    })
  },

  describe(index) {
    if (index >= this.count) {
      const [a, b, t] = this.generated.pairs[index - this.count]
      return `generated, between row ${a} and row ${b}, t ${t.toFixed(2)}, class ${this.className(this.labels[a])}`
    }
    return `row ${index}, class ${this.className(this.labels[index])}`
  },

  showCard() {
    const { card, hovered } = this
    card.node.hidden = !hovered
    if (!hovered) return
    const { index, map } = hovered
    const made = index >= this.count
    const sheet = made ? this.generated.maps[map].sheet : this.sheet
    if (sheet) card.tile.show(sheet, made ? index - this.count : index)
    const label = this.labels[made ? this.generated.pairs[index - this.count][0] : index]
    setText(card.name, this.className(label))
    card.name.style.setProperty("--class", `rgb(${this.classStyle(label).rgb.join()})`)
    if (made) {
      const [a, b, t] = this.generated.pairs[index - this.count]
      setText(card.note, `generated: row ${a} to row ${b}, t = ${t.toFixed(2)}`)
    } else {
      const near = this.nearOf(map, index).slice(0, 5)
      const own = near.filter((i) => this.labels[i] === label).length
      setText(card.note, `row ${index} · image ${this.indices[index]}` + (label < 0 ? "" : `\n${own} of its ${near.length} nearest share its class`))
    }
    const view = this.shownViews[map]
    const [x, y] = onStage(view, made ? this.generatedAt(map, index - this.count) : pointAt(view, index, this.count))
    const width = card.node.offsetWidth, height = card.node.offsetHeight
    const left = x + 18 + width < this.stage.clientWidth ? x + 18 : Math.max(0, x - 18 - width)
    const top = clamp(y - height / 2, 0, this.stage.clientHeight - height)
    card.node.style.transform = `translate(${left}px, ${top}px)`
  },
})

function line(pen, [ax, ay], [bx, by]) {
  pen.beginPath()
  pen.moveTo(ax, ay)
  pen.lineTo(bx, by)
  pen.stroke()
}

function ring(pen, [x, y], radius, colour, width) {
  pen.beginPath()
  pen.arc(x, y, radius, 0, 2 * Math.PI)
  pen.strokeStyle = colour
  pen.lineWidth = width
  pen.stroke()
}

function flag(pen, [x, y], radius, letter, ink, paper) {
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
