// The latent map: one or two projections of the same images, linked. Nothing is sent to the server while a hand
// moves; what is chosen is told when it rests. All text is set as text, never as HTML.

const NEAR = 16 // CSS pixels within which a point answers to the pointer
const REST = 200 // ms of rest after which the choice is told
const CARD = 112 // px, the picture that a point shows
const FILM_SECONDS = 8, MORPH_SECONDS = 2.5, SETTLE_SECONDS = 0.7
const TOOLS = [["pan", "Move", "Drag to move"], ["select", "Box", "Drag a box to select"], ["lasso", "Lasso", "Draw around points to select"]]

class LatentMap {
  constructor(root) {
    this.root = root
    this.choice = { hidden: [], thumbnails: false, neighbours: 0, a: null, b: null, selected: "", mode: "map", at: 1 }
    this.hovered = null
    this.gathered = new Set()
    this.gatheredLive = null
    this.build()
    this.frame = new Frame(this.figure, () => this.wake(), (map, polygon, done) => this.region(map, polygon, done))
    this.points = new Points(this.canvas)
    this.points.onRestored = () => { this.sheetUrl = null; this.update(this.data) }
    new ResizeObserver(() => this.resize()).observe(this.stage)
  }

  // ---- content -------------------------------------------------------------------------------------------------

  async update(data) {
    const first = !this.data
    const same = this.data?.images === data.images
    const before = same && this.data.components === data.components && this.data.layout !== data.layout ? this.maps : null
    this.data = data
    if (first || !same) this.open(data)
    Object.assign(this, { count: data.count, components: data.components })
    if (!same) {
      this.labels = decode(data.labels, Int16Array)
      this.indices = decode(data.indices, Int32Array)
      this.states = new Uint8Array(this.count)
      this.style()
    }
    if (!this.maps || this.shownLayout !== data.layout) {
      this.maps = data.maps.map((map, k) => ({
        title: map.title,
        positions: inSpace(decode(map.positions, Float32Array), data.components),
        film: map.film && inSpace(decode(map.film, Float32Array), data.components),
        steps: map.steps,
        near: decode(map.near, Int32Array),
        key: `${k} ${data.layout}`,
      }))
      this.points.buffers.clear()
      this.maps.forEach((map) => {
        this.points.keep(map.key, map.positions)
        if (map.film) this.points.keep(`${map.key} film`, map.film)
      })
      this.shownLayout = data.layout
      this.settleFrom(before)
    }
    this.takeGenerated(data.generated)
    this.theme()
    this.controls()
    const loading = this.loadSheet(data.sheet)
    this.Plotly = await loadPlotly(data.plotly)
    await this.lay()
    this.setStates()
    await loading
    this.drawDock(this.choice)
    this.root.setAttribute("data-ready", data.layout)
    this.wake()
  }

  // The state that the page opens with; later the map keeps its own.
  open(data) {
    Object.assign(this.choice, data.opening)
    this.gathered = new Set(fromRanges(this.choice.selected).filter((i) => i < data.count))
    for (const name of ["a", "b"]) if (!(this.choice[name] < data.count)) this.choice[name] = null
    this.hovered = null
  }

  async loadSheet(sheet) {
    if (this.sheetUrl === sheet.url) return
    this.sheetUrl = sheet.url
    this.sheet = await loadSheet(sheet)
    const { bitmap, columns, height } = this.sheet
    this.points.setSheet(bitmap, columns, Math.round(bitmap.height / height))
  }

  async takeGenerated(generated) {
    this.generated = generated && {
      ...generated,
      maps: generated.maps.map((map) => ({
        positions: inSpace(decode(map.positions, Float32Array), this.components), sheetData: map.sheet,
      })),
    }
    const mine = this.generated
    for (const map of mine?.maps ?? []) map.sheet = await loadSheet(map.sheetData)
    if (this.generated === mine) this.wake()
  }

  // A change of method or parameters: the points walk from where they were.
  settleFrom(before) {
    this.settling = null
    if (!before || before.length !== this.maps.length || this.still()) return
    this.maps.forEach((map, k) => {
      map.before = before[k].positions
      this.points.keep(`${map.key} before`, map.before)
    })
    this.settling = performance.now()
  }

