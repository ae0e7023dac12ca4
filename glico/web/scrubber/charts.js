// What is measured along t: lines under one cursor, read where t stands or where a hand hovers.

import { element, setText, svg } from "../dom.js"
import { Steady } from "./stage.js"

/**
 * @typedef {{ name: string, names?: string[], style: string, values: number[] }} Series
 * @typedef {{ title: string, digits?: number, percent?: boolean, low: number | null, high: number | null,
 *   series: Series[] }} ChartData
 */

export class Charts {
  constructor() {
    this.node = element("div", { class: "charts" })
    this.cursor = element("div", { class: "cursor" })
    this.hover = element("div", { class: "cursor hover", hidden: true })
    const overlay = element("div", { class: "overlay", "aria-hidden": "true" }, this.cursor, this.hover)
    this.plots = element("div", { class: "plots" }, this.node, overlay)
    /** @type {Panel[]} */
    this.panels = []
    this.last = 0
    this.frame = 0
    /** @type {number | null} */
    this.hovered = null
  }

  /**
   * @param {ChartData[]} charts
   * @param {number} frames
   */
  update(charts, frames) {
    this.last = frames - 1
    this.panels = charts.map((chart) => new Panel(chart, this.last))
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((t) => element("span", { style: `left: ${100 * t}%` }, String(t)))
    const scale = [element("span", { class: "gutter" }, "t"), element("div", { class: "ticks" }, ...ticks)]
    const axis = element("div", { class: "row axis", "aria-hidden": "true" }, ...scale)
    this.node.replaceChildren(...this.panels.map((panel) => panel.node), axis)
  }

  /**
   * The cursor goes along with t; what is read is the nearest frame's, or stays where a hand hovers.
   * @param {number} place among the frames
   */
  draw(place) {
    this.frame = Math.round(place)
    this.cursor.style.transform = this.along(place)
    if (this.hovered == null) this.read(this.frame)
  }

  /** @param {number | null} frame */
  showHover(frame) {
    this.hovered = frame
    this.hover.hidden = frame == null
    if (frame != null) this.hover.style.transform = this.along(frame)
    this.read(frame ?? this.frame)
  }

  /** @param {number} place */
  along(place) {
    return `translateX(${(100 * place) / this.last}%)`
  }

  /** @param {number} frame */
  read(frame) {
    for (const panel of this.panels) panel.read(frame)
  }
}

class Panel {
  /**
   * @param {ChartData} chart
   * @param {number} last frame
   */
  constructor(chart, last) {
    this.chart = chart
    const values = chart.series.flatMap((series) => series.values)
    const low = chart.low ?? Math.min(...values)
    const high = Math.max(chart.high ?? -Infinity, Math.max(...values), low + 1e-9)
    const box = { viewBox: "0 0 1000 100", preserveAspectRatio: "none", class: "plot", "aria-hidden": "true" }
    const plot = svg("svg", box)
    this.readings = chart.series.map((series) => {
      const points = series.values.map((value, i) => {
        return `${((1000 * i) / last).toFixed(1)},${(98 - (96 * (value - low)) / (high - low)).toFixed(2)}`
      })
      plot.append(svg("polyline", { points: points.join(" "), class: `line ${series.style}` }))
      const value = element("span", { class: "number" })
      const name = new Steady("span", "name", series.names ?? [series.name])
      const key = element("span", { class: `key ${series.style}` })
      return { series, value, name, node: element("span", { class: "entry" }, key, name.node, value) }
    })
    const [top, bottom] = [high, low].map((value) => element("span", {}, this.written(value)))
    const title = element("span", { class: "title" }, chart.title)
    const head = element("div", { class: "head" }, title, ...this.readings.map((reading) => reading.node))
    const scale = element("span", { class: "gutter scale" }, top, bottom)
    const row = element("div", { class: "row" }, scale, element("div", { class: "plotbox" }, plot))
    this.node = element("div", { class: "panel" }, head, row)
  }

  /** @param {number} frame */
  read(frame) {
    for (const { series, value, name } of this.readings) {
      name.show(series.names?.[frame] ?? series.name)
      setText(value, this.written(series.values[frame]))
    }
  }

  /** @param {number} value */
  written(value) {
    return this.chart.percent ? `${(100 * value).toFixed(0)} %` : value.toFixed(this.chart.digits)
  }
}
