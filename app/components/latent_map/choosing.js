// Choosing points: the hand on the stage, the keys, and what that tells.

const NEAR = 16 // CSS pixels within which a point answers to the pointer
const STILL = 5 // CSS pixels that a click may move
const REST = 200 // ms of rest after which the choice is told
const TWICE = 400 // ms within which two clicks are a double click

Object.assign(LatentMap.prototype, {
  viewUnder(x, y) {
    return this.shownViews?.findIndex((v) => x >= v.left && x <= v.left + v.width && y >= v.top && y <= v.top + v.height) ?? -1
  },

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
  },

  hover(found, quiet = false) {
    if (found?.index === this.hovered?.index && found?.map === this.hovered?.map) return
    this.hovered = found
    this.root.dataset.hovered = found?.index ?? ""
    this.drawMarks()
    this.showCard()
    if (found && !quiet) setText(this.live, this.describe(found.index))
  },

  // A click: first A, then B, then A anew.
  choose(index) {
    if (index == null || index >= this.count) return
    const { choice } = this
    if (choice.a == null || choice.b != null) Object.assign(choice, { a: index, b: null })
    else if (index !== choice.a) choice.b = index
    this.changed()
    this.drawMarks()
  },

  // Into the selection, or out of it.
  turn(index) {
    if (index == null || index >= this.count) return
    if (!this.gathered.delete(index)) this.gathered.add(index)
    this.setStates()
    this.changed()
  },

  // The points within a polygon in a map's coordinates, as plotly.js tells it in 2-D ...
  region(map, polygon, done) {
    const view = this.shownViews[map]
    const found = new Set()
    for (let i = 0; i < this.count; i++) {
      if (this.states[i] === HIDDEN) continue
      const [x, y] = pointAt(view, i, this.count)
      if (inside(x, y, polygon)) found.add(i)
    }
    this.gather(found, done)
  },

  // ... and within an outline on the stage, as a hand draws it in 3-D.
  within({ map, polygon }) {
    const found = new Set()
    eachOnStage(this.shownViews[map], this.states, (i, x, y) => { if (inside(x, y, polygon)) found.add(i) })
    return found
  },

  gather(found, done) {
    if (this.adding) for (const i of this.gathered) found.add(i)
    if (!done) { this.gatheredLive = found; return this.setStates() }
    this.gatheredLive = null
    this.gathered = found
    this.setStates()
    this.changed()
  },

  // Shown, dimmed (not of the class that is pointed at in the legend; else not in the selection) or hidden (its class
  // is off).
  setStates() {
    const gathered = this.gatheredLive ?? this.gathered
    const off = new Set(this.choice.hidden)
    const lit = off.has(this.lit) ? null : this.lit
    const shines = lit != null ? (i) => this.labels[i] === lit : gathered.size ? (i) => gathered.has(i) : null
    this.anyDimmed = shines != null
    for (let i = 0; i < this.count; i++) {
      this.states[i] = off.has(this.labels[i]) ? HIDDEN : shines && !shines(i) ? DIMMED : SHOWN
    }
    this.states.changed = true
    this.root.dataset.selected = gathered.size
    this.wake()
  },

  clear() {
    this.gathered.clear()
    Object.assign(this.choice, { a: null, b: null })
    this.setStates()
    this.changed()
  },

  // What was chosen changed: show it in the controls, and tell it when the hand rests.
  changed() {
    this.choice.selected = toRanges([...this.gathered].sort((x, y) => x - y))
    this.controls()
    this.tell()
  },

  tell() {
    clearTimeout(this.resting)
    this.resting = setTimeout(() => this.onRest(this.told()), REST)
  },

  told() {
    return { ...this.choice, at: Math.round(this.choice.at * 1000) / 1000 }
  },

  // The choice goes along, and nothing may follow: what is told later would be told from a page that is being left.
  interpolate() {
    clearTimeout(this.resting)
    this.onInterpolate(this.told())
  },

  listen() {
    const place = (event) => {
      const box = this.stage.getBoundingClientRect()
      return [event.clientX - box.left, event.clientY - box.top]
    }
    this.fingers = new Fingers(this.stage, this.frame, {
      at: place,
      viewUnder: (x, y) => this.shownViews?.[this.viewUnder(x, y)],
      active: () => this.frame.components === 2 && this.tool === "pan",
    })
    let pending = null, down = null, missed = -Infinity
    this.stage.addEventListener("pointermove", (event) => {
      if (this.outline) return this.stretch(place(event))
      if (this.held && (event.pointerType !== "touch" || this.fingers.moved)) return this.hover(null)
      const first = !pending
      pending = place(event)
      if (first) requestAnimationFrame(() => {
        const [x, y] = pending
        pending = null
        this.hover(this.pick(x, y), true)
      })
    })
    this.stage.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") this.hover(null) // a finger leaves with every tap, and looks first
    })
    this.stage.addEventListener("pointerdown", (event) => {
      down = { at: place(event), before: this.hovered }
      this.adding = event.shiftKey
      this.held = true
      if (this.components === 3 && this.tool !== "pan") {
        this.outline = new Outline(this.viewUnder(...down.at), this.tool, down.at)
        this.hover(null)
        this.stage.setPointerCapture(event.pointerId)
      }
      this.wake()
    }, true)
    const up = (event) => {
      if (!down) return
      this.held = false
      const [x, y] = place(event), [startX, startY] = down.at
      const { outline } = this
      const still = outline ? !outline.moved : Math.hypot(x - startX, y - startY) < STILL && !this.fingers.moved
      const { before } = down
      down = null
      this.outline = null
      if (outline?.moved) this.gather(event.type === "pointerup" ? this.within(outline) : this.gathered, true)
      this.wake()
      if (!still || event.type === "pointercancel") return
      const found = this.pick(x, y)
      const seen = event.pointerType !== "touch" || (found && before?.index === found.index)
      this.hover(found)
      if (!found) { // two clicks beside the points reset the view; two on points choose both
        if (event.timeStamp - missed < TWICE) this.frame.reset()
        missed = event.timeStamp
        return
      }
      missed = -Infinity
      if (!seen) return // a finger looks first and chooses with the second tap
      if (event.shiftKey) this.turn(found.index)
      else this.choose(found.index)
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
    this.close = () => {
      clearTimeout(this.resting)
      this.points.close()
      window.removeEventListener("pointerup", up)
      window.removeEventListener("pointercancel", up)
    }
  },

  stretch([x, y]) {
    this.outline.to(x, y)
    this.stretching ??= requestAnimationFrame(() => {
      this.stretching = null
      if (this.outline?.moved) this.gather(this.within(this.outline), false)
    })
  },

  key(event, map) {
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    const take = () => (event.shiftKey ? this.turn(this.hovered?.index) : this.choose(this.hovered?.index))
    const actions = {
      Enter: take, " ": take,
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
})
