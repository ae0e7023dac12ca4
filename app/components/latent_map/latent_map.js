// The latent map: one or two projections of the same images, linked. Nothing is sent to the server while a hand
// moves; what is chosen is told when it rests. The parts in the files beside add their methods to this class.

class LatentMap {
  constructor(root) {
    this.root = root
    this.choice = { hidden: [], thumbnails: false, neighbours: 0, a: null, b: null, selected: "", mode: "map", at: 1 }
    this.hovered = null
    this.gathered = new Set()
    this.gatheredLive = null
    this.lit = null // the class that is pointed at in the legend
    this.tool = "pan"
    this.every = 1
    this.outline = null
    this.build()
    this.frame = new Frame(this.figure, () => this.wake(), (map, polygon, done) => this.region(map, polygon, done))
    this.listen()
    this.points = new Points(this.canvas)
    this.points.onRestored = () => { this.sheetUrl = this.shownLayout = null; this.update(this.data) }
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
      this.points.forget()
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
    this.showDock()
    this.root.setAttribute("data-ready", data.layout)
    this.wake()
  }

  // The state that the page opens with; later the map keeps its own.
  open(data) {
    Object.assign(this.choice, data.opening)
    this.gathered = new Set(fromRanges(this.choice.selected).filter((i) => i < data.count))
    for (const name of ["a", "b"]) if (!(this.choice[name] < data.count)) this.choice[name] = null
    this.hovered = this.lit = null
  }

  async loadSheet(sheet) {
    if (this.sheetUrl === sheet.url) return
    this.sheetUrl = sheet.url
    this.sheet = await Sprite.load(sheet)
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
    for (const map of mine?.maps ?? []) map.sheet = await Sprite.load(map.sheetData)
    if (this.generated === mine) this.wake()
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

  // Draw at the display's next frame, and go on for as long as something moves.
  wake() {
    this.stale = true
    this.watch()
  }

  watch() {
    this.waiting ??= requestAnimationFrame((now) => { this.waiting = null; this.tick(now) })
  }

  // Each map's view, with what it is drawn from.
  views(now = 0) {
    const views = this.frame.views()
    if (views.length !== this.maps.length) return []
    return views.map((view, k) => ({ ...view, ...this.source(k, now) }))
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
      depth: this.components === 3, dimmed: this.anyDimmed, every: this.every,
    })
    this.panes.forEach((pane, k) => {
      pane.hidden = k >= views.length
      const view = views[k]
      if (!view) return
      const box = { left: view.left, top: view.top, width: view.width, height: view.height }
      for (const [name, value] of Object.entries(box)) pane.style[name] = `${value}px`
      setText(pane.firstChild, this.title(k))
    })
    this.stage.toggleAttribute("data-far", this.frame.components === 2 && this.tool === "pan" && !this.frame.near)
    this.drawMarks()
    this.frames = (this.frames ?? 0) + 1
    this.root.dataset.frames = this.frames
  }
}
