// The map's controls: tools, legend, scrubber, the two picked images; mouse, touch and keyboard.

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "")
    else if (value !== false && value != null) node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high)
const ease = (share) => share * share * (3 - 2 * share)

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

async function loadSheet(data) {
  const image = new Image()
  image.src = data.url
  await image.decode()
  const bitmap = await createImageBitmap(image)
  const draw = (pen, tile, x, y, width, height) => {
    pen.imageSmoothingEnabled = false
    const left = (tile % data.columns) * data.width, top = Math.floor(tile / data.columns) * data.height
    pen.drawImage(bitmap, left, top, data.width, data.height, x, y, width, height)
  }
  return { bitmap, draw, columns: data.columns, width: data.width, height: data.height }
}

// The legend's mark of a class: the shape of its points, drawn by the same rules in SVG.
const SHAPES = [
  "M1.9 8a6.1 6.1 0 1 0 12.2 0a6.1 6.1 0 1 0-12.2 0", "M2.5 2.5h11v11h-11z", "M8 .4l7.6 7.6l-7.6 7.6l-7.6-7.6z",
  "M8 1.2l7.4 12.6h-14.8z", "M8 14.8l7.4-12.6h-14.8z", "M6 1.4h4v4.6h4.6v4h-4.6v4.6h-4v-4.6h-4.6v-4h4.6z",
  "M3.2 1l4.8 4.6l4.8-4.6l2.2 2.2l-4.6 4.8l4.6 4.8l-2.2 2.2l-4.8-4.6l-4.8 4.6l-2.2-2.2l4.6-4.8l-4.6-4.8z",
  "M1.6 8a6.4 6.4 0 1 0 12.8 0a6.4 6.4 0 1 0-12.8 0M4.8 8a3.2 3.2 0 1 1 6.4 0a3.2 3.2 0 1 1-6.4 0",
  "M2.4 2.4h11.2v11.2h-11.2zM5.3 5.3v5.4h5.4v-5.4z", "M1.2 5.3h13.6v5.4h-13.6z",
]

function mark({ rgb, shape }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", SHAPES[shape])
  path.setAttribute("fill", `rgb(${rgb.join()})`)
  path.setAttribute("fill-rule", "evenodd")
  svg.append(path)
  return svg
}

