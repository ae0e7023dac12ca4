// The scrubber: frames of one or more paths, drawn at display rate from sprites that the browser holds.
// Nothing is sent while a hand moves; onRelease(t) is called when it rests. All text is set as text, never as HTML.

const RELEASE_PAUSE = 200 // ms of rest after which the chosen t is told
const SECONDS_A_PIECE = 3 // playing time between two waypoints
const FILM_HEIGHT = 36 // px
const WIDE = 900 // px; from here on the charts stand beside the pictures
const SVG = "http://www.w3.org/2000/svg"

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "")
    else if (value !== false && value != null) node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

function svg(tag, attributes) {
  const node = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  return node
}

function setText(node, text) {
  if (node.firstChild?.nodeValue !== text) node.textContent = text
}

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

export class Scrubber {
  constructor(root, onRelease = () => {}) {
    Object.assign(this, { root, onRelease, frame: 0, playing: false, looping: false, generation: 0 })
    this.slider = element("input", { type: "range", class: "slider", min: 0, step: 1, value: 0 })
    this.slider.addEventListener("input", () => this.take(Number(this.slider.value)))
    this.slider.addEventListener("change", () => this.rest())
    this.slider.addEventListener("keydown", (event) => {
      if (event.key === " ") { event.preventDefault(); this.turn() }
    })
    this.output = element("output", { class: "t" })
    this.playButton = this.button("Play", () => this.turn())
    this.playButton.classList.add("play")
    this.loopButton = this.button("Loop", () => this.toggle(this.loopButton, (on) => { this.looping = on }))
    this.loopButton.title = "Play there and back again"
    this.smoothButton = this.button("Smooth", () => this.toggle(this.smoothButton, (on) => {
      this.root.toggleAttribute("data-smooth", on)
    }))
    this.smoothButton.title = "Blend the pixels of enlarged images instead of showing them as they are"
    for (const button of [this.loopButton, this.smoothButton]) button.setAttribute("aria-pressed", "false")
    this.stage = element("div", { class: "stage" })
    this.waypoints = element("div", { class: "waypoints" })
    this.films = element("div", { class: "films" })
    this.charts = element("div", { class: "charts" })
    this.cursor = element("div", { class: "cursor" })
    this.hover = element("div", { class: "cursor hover", hidden: true })
    this.plots = element("div", { class: "plots" },
      this.charts, element("div", { class: "overlay", "aria-hidden": "true" }, this.cursor, this.hover))
    this.note = element("p", { class: "note" })
    this.transport = element("div", { class: "transport" },
      element("div", { class: "buttons" }, this.playButton, this.loopButton, this.smoothButton), this.output)
    this.scrubOn(this.films)
    this.scrubOn(this.charts)
    this.charts.addEventListener("pointermove", (event) => this.showHover(this.frameAt(event)))
    this.charts.addEventListener("pointerleave", () => this.showHover(null))
    const timeline = element("div", { class: "timeline" },
      this.waypoints, this.transport, this.films, this.plots, this.note)
    root.replaceChildren(element("div", { class: "layout" }, this.stage, timeline))
    // By hand and not by a container query: that would cost every frame a second layout.
    this.observer = new ResizeObserver(() => {
      this.root.toggleAttribute("data-wide", this.root.clientWidth >= WIDE)
      this.drawFilms()
    })
    this.observer.observe(this.root)
  }

  button(label, action) {
    const button = element("button", { type: "button" }, label)
    button.addEventListener("click", action)
    return button
  }

  toggle(button, apply) {
    const on = button.getAttribute("aria-pressed") !== "true"
    button.setAttribute("aria-pressed", String(on))
    apply(on)
  }

