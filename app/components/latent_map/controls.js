// The map's controls and its stage, built once, and shown as the choice has them.

const TOOLS = [
  ["pan", "Move", "Drag to move"], ["select", "Box", "Drag a box to select"],
  ["lasso", "Lasso", "Draw around points to select"],
]

Object.assign(LatentMap.prototype, {
  build() {
    this.tools = TOOLS.map(([tool, text, title]) => button(text, () => this.setTool(tool), { title, "data-tool": tool }))
    this.toolGroup = element("div", { class: "group", role: "group", "aria-label": "What dragging does" }, ...this.tools)
    const zoom = element("div", { class: "group", role: "group", "aria-label": "Zoom" },
      button("+", () => this.frame.zoom(0.75), { "aria-label": "Zoom in" }),
      button("−", () => this.frame.zoom(1 / 0.75), { "aria-label": "Zoom out" }),
      button("Reset", () => this.frame.reset(), { "aria-label": "Reset the view" }))
    this.thumbButton = button("Thumbnails", () => this.toggleThumbnails(), { "aria-pressed": "false" })
    const told = { "aria-label": "Neighbours", title: "Nearest codes in the original space" }
    this.nearInput = element("select", told)
    for (const [value, text] of [[0, "No neighbours"], [5, "5 nearest"], [10, "10 nearest"]]) {
      this.nearInput.append(element("option", { value }, text))
    }
    this.nearInput.addEventListener("change", () => {
      this.choice.neighbours = Number(this.nearInput.value)
      this.drawMarks()
      this.tell()
    })

    this.modes = [["map", "Map"], ["morph", "Morph"], ["film", "Training"]].map(([mode, text]) =>
      button(text, () => this.setMode(mode), { "data-mode": mode }))
    this.modeGroup = element("div", { class: "group", role: "group", "aria-label": "What is shown" }, ...this.modes)
    this.playButton = button("Play", () => this.play(!this.playing), { class: "play" })
    this.slider = element("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": "Position" })
    this.slider.addEventListener("input", () => {
      this.playing = false
      setText(this.playButton, "Play")
      this.setAt(this.slider.value / 1000)
    })
    this.slider.addEventListener("change", () => this.tell())
    this.scrub = element("div", { class: "scrub" }, this.playButton, this.slider)

    this.figure = element("div", { class: "figure" })
    this.canvas = element("canvas", { class: "points", "aria-hidden": "true" })
    this.marks = element("canvas", { class: "marks", "aria-hidden": "true" })
    this.panes = [0, 1].map(() => element("div", { class: "pane", role: "application", tabindex: 0 },
      element("span", { class: "title" })))
    this.card = { tile: new Tile(""), name: element("strong"), note: element("span") }
    this.card.node = element("div", { class: "card", hidden: true, "aria-hidden": "true" },
      this.card.tile.canvas, element("div", {}, this.card.name, this.card.note))
    this.message = element("p", { class: "message", role: "alert", hidden: true })
    this.stage = element("div", { class: "stage" },
      this.figure, this.canvas, this.marks, ...this.panes, this.card.node, this.message)

    this.legend = element("div", { class: "legend", role: "group", "aria-label": "Classes" })
    this.dock = new Dock(() => this.interpolate(), () => this.clear())
    this.live = element("div", { class: "unseen", "aria-live": "polite" })
    this.root.append(
      element("div", { class: "bar" }, this.modeGroup, this.scrub, element("span", { class: "spring" }),
        this.toolGroup, zoom, this.thumbButton, this.nearInput),
      this.stage, this.legend, this.dock.node, this.live)
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
    const { choice } = this
    const flat = this.components === 2
    this.tools.forEach((node) => {
      setPressed(node, node.dataset.tool === this.tool)
    })
    const film = this.maps.some((map) => map.film)
    this.modes.forEach((node) => {
      setPressed(node, node.dataset.mode === choice.mode)
      node.disabled = (node.dataset.mode === "film" && !film) || (node.dataset.mode === "morph" && this.maps.length < 2)
    })
    this.scrub.toggleAttribute("data-off", choice.mode === "map")
    this.slider.disabled = this.playButton.disabled = choice.mode === "map"
    setPressed(this.thumbButton, choice.thumbnails)
    this.nearInput.value = String(choice.neighbours)
    this.panes.forEach((pane, k) => {
      pane.setAttribute("aria-label", `Map of ${this.maps[k]?.title ?? ""}: ${this.count} points. Arrow keys go from ` +
        "point to point, Enter chooses, Shift and Enter select, plus and minus zoom.")
    })
    this.stage.dataset.tool = flat || this.tool !== "pan" ? this.tool : "turn"
    this.stage.toggleAttribute("data-outlining", !flat && this.tool !== "pan")
    this.showLegend(choice)
    this.showDock()
  },

  showDock() {
    const describe = (index) => `${this.className(this.labels[index])} · row ${index}`
    this.dock.show([this.choice.a, this.choice.b], this.gathered.size, this.sheet, describe)
  },
})