  still() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches
  }

  // Colour by class, ten of them; shape too where there are more than eight classes.
  style() {
    const { palette, classNames } = this.data
    const many = classNames.length > 8
    const rgb = palette.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)))
    this.colours = new Uint8Array(this.count * 3)
    this.shapes = new Uint8Array(this.count)
    this.classStyle = (label) => label < 0
      ? { rgb: [128, 128, 128], shape: 0 }
      : { rgb: rgb[label % 10], shape: many ? (Math.floor(label / 10) + (label % 10)) % 10 : 0 }
    for (let i = 0; i < this.count; i++) {
      const { rgb: ink, shape } = this.classStyle(this.labels[i])
      this.colours.set(ink, i * 3)
      this.shapes[i] = shape
    }
  }

  className(label) {
    return label < 0 ? "unlabelled" : this.data.classNames[label]
  }

  // ---- the stage -----------------------------------------------------------------------------------------------

  resize() {
    const width = this.stage.clientWidth
    if (!width || !this.maps) return
    const stacked = width < 640 && this.maps.length > 1
    const height = stacked ? 2 * Math.min(width, 420) : clamp(width / this.maps.length, 320, Math.max(360, innerHeight * 0.62))
    if (Math.abs(this.stage.clientHeight - height) > 1) this.stage.style.height = `${height}px`
    const ratio = Math.min(devicePixelRatio || 1, 2)
    for (const canvas of [this.canvas, this.marks]) {
      canvas.width = Math.round(this.stage.clientWidth * ratio)
      canvas.height = Math.round(height * ratio)
    }
    if (this.Plotly && (this.laid?.width !== width || this.laid?.height !== height)) this.lay()
    this.wake()
  }

  async lay() {
    this.resizing ??= Promise.resolve()
    this.resizing = this.resizing.then(async () => {
      const width = this.stage.clientWidth
      if (!width) return
      if (!this.laid) { this.laid = {}; this.resize() }
      const stacked = width < 640 && this.maps.length > 1
      this.laid = { width, height: this.stage.clientHeight }
      await this.frame.draw(this.Plotly, {
        components: this.components, maps: this.maps.length, stacked,
        limits: bounds(this.maps.map((map) => map.positions), this.components),
        revision: `${this.data.images} ${this.data.layout}`,
        colour: this.accent, grid: this.faint,
      })
      if (this.frame.node._fullLayout.width !== width || this.frame.node._fullLayout.height !== this.stage.clientHeight) {
        await this.Plotly.Plots.resize(this.figure)
      }
      this.wake()
    }).catch((error) => this.fail(error))
    return this.resizing
  }

  fail(error) {
    this.message.textContent = `The map cannot be drawn: ${error.message}`
    this.message.hidden = false
  }

  theme() {
    const style = getComputedStyle(this.root)
    const [ink, ground] = [style.color, style.backgroundColor].map((colour) => colour.match(/[\d.]+/g).slice(0, 3).map(Number))
    this.ground = ground.map((value) => value / 255)
    this.faint = `rgb(${ground.map((value, i) => Math.round(value + (ink[i] - value) * 0.13)).join()})`
    this.ink = style.color
    this.paper = style.backgroundColor
    this.accent = style.getPropertyValue("--st-primary-color").trim()
  }

  // Draw now, and go on for as long as something moves.
  wake() {
    this.dirty = true
    if (this.waiting) return
    this.waiting = requestAnimationFrame((now) => { this.waiting = null; this.tick(now) })
  }

  tick(now) {
    if (!this.root.isConnected || !this.maps || !this.frame.drawn) return
    let moving = this.held
    if (this.playing) {
      const seconds = this.choice.mode === "film" ? FILM_SECONDS : MORPH_SECONDS
      const step = (now - (this.lastTick ?? now)) / 1000 / seconds
      this.setAt(Math.min(1, this.choice.at + step))
      if (this.choice.at >= 1) this.play(false)
      moving = true
    }
    this.lastTick = this.playing ? now : null
    if (this.settling) {
      moving = true
      if (now - this.settling > SETTLE_SECONDS * 1000) this.settling = null
    }
    this.draw(now)
    if (moving) this.wake()
  }

  // Each map's view, with what it is drawn from: the layout, two layouts (morph), or two snapshots (film).
  views(now = 0) {
    const views = this.frame.views()
    if (views.length !== this.maps.length) return []
    return views.map((view, k) => ({ ...view, ...this.source(k, now) }))
  }

  source(k, now) {
    const map = this.maps[k]
    const here = { key: map.key, array: map.positions, frame: 0 }
    const { mode, at } = this.choice
    if (this.settling && map.before) {
      const share = Math.min(1, Math.max(0, (now - this.settling) / (SETTLE_SECONDS * 1000)))
      return { from: { key: `${map.key} before`, array: map.before, frame: 0 }, to: here, mixing: ease(share) }
    }
    if (mode === "morph" && this.maps.length > 1 && k === 0) {
      const there = this.maps[1]
      return { from: here, to: { key: there.key, array: there.positions, frame: 0 }, mixing: ease(at) }
    }
    if (mode === "film" && map.film) {
      const last = map.steps.length - 1
      const place = Math.min(at * last, last), frame = Math.min(Math.floor(place), Math.max(last - 1, 0))
      const film = { key: `${map.key} film`, array: map.film }
      return { from: { ...film, frame }, to: { ...film, frame: Math.min(frame + 1, last) }, mixing: place - frame }
    }
    return { from: here, to: here, mixing: 0 }
  }

  draw(now) {
    const views = (this.shownViews = this.views(now))
    if (!views.length) return
    const room = views[0].width * views[0].height
    const { thumbnails } = this.choice
    this.dotSize = clamp(33 / this.count ** 0.22, 2.6, 12)
    this.thumbSize = clamp(1.1 * Math.sqrt(room / this.count), 14, 32)
    this.points.draw(views, {
      count: this.count, colours: this.colours, shapes: this.shapes, states: this.states, ground: this.ground,
      size: thumbnails ? this.thumbSize : this.dotSize + (this.shapes.some(Boolean) ? 1.5 : 0), thumbnails,
      depth: this.components === 3, dimmed: this.anyDimmed,
    })
    this.panes.forEach((pane, k) => {
      pane.hidden = k >= views.length
      const view = views[k]
      if (!view) return
      const box = { left: view.left, top: view.top, width: view.width, height: view.height }
      for (const [name, value] of Object.entries(box)) pane.style[name] = `${value}px`
      setText(pane.firstChild, this.title(k))
    })
    this.drawMarks()
    this.frames = (this.frames ?? 0) + 1
    this.root.dataset.frames = this.frames
  }

  title(k) {
    const { mode, at } = this.choice
    const map = this.maps[k]
    if (mode === "morph" && k === 0 && this.maps.length > 1) return `${map.title} → ${this.maps[1].title}`
    if (mode === "film" && map.steps?.length) {
      return `${map.title} · step ${map.steps[Math.round(at * (map.steps.length - 1))]}`
    }
    return map.title
  }

  // ---- marks: what is under the hand, picked, near, generated -----------------------------------------------------

  drawMarks() {
    const { marks, shownViews: views } = this
    const pen = marks.getContext("2d")
    const ratio = marks.width / marks.clientWidth
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, marks.clientWidth, marks.clientHeight)
    const { a, b, neighbours } = this.choice
    const focus = this.hovered?.index ?? b ?? a
    views.forEach((view, k) => {
      pen.save()
      pen.beginPath()
      pen.rect(view.left, view.top, view.width, view.height)
      pen.clip()
      const at = (index) => onStage(view, pointAt(view, index, this.count))
      const radius = (this.choice.thumbnails ? this.thumbSize * 0.72 : this.dotSize / 2) + 3.5
      this.drawGenerated(pen, view, k)
      if (neighbours && focus != null && focus < this.count) {
        const near = this.nearOf(k, focus).slice(0, neighbours)
        const from = at(focus)
        pen.strokeStyle = this.accent
        pen.lineWidth = 1.5
        for (const index of near) {
          const to = at(index)
          pen.globalAlpha = 0.8
          line(pen, from, to)
          ring(pen, to, radius, this.accent, 1.5)
        }
        pen.globalAlpha = 1
      }
      for (const [index, letter] of [[a, "A"], [b, "B"]]) {
        if (index == null) continue
        ring(pen, at(index), radius + 1, this.ink, 2)
        flag(pen, at(index), radius, letter, this.ink, this.paper)
      }
      if (this.hovered) {
        const { index } = this.hovered
        const place = index < this.count ? at(index) : onStage(view, this.generatedAt(k, index - this.count))
        ring(pen, place, radius + 2, this.paper, 5)
        ring(pen, place, radius + 2, this.accent, 2.5)
      }
      pen.restore()
    })
  }

  nearOf(k, index) {
    const each = this.maps[k].near.length / this.count
    return Array.from(this.maps[k].near.subarray(index * each, (index + 1) * each))
  }

  generatedAt(k, index) {
    return this.generated.maps[k].positions.subarray(index * 3, index * 3 + 3)
  }

  showsGenerated() {
    return this.generated && this.choice.mode === "map" && !this.settling
  }

  drawGenerated(pen, view, k) {
    if (!this.showsGenerated()) return
    const { maps, pairs } = this.generated
    pairs.forEach((pair, index) => {
      const label = this.labels[pair[0]]
      if (this.choice.hidden.includes(label)) return
      const [x, y] = onStage(view, this.generatedAt(k, index))
      const side = this.choice.thumbnails ? this.thumbSize * 0.8 : 5
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
      pen.fillStyle = this.paper
      pen.fill()
      pen.lineWidth = 1.8
      pen.strokeStyle = colour
      pen.stroke()
    })
  }

  // ---- choosing ------------------------------------------------------------------------------------------------

  viewUnder(x, y) {
    return this.shownViews?.findIndex((v) => x >= v.left && x <= v.left + v.width && y >= v.top && y <= v.top + v.height) ?? -1
  }

  // The point nearest to (x, y) on the stage, generated ones too, or null.
  pick(x, y) {
    const map = this.viewUnder(x, y)
    if (map < 0) return null
    const view = this.shownViews[map]
    let best = Math.max(NEAR, this.choice.thumbnails ? this.thumbSize / 2 : 0) ** 2, index = null
    const consider = (i, px, py) => {
      const distance = (px - x) ** 2 + (py - y) ** 2
      if (distance < best) { best = distance; index = i }
    }
    eachOnStage(view, this.states, consider)
    if (this.showsGenerated()) {
      this.generated.pairs.forEach((pair, i) => {
        if (!this.choice.hidden.includes(this.labels[pair[0]])) consider(this.count + i, ...onStage(view, this.generatedAt(map, i)))
      })
    }
    return index == null ? null : { index, map }
  }

  hover(found, quiet = false) {
    if (found?.index === this.hovered?.index && found?.map === this.hovered?.map) return
    this.hovered = found
    this.root.dataset.hovered = found?.index ?? ""
    this.drawMarks()
    this.showCard()
    if (found && !quiet) setText(this.live, this.describe(found.index))
  }

  describe(index) {
    if (index >= this.count) {
      const [a, b, t] = this.generated.pairs[index - this.count]
      return `generated, between row ${a} and row ${b}, t ${t.toFixed(2)}, class ${this.className(this.labels[a])}`
    }
    return `row ${index}, class ${this.className(this.labels[index])}`
  }

  showCard() {
    const { card, hovered } = this
    card.hidden = !hovered
    if (!hovered) return
    const { index, map } = hovered
    const pen = card.canvas.getContext("2d")
    const made = index >= this.count
    const sheet = made ? this.generated.maps[map].sheet : this.sheet
    if (sheet) {
      Object.assign(card.canvas, { width: sheet.width, height: sheet.height })
      sheet.draw(pen, made ? index - this.count : index, 0, 0, sheet.width, sheet.height)
    }
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
    const width = card.offsetWidth, height = card.offsetHeight
    const left = x + 18 + width < this.stage.clientWidth ? x + 18 : Math.max(0, x - 18 - width)
    const top = clamp(y - height / 2, 0, this.stage.clientHeight - height)
    card.style.transform = `translate(${left}px, ${top}px)`
  }

  // A click: first A, then B, then A anew.
  choose(index) {
    if (index == null || index >= this.count) return
    const { choice } = this
    if (choice.a == null || choice.b != null) Object.assign(choice, { a: index, b: null })
    else if (index !== choice.a) choice.b = index
    this.changed()
    this.drawMarks()
  }

  region(map, polygon, done) {
    const view = this.shownViews[map]
    const found = new Set()
    for (let i = 0; i < this.count; i++) {
      if (this.states[i] === HIDDEN) continue
      const [x, y] = pointAt(view, i, this.count)
      if (inside(x, y, polygon)) found.add(i)
    }
    if (this.adding) for (const i of this.gathered) found.add(i)
    if (!done) { this.gatheredLive = found; return this.setStates() }
    this.gatheredLive = null
    this.gathered = found
    this.setStates()
    this.changed()
  }

  // Shown, dimmed (not in the selection) or hidden (its class is off).
  setStates() {
    const gathered = this.gatheredLive ?? this.gathered
    this.anyDimmed = gathered.size > 0
    const off = new Set(this.choice.hidden)
    for (let i = 0; i < this.count; i++) {
      this.states[i] = off.has(this.labels[i]) ? HIDDEN : this.anyDimmed && !gathered.has(i) ? DIMMED : SHOWN
    }
    this.states.changed = true
    this.root.dataset.selected = gathered.size
    this.wake()
  }

  clear() {
    this.gathered.clear()
    Object.assign(this.choice, { a: null, b: null })
    this.setStates()
    this.changed()
  }

  setAt(at) {
    this.choice.at = at
    this.slider.value = Math.round(at * 1000)
    this.slider.setAttribute("aria-valuetext", this.title(0))
    this.wake()
  }

  setMode(mode) {
    this.play(false)
    this.choice.mode = mode
    this.settling = null
    this.setAt(mode === "map" ? 1 : 0)
    this.changed()
    if (mode !== "map") this.play(true)
  }

  play(on) {
    if (this.playing && !on) this.tell()
    this.playing = on
    this.lastTick = null
    if (on && this.choice.at >= 1) this.setAt(0)
    setText(this.playButton, on ? "Pause" : "Play")
    this.wake()
  }

  // What was chosen changed: show it in the controls, and tell it when the hand rests.
  changed() {
    this.choice.selected = toRanges([...this.gathered].sort((x, y) => x - y))
    this.controls()
    this.tell()
  }

  tell() {
    clearTimeout(this.resting)
    this.resting = setTimeout(() => this.onRest?.({ ...this.choice, at: Math.round(this.choice.at * 1000) / 1000 }), REST)
  }
}