  // New data: other images, or another path. Keeps t, the nodes, and what is pressed.
  async update(data) {
    const generation = ++this.generation
    this.root.setAttribute("aria-busy", "true")
    let sprites
    try {
      sprites = await Promise.all([...data.views.map((view) => view.sprite), data.tiles].map(Sprite.load))
    } catch (error) {
      this.stage.replaceChildren(element("p", { class: "remark" }, "The frames could not be read."))
      return
    }
    if (generation !== this.generation) return
    const t = this.data ? this.data.t[this.frame] : data.start
    const moved = !this.data || data.start !== this.data.start
    this.data = data
    this.tiles = sprites.pop()
    this.buildStage(sprites)
    this.buildWaypoints()
    this.buildFilms()
    this.buildCharts()
    this.slider.max = data.t.length - 1
    this.slider.setAttribute("aria-label", data.label)
    setText(this.note, data.note ?? "")
    this.draw(this.nearest(moved ? data.start : t))
    this.root.removeAttribute("aria-busy")
  }

  moveTo(t) {
    this.data.start = t
    if (this.views) this.schedule(this.nearest(t))
  }

  nearest(t) {
    const frames = this.data.t.map((value, frame) => [Math.abs(value - t), frame])
    return frames.reduce((best, next) => (next[0] < best[0] ? next : best))[1]
  }

  buildStage(sprites) {
    this.views = this.data.views.map((view, i) => {
      const parts = { data: view, sprite: sprites[i], tile: new Tile(view.name) }
      parts.norm = element("span", { class: "number" })
      parts.title = element("figcaption", {},
        element("span", { class: `key ${view.style}` }), element("strong", {}, view.name), parts.norm)
      parts.reading = element("div", { class: "reading" }, parts.title)
      if (view.confidence) {
        parts.seen = element("span", { class: "name" })
        parts.percent = element("span", { class: "number" })
        parts.bar = element("span", { class: "bar" })
        parts.reading.append(element("div", { class: "seen" },
          element("span", { class: "what" }, "the classifier sees"), parts.percent, parts.seen, element("span", { class: "track" }, parts.bar)))
      }
      parts.neighbours = view.neighbours.map((neighbour) => {
        const tile = new Tile(neighbour.title)
        const text = element("span", { class: "name" })
        const detail = element("span", { class: "number" })
        parts.reading.append(element("div", { class: "neighbour" }, tile.canvas,
          element("div", {}, element("span", { class: "what" }, neighbour.title), text, detail)))
        return { data: neighbour, tile, text, detail }
      })
      parts.remark = element("p", { class: "remark" })
      parts.reading.append(parts.remark)
      parts.figure = element("figure", { class: "view" }, parts.tile.canvas, parts.reading)
      return parts
    })
    this.stage.replaceChildren(...this.views.map((view) => view.figure))
  }

  buildWaypoints() {
    this.waypoints.replaceChildren(...this.data.waypoints.map((point) => {
      const pictures = point.pictures.map((picture) => {
        const tile = new Tile(`${point.label}, ${picture.caption}`)
        tile.show(this.tiles, picture.tile)
        return element("figure", {}, tile.canvas, element("figcaption", {}, picture.caption))
      })
      return element("div", { class: "waypoint" },
        element("div", { class: "who" }, element("span", { class: `letter ${point.style}` }, point.label),
          element("span", { class: "name" }, point.name)),
        element("div", { class: "pictures" }, ...pictures))
    }))
    this.waypoints.classList.toggle("many", this.data.waypoints.length > 2)
  }

  buildFilms() {
    const rows = this.views.map((view) => {
      view.film = element("canvas", { class: "film", "aria-hidden": "true" })
      return element("div", { class: "row" }, element("span", { class: "gutter" }, view.data.name), view.film)
    })
    const slider = element("div", { class: "row" }, element("span", { class: "gutter" }, "t"), this.slider)
    this.films.replaceChildren(...rows.slice(0, 1), slider, ...rows.slice(1))
    this.drawFilms()
  }