Object.assign(LatentMap.prototype, {
  build() {
    const button = (text, click, attributes = {}) => {
      const node = element("button", { type: "button", ...attributes }, text)
      node.addEventListener("click", click)
      return node
    }
    this.tools = TOOLS.map(([tool, text, hint]) => button(text, () => this.setTool(tool), { title: hint, "data-tool": tool }))
    this.toolGroup = element("div", { class: "group", role: "group", "aria-label": "What dragging does" }, ...this.tools)
    const zoom = element("div", { class: "group", role: "group", "aria-label": "Zoom" },
      button("+", () => this.frame.zoom(0.75), { "aria-label": "Zoom in" }),
      button("−", () => this.frame.zoom(1 / 0.75), { "aria-label": "Zoom out" }),
      button("Reset", () => this.frame.reset(), { "aria-label": "Reset the view" }))
    this.thumbButton = button("Thumbnails", () => this.toggleThumbnails(), { "aria-pressed": "false" })
    this.nearInput = element("select", { class: "near" })
    for (const [value, text] of [[0, "none"], [5, "5 nearest"], [10, "10 nearest"]]) {
      this.nearInput.append(element("option", { value }, text))
    }
    this.nearInput.addEventListener("change", () => {
      this.choice.neighbours = Number(this.nearInput.value)
      this.drawMarks()
      this.tell()
    })
    const near = element("label", { class: "field", title: "Nearest codes in the original space" }, "Neighbours ", this.nearInput)

    this.modes = [["map", "Map"], ["morph", "Morph"], ["film", "Training"]].map(([mode, text]) =>
      button(text, () => this.setMode(mode), { "data-mode": mode }))
    this.modeGroup = element("div", { class: "group", role: "group", "aria-label": "What is shown" }, ...this.modes)
    this.playButton = button("Play", () => this.play(!this.playing), { class: "play" })
    this.slider = element("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": "Position" })
    this.slider.addEventListener("input", () => { this.playing = false; setText(this.playButton, "Play"); this.setAt(this.slider.value / 1000) })
    this.slider.addEventListener("change", () => this.tell())
    this.scrub = element("div", { class: "scrub" }, this.playButton, this.slider)

    this.figure = element("div", { class: "figure" })
    this.canvas = element("canvas", { class: "points", "aria-hidden": "true" })
    this.marks = element("canvas", { class: "marks", "aria-hidden": "true" })
    this.panes = [0, 1].map(() => element("div", { class: "pane", role: "application", tabindex: 0 }, element("span", { class: "title" })))
    this.card = element("div", { class: "card", hidden: true, "aria-hidden": "true" })
    this.card.canvas = element("canvas", { width: 1, height: 1 })
    this.card.name = element("strong")
    this.card.note = element("span")
    this.card.append(this.card.canvas, element("div", {}, this.card.name, this.card.note))
    this.message = element("p", { class: "message", role: "alert", hidden: true })
    this.stage = element("div", { class: "stage" }, this.figure, this.canvas, this.marks, ...this.panes, this.card, this.message)

    this.legend = element("div", { class: "legend", role: "group", "aria-label": "Classes" })
    this.dock = element("div", { class: "dock" })
    this.live = element("div", { class: "unseen", "aria-live": "polite" })
    this.root.append(
      element("div", { class: "bar" }, this.modeGroup, this.scrub, element("span", { class: "spring" }), this.toolGroup, zoom, this.thumbButton, near),
      this.stage, this.legend, this.dock, this.live)
    this.listen()
  },

  listen() {
    const place = (event) => {
      const box = this.stage.getBoundingClientRect()
      return [event.clientX - box.left, event.clientY - box.top]
    }
    let pending = null, down = null
    this.stage.addEventListener("pointermove", (event) => {
      if (this.held && event.pointerType !== "touch") return this.hover(null)
      const first = !pending
      pending = place(event)
      if (first) requestAnimationFrame(() => {
        const [x, y] = pending
        pending = null
        this.hover(this.pick(x, y), true)
      })
    })
    this.stage.addEventListener("pointerleave", () => this.hover(null))
    this.stage.addEventListener("pointerdown", (event) => {
      down = { at: place(event), before: this.hovered }
      this.adding = event.shiftKey
      this.held = true
      this.wake()
    }, true)
    const up = (event) => {
      if (!down) return
      this.held = false
      const [x, y] = place(event), [startX, startY] = down.at
      const still = Math.hypot(x - startX, y - startY) < 5
      const { before } = down
      down = null
      this.wake()
      if (!still || event.type === "pointercancel") return
      const found = this.pick(x, y)
      const seen = event.pointerType !== "touch" || (found && before?.index === found.index)
      this.hover(found)
      if (found && seen) this.choose(found.index) // a finger looks first and chooses with the second tap
    }
    window.addEventListener("pointerup", up)
    window.addEventListener("pointercancel", up)
    this.stage.addEventListener("wheel", () => {
      this.held = true
      clearTimeout(this.wheeling)
      this.wheeling = setTimeout(() => { this.held = false }, 400)
      this.wake()
    }, { passive: true, capture: true })
    this.panes.forEach((pane, k) => pane.addEventListener("keydown", (event) => this.key(event, k)))
    this.forget = () => {
      window.removeEventListener("pointerup", up)
      window.removeEventListener("pointercancel", up)
    }
  },

  key(event, map) {
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    const actions = {
      Enter: () => this.choose(this.hovered?.index), " ": () => this.choose(this.hovered?.index),
      Escape: () => (this.hovered ? this.hover(null) : this.clear()), "+": () => this.frame.zoom(0.75),
      "=": () => this.frame.zoom(0.75), "-": () => this.frame.zoom(1 / 0.75), "0": () => this.frame.reset(),
      t: () => this.toggleThumbnails(),
    }
    const action = directions[event.key] ? () => this.step(map, directions[event.key]) : actions[event.key]
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    event.stopPropagation()
    action()
  },

  // To the nearest point in a direction, within 45 degrees of it.
  step(map, [dx, dy]) {
    const view = this.shownViews[map]
    const from = this.hovered && this.hovered.index < this.count
      ? onStage(view, pointAt(view, this.hovered.index, this.count))
      : [view.left + view.width / 2, view.top + view.height / 2]
    let best = Infinity, index = null
    eachOnStage(view, this.states, (i, x, y) => {
      const along = (x - from[0]) * dx + (y - from[1]) * dy
      const across = Math.abs((x - from[0]) * dy) + Math.abs((y - from[1]) * dx)
      const inView = this.viewUnder(x, y) === map
      if (i === this.hovered?.index || !inView || along < across || along + across < 0.5) return
      const cost = along + 2 * across
      if (cost < best) { best = cost; index = i }
    })
    if (index != null) this.hover({ index, map })
  },

  setTool(tool) {
    this.tool = tool
    this.frame.setTool(tool)
    this.controls()
  },

  toggleThumbnails() {
    this.choice.thumbnails = !this.choice.thumbnails
    this.changed()
    this.wake()
  },

  // Every control as the choice has it.
  controls() {
    const { choice, data } = this
    const flat = this.components === 2
    this.tools.forEach((node) => {
      node.setAttribute("aria-pressed", String(node.dataset.tool === (flat ? this.tool ?? "pan" : "pan")))
      node.disabled = !flat && node.dataset.tool !== "pan"
    })
    const film = this.maps.some((map) => map.film)
    this.modes.forEach((node) => {
      node.setAttribute("aria-pressed", String(node.dataset.mode === choice.mode))
      node.disabled = (node.dataset.mode === "film" && !film) || (node.dataset.mode === "morph" && this.maps.length < 2)
    })
    this.scrub.toggleAttribute("data-off", choice.mode === "map")
    this.slider.disabled = this.playButton.disabled = choice.mode === "map"
    this.thumbButton.setAttribute("aria-pressed", String(choice.thumbnails))
    this.nearInput.value = String(choice.neighbours)
    this.panes.forEach((pane, k) => {
      pane.setAttribute("aria-label", `Map of ${this.maps[k]?.title ?? ""}: ${this.count} points. Arrow keys go from point to point, Enter chooses, plus and minus zoom.`)
    })
    this.stage.dataset.tool = flat ? this.tool ?? "pan" : "turn"
    this.drawLegend(data, choice)
    this.drawDock(choice)
  },

  drawLegend({ classNames }, { hidden }) {
    if (this.legendOf !== this.labels) {
      this.legendOf = this.labels
      const counts = new Map()
      for (const label of this.labels) counts.set(label, (counts.get(label) ?? 0) + 1)
      const present = [...counts.keys()].sort((x, y) => (x < 0) - (y < 0) || x - y)
      this.entries = present.map((label) => {
        const name = element("span", { class: "name" })
        name.textContent = label < 0 ? "unlabelled" : classNames[label]
        const node = element("button", { type: "button", class: "entry", title: "Click: on or off. Double click: this one alone." }, mark(this.classStyle(label)), name)
        node.addEventListener("click", () => this.toggleClass(label))
        node.addEventListener("dblclick", () => this.isolate(label, present))
        return { label, node }
      })
      const all = element("button", { type: "button", class: "all" }, "All")
      all.addEventListener("click", () => this.setHidden([]))
      this.allButton = all
      this.legend.replaceChildren(...this.entries.map(({ node }) => node), all)
    }
    for (const { label, node } of this.entries) node.setAttribute("aria-pressed", String(!hidden.includes(label)))
    this.allButton.hidden = !hidden.length
  },

  setHidden(hidden) {
    this.choice.hidden = hidden
    this.setStates()
    this.changed()
  },

  toggleClass(label) {
    const { hidden } = this.choice
    this.setHidden(hidden.includes(label) ? hidden.filter((other) => other !== label) : [...hidden, label])
  },

  isolate(label, present) {
    this.setHidden(present.filter((other) => other !== label))
  },

  // The two picked images and the selection, under the maps.
  drawDock({ a, b }) {
    const chip = (letter, index) => {
      const node = element("div", { class: "chip" }, element("span", { class: "letter" }, letter))
      if (index == null) {
        node.append(element("span", { class: "hint" }, letter === "A" ? "Click a point" : "and another"))
        return node
      }
      const picture = element("canvas", { role: "img" })
      const label = this.className(this.labels[index])
      picture.setAttribute("aria-label", `image ${letter}: ${label}`)
      if (this.sheet) {
        Object.assign(picture, { width: this.sheet.width, height: this.sheet.height })
        this.sheet.draw(picture.getContext("2d"), index, 0, 0, this.sheet.width, this.sheet.height)
      }
      const name = element("span", { class: "name" })
      name.textContent = `${label} · row ${index}`
      node.append(picture, name)
      return node
    }
    const go = element("button", { type: "button", class: "primary", disabled: a == null || b == null }, "Interpolate these")
    go.addEventListener("click", () => this.onInterpolate?.({ a, b }))
    const parts = [chip("A", a), chip("B", b), go, element("span", { class: "spring" })]
    if (this.gathered.size) parts.push(element("span", { class: "count" }, `${this.gathered.size} selected`))
    if (this.gathered.size || a != null) {
      const clear = element("button", { type: "button" }, "Clear")
      clear.addEventListener("click", () => this.clear())
      parts.push(clear)
    }
    this.dock.replaceChildren(...parts)
  },
})

const instances = new WeakMap()

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".latent-map")
  let map = instances.get(parentElement)
  if (!map) {
    try {
      map = new LatentMap(root)
    } catch (error) {
      const message = document.createElement("p")
      message.className = "message"
      message.textContent = error.message
      root.replaceChildren(message)
      return
    }
    instances.set(parentElement, map)
  }
  map.onRest = (choice) => setStateValue("choice", choice)
  map.onInterpolate = (pair) => setTriggerValue("interpolate", pair)
  map.update(data).catch((error) => map.fail(error))
}
