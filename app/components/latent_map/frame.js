// The frame that plotly.js gives: axes, pan, zoom, box and lasso in 2-D, a scene to turn in 3-D, both maps linked.

const GAP = 0.012 // between the maps, as a share of the stage
const CAMERA = { eye: { x: 1.05, y: 1.05, z: 0.8 }, center: { x: 0, y: 0, z: 0 }, up: { x: 0, y: 0, z: 1 } }

class Frame {
  constructor(node, onMove, onRegion) {
    Object.assign(this, { node, onMove, onRegion, tool: "pan", drawn: "" })
  }

  // components 2 or 3; maps 1 or 2; stacked: one above the other; limits: {low, high} of all points
  async draw(Plotly, { components, maps, stacked, limits, revision, colour, grid }) {
    Object.assign(this, { Plotly, components, maps })
    const shared = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 1, r: 1, t: 1, b: 1 } }
    const layout = { ...shared, showlegend: false, hovermode: false, uirevision: revision, autosize: true }
    const span = Math.max(...limits.high.map((high, axis) => high - limits.low[axis]), 1e-6) * 1.14
    const middle = limits.high.map((high, axis) => (high + limits.low[axis]) / 2)
    const range = (axis) => [middle[axis] - span / 2, middle[axis] + span / 2]
    this.home = [range(0), range(1)]
    const line = { showgrid: true, gridcolor: grid, zeroline: false, showticklabels: false, dtick: span / 6 }
    const traces = []
    for (let map = 0; map < maps; map++) {
      const share = [map / maps + (map ? GAP / 2 : 0), (map + 1) / maps - (map < maps - 1 ? GAP / 2 : 0)]
      const across = stacked ? [0, 1] : share
      const upward = stacked ? [1 - share[1], 1 - share[0]] : [0, 1]
      const number = map ? map + 1 : ""
      if (components === 3) {
        const side = { ...line, title: { text: "" }, showspikes: false, showbackground: false }
        const [xaxis, yaxis, zaxis] = [0, 1, 2].map((axis) => ({ ...side, range: range(axis), autorange: false }))
        layout[`scene${number}`] = {
          domain: { x: across, y: upward }, aspectmode: "cube", dragmode: "turntable", camera: CAMERA,
          xaxis, yaxis, zaxis,
        }
        traces.push({ type: "scatter3d", mode: "markers", x: [0], y: [0], z: [0], scene: `scene${number}`, opacity: 0 })
        continue
      }
      const edge = { ...line, showline: true, mirror: true, linecolor: grid, linewidth: 1 }
      const link = map ? { matches: "x" } : {}
      layout[`xaxis${number}`] = { ...edge, ...link, domain: across, anchor: `y${number}`, range: this.home[0] }
      const linkY = map ? { matches: "y" } : { scaleanchor: "x" }
      layout[`yaxis${number}`] = { ...edge, ...linkY, domain: upward, anchor: `x${number}`, range: this.home[1] }
      const axes = { xaxis: `x${number}`, yaxis: `y${number}` }
      traces.push({ type: "scatter", mode: "markers", x: [null], y: [null], hoverinfo: "skip", ...axes })
    }
    layout.dragmode = components === 3 ? "turntable" : this.tool
    layout.newselection = { line: { color: colour, width: 1.5, dash: "solid" } }
    const config = { displayModeBar: false, scrollZoom: true, doubleClick: false, responsive: false }
    const kind = `${components} ${maps} ${stacked}`
    if (this.drawn && this.drawn !== kind) Plotly.purge(this.node)
    await Plotly.react(this.node, traces, layout, config)
    if (this.drawn !== kind) this.listen()
    this.drawn = kind
  }

  listen() {
    const { node } = this
    node.on("plotly_relayouting", (event) => { this.follow(event, false); this.onMove() })
    node.on("plotly_relayout", (event) => { this.follow(event, true); this.onMove() })
    node.on("plotly_afterplot", () => this.onMove())
    node.on("plotly_selecting", (event) => this.region(event, false))
    node.on("plotly_selected", (event) => {
      this.region(event, true)
      if (event && node.layout.selections?.length) this.Plotly.relayout(node, { selections: [] })
    })
  }

  // In 3-D one camera serves both scenes: at once while a hand turns one, through the layout when it rests.
  follow(event, done) {
    if (this.components !== 3 || this.maps < 2) return
    for (const [one, other] of [["scene", "scene2"], ["scene2", "scene"]]) {
      const camera = event[`${one}.camera`]
      if (!camera || event[`${other}.camera`]) continue
      const full = this.node._fullLayout[other]
      if (done) this.Plotly.relayout(this.node, { [`${one}.camera`]: camera, [`${other}.camera`]: camera })
      else full._scene.setViewport({ ...full, camera: { ...full.camera, ...camera } })
    }
  }

  // A box or a lasso as a polygon in one map's coordinates.
  region(event, done) {
    if (!event) return
    const { range, lassoPoints } = event
    const keys = Object.keys(range ?? lassoPoints ?? {})
    const x = keys.find((key) => key.startsWith("x")), y = keys.find((key) => key.startsWith("y"))
    if (!x || !y) return
    const map = x === "x2" ? 1 : 0
    const polygon = range
      ? [[0, 0], [1, 0], [1, 1], [0, 1]].map(([i, j]) => [range[x][i], range[y][j]])
      : lassoPoints[x].map((value, i) => [value, lassoPoints[y][i]])
    this.onRegion(map, polygon, done)
  }

  setTool(tool) {
    this.tool = tool
    if (this.drawn && this.components === 2) this.Plotly.relayout(this.node, { dragmode: tool })
  }

  zoom(factor) {
    const full = this.node._fullLayout
    if (this.components === 3) {
      const camera = full.scene._scene.getCamera()
      const eye = Object.fromEntries(Object.entries(camera.eye).map(([axis, value]) => [axis, value * factor]))
      const changes = { "scene.camera": { ...camera, eye } }
      if (this.maps > 1) changes["scene2.camera"] = changes["scene.camera"]
      return this.Plotly.relayout(this.node, changes)
    }
    const scaled = ([low, high]) => [0.5 - factor / 2, 0.5 + factor / 2].map((share) => low + (high - low) * share)
    const { x, y } = this.ranges()
    return this.look(scaled(x), scaled(y))
  }

  // The part of a flat map that is in view, and another to look at.
  ranges() {
    const { xaxis, yaxis } = this.node._fullLayout
    return { x: [...xaxis.range], y: [...yaxis.range] }
  }

  look(x, y) {
    return this.Plotly.relayout(this.node, { "xaxis.range": x, "yaxis.range": y })
  }

  // Whether less than all of flat maps is in view.
  get near() {
    if (this.components === 3 || !this.node._fullLayout?.xaxis) return false
    const span = ([low, high]) => high - low
    const { x, y } = this.ranges()
    return Math.min(span(x) / span(this.home[0]), span(y) / span(this.home[1])) < 0.99
  }

  reset() {
    if (this.components === 3) {
      return this.Plotly.relayout(this.node, { "scene.camera": CAMERA, ...(this.maps > 1 && { "scene2.camera": CAMERA }) })
    }
    return this.look(...this.home)
  }

  // Where each map is on the stage and the matrix from its coordinates to WebGL's.
  views() {
    const full = this.node._fullLayout
    if (!full) return []
    const views = []
    for (let map = 0; map < this.maps; map++) {
      const number = map ? map + 1 : ""
      if (this.components === 3) {
        const scene = full[`scene${number}`]
        const glplot = scene?._scene?.glplot
        if (!glplot?.cameraParams?.projection) return []
        const { x, y } = scene.domain, size = full._size
        const { projection, view, model } = glplot.cameraParams
        const [sx, sy, sz] = scene._scene.dataScale
        const scale = [sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, sz, 0, 0, 0, 0, 1]
        views.push({
          left: size.l + x[0] * size.w, top: size.t + (1 - y[1]) * size.h,
          width: (x[1] - x[0]) * size.w, height: (y[1] - y[0]) * size.h,
          matrix: product(projection, product(view, product(model, scale))),
        })
        continue
      }
      const x = full[`xaxis${number}`], y = full[`yaxis${number}`]
      if (!x?._length) return []
      const sx = 2 / (x.range[1] - x.range[0]), sy = 2 / (y.range[1] - y.range[0])
      const matrix = new Float32Array([
        sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, 1, 0, -1 - x.range[0] * sx, -1 - y.range[0] * sy, 0, 1,
      ])
      views.push({ left: x._offset, top: y._offset, width: x._length, height: y._length, matrix })
    }
    return views
  }
}