  drawFilms() {
    for (const view of this.views ?? []) {
      const scale = window.devicePixelRatio || 1
      const width = view.film.clientWidth
      if (!width) continue
      const across = FILM_HEIGHT * (view.sprite.width / view.sprite.height)
      const count = Math.max(2, Math.round(width / across))
      Object.assign(view.film, { width: Math.round(width * scale), height: Math.round(FILM_HEIGHT * scale) })
      const context = view.film.getContext("2d")
      context.imageSmoothingEnabled = view.sprite.height > FILM_HEIGHT * scale
      for (let i = 0; i < count; i++) {
        const frame = Math.round(((i + 0.5) / count) * (this.data.t.length - 1))
        const left = Math.round((i * view.film.width) / count)
        const right = Math.round(((i + 1) * view.film.width) / count)
        view.sprite.draw(context, frame, left, 0, right - left, view.film.height)
      }
    }
  }

  buildCharts() {
    const last = this.data.t.length - 1
    this.panels = this.data.charts.map((chart) => {
      const values = chart.series.flatMap((series) => series.values)
      const low = chart.low ?? Math.min(...values)
      const high = Math.max(chart.high ?? -Infinity, Math.max(...values), low + 1e-9)
      const plot = svg("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", class: "plot", "aria-hidden": "true" })
      const readings = chart.series.map((series) => {
        const points = series.values.map((value, i) => {
          return `${((1000 * i) / last).toFixed(1)},${(98 - (96 * (value - low)) / (high - low)).toFixed(2)}`
        })
        plot.append(svg("polyline", { points: points.join(" "), class: `line ${series.style}` }))
        const value = element("span", { class: "number" })
        const name = element("span", { class: "name" })
        return { series, value, name, node: element("span", { class: "entry" },
          element("span", { class: `key ${series.style}` }), name, value) }
      })
      const node = element("div", { class: "panel" },
        element("div", { class: "head" }, element("span", { class: "title" }, chart.title),
          ...readings.map((reading) => reading.node)),
        element("div", { class: "row" },
          element("span", { class: "gutter scale" }, element("span", {}, this.format(high, chart)), element("span", {}, this.format(low, chart))),
          element("div", { class: "plotbox" }, plot)))
      return { chart, readings, node }
    })
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((t) => element("span", { style: `left: ${100 * t}%` }, String(t)))
    const axis = element("div", { class: "row axis", "aria-hidden": "true" },
      element("span", { class: "gutter" }, "t"), element("div", { class: "ticks" }, ...ticks))
    this.charts.replaceChildren(...this.panels.map((panel) => panel.node), axis)
  }

  format(value, chart) {
    return chart.percent ? `${(100 * value).toFixed(0)} %` : value.toFixed(chart.digits)
  }

  // A hand has moved: draw at the next frame of the display.
  take(frame) {
    clearTimeout(this.pause)
    this.play(false)
    this.schedule(frame)
  }

  schedule(frame) {
    this.wanted = Math.max(0, Math.min(this.data.t.length - 1, frame))
    this.request ??= requestAnimationFrame(() => {
      this.request = null
      this.draw(this.wanted)
    })
  }

  rest() {
    clearTimeout(this.pause)
    this.pause = setTimeout(() => this.onRelease(this.data.t[this.frame]), RELEASE_PAUSE)
  }

  // Everything that belongs to one frame, at once: the t printed is the t of the frame shown.
  draw(frame) {
    this.frame = frame
    const { data } = this
    const t = data.t[frame].toFixed(data.digits)
    setText(this.output, `t = ${t}`)
    this.root.dataset.frame = frame
    for (const view of this.views) {
      view.tile.show(view.sprite, frame)
      setText(view.norm, `‖z‖ ${view.data.norm[frame].toFixed(3)}`)
      if (view.seen) {
        setText(view.seen, view.data.seen[frame])
        setText(view.percent, `${(100 * view.data.confidence[frame]).toFixed(0)} %`)
        view.bar.style.transform = `scaleX(${view.data.confidence[frame]})`
      }
      for (const { data: neighbour, tile, text, detail } of view.neighbours) {
        tile.show(this.tiles, neighbour.tiles[frame])
        setText(text, neighbour.names[frame])
        setText(detail, neighbour.details[frame])
      }
      setText(view.remark, view.data.remarks[frame])
    }
    const along = frame / (data.t.length - 1)
    this.cursor.style.transform = `translateX(${100 * along}%)`
    if (Number(this.slider.value) !== frame) this.slider.value = frame
    this.slider.setAttribute("aria-valuetext", `t ${t}, ${data.places[frame]}`)
    if (this.hovered == null) this.read(frame)
  }

  read(frame) {
    for (const { chart, readings } of this.panels) {
      for (const { series, value, name } of readings) {
        setText(name, series.names?.[frame] ?? series.name)
        setText(value, this.format(series.values[frame], chart))
      }
    }
  }

  showHover(frame) {
    this.hovered = frame
    this.hover.hidden = frame == null
    if (frame != null) this.hover.style.transform = `translateX(${(100 * frame) / (this.data.t.length - 1)}%)`
    this.read(frame ?? this.frame)
  }

  frameAt(event) {
    const box = this.slider.getBoundingClientRect()
    const inset = parseFloat(getComputedStyle(this.root).getPropertyValue("--inset"))
    const along = (event.clientX - box.left - inset) / (box.width - 2 * inset)
    return Math.round(Math.max(0, Math.min(1, along)) * (this.data.t.length - 1))
  }

  // Films and charts are scrubbed like the slider.
  scrubOn(area) {
    let held = false
    area.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target === this.slider) return
      held = true
      area.setPointerCapture(event.pointerId)
      this.take(this.frameAt(event))
    })
    area.addEventListener("pointermove", (event) => held && this.take(this.frameAt(event)))
    for (const end of ["pointerup", "pointercancel"]) {
      area.addEventListener(end, () => { if (held) { held = false; this.rest() } })
    }
  }

  // Play, or pause and tell where.
  turn() {
    this.play(!this.playing)
    if (!this.playing) this.rest()
  }

  play(on) {
    if (on === this.playing) return
    this.playing = on
    setText(this.playButton, on ? "Pause" : "Play")
    if (!on) return
    const last = this.data.t.length - 1
    const seconds = SECONDS_A_PIECE * (this.data.waypoints.length - 1)
    let along = this.frame === last ? 0 : this.frame / last
    let direction = 1
    let before = null
    const step = (now) => {
      if (!this.playing) return
      along += direction * (before == null ? 0 : Math.min(now - before, 100) / 1000 / seconds)
      before = now
      if (along >= 1 || along <= 0) {
        along = Math.max(0, Math.min(1, along))
        if (this.looping) direction = along >= 1 ? -1 : 1
        else if (along >= 1) { this.draw(last); this.play(false); this.rest(); return }
      }
      this.draw(Math.round(along * last))
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }

  close() {
    this.playing = false
    clearTimeout(this.pause)
    this.observer.disconnect()
  }
}

// Light or dark, by the ground that the scrubber lies on.
export function isDark(root) {
  const [red, green, blue] = groundOf(root)
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128
}

function groundOf(root) {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  probe.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim() || "#ffffff"
  probe.fillRect(0, 0, 1, 1)
  return probe.getImageData(0, 0, 1, 1).data
}

const scrubbers = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".scrubber")
  let held = scrubbers.get(parentElement)
  if (!held) {
    held = { scrubber: new Scrubber(root), content: null }
    scrubbers.set(parentElement, held)
  }
  held.scrubber.onRelease = (t) => setStateValue("t", t)
  root.toggleAttribute("data-dark", isDark(root))
  if (held.content !== data.content) {
    held.content = data.content
    held.scrubber.update(data)
  } else if (held.start !== data.start) {
    held.scrubber.moveTo(data.start)
  }
  held.start = data.start
  return () => held.scrubber.close()
}
