// What is measured along t: lines under one cursor, read where t stands or where a hand hovers.

class Charts {
  constructor() {
    this.node = element("div", { class: "charts" })
    this.cursor = element("div", { class: "cursor" })
    this.hover = element("div", { class: "cursor hover", hidden: true })
    this.plots = element("div", { class: "plots" },
      this.node, element("div", { class: "overlay", "aria-hidden": "true" }, this.cursor, this.hover))
  }

  update(charts, frames) {
    this.last = frames - 1
    this.panels = charts.map((chart) => this.panel(chart))
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((t) => element("span", { style: `left: ${100 * t}%` }, String(t)))
    const axis = element("div", { class: "row axis", "aria-hidden": "true" },
      element("span", { class: "gutter" }, "t"), element("div", { class: "ticks" }, ...ticks))
    this.node.replaceChildren(...this.panels.map((panel) => panel.node), axis)
  }

  panel(chart) {
    const values = chart.series.flatMap((series) => series.values)
    const low = chart.low ?? Math.min(...values)
    const high = Math.max(chart.high ?? -Infinity, Math.max(...values), low + 1e-9)
    const plot = svg("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", class: "plot", "aria-hidden": "true" })
    const readings = chart.series.map((series) => {
      const points = series.values.map((value, i) => {
        return `${((1000 * i) / this.last).toFixed(1)},${(98 - (96 * (value - low)) / (high - low)).toFixed(2)}`
      })
      plot.append(svg("polyline", { points: points.join(" "), class: `line ${series.style}` }))
      const value = element("span", { class: "number" })
      const name = new Steady("span", "name", series.names ?? [series.name])
      const key = element("span", { class: `key ${series.style}` })
      return { series, value, name, node: element("span", { class: "entry" }, key, name.node, value) }
    })
    const [top, bottom] = [high, low].map((value) => element("span", {}, written(value, chart)))
    const node = element("div", { class: "panel" },
      element("div", { class: "head" }, element("span", { class: "title" }, chart.title),
        ...readings.map((reading) => reading.node)),
      element("div", { class: "row" },
        element("span", { class: "gutter scale" }, top, bottom), element("div", { class: "plotbox" }, plot)))
    return { chart, readings, node }
  }

  // The cursor goes along with t; what is read stays where a hand hovers.
  draw(frame) {
    this.frame = frame
    this.cursor.style.transform = `translateX(${(100 * frame) / this.last}%)`
    if (this.hovered == null) this.read(frame)
  }

  showHover(frame) {
    this.hovered = frame
    this.hover.hidden = frame == null
    if (frame != null) this.hover.style.transform = `translateX(${(100 * frame) / this.last}%)`
    this.read(frame ?? this.frame)
  }

  read(frame) {
    for (const { chart, readings } of this.panels) {
      for (const { series, value, name } of readings) {
        name.show(series.names?.[frame] ?? series.name)
        setText(value, written(series.values[frame], chart))
      }
    }
  }
}

function written(value, chart) {
  return chart.percent ? `${(100 * value).toFixed(0)} %` : value.toFixed(chart.digits)
}
