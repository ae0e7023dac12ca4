// A Plotly figure that is updated in place: the node stays, and with it zoom, legend choices and hover.

import { element, getOrCreate } from "glico/web/dom.js"
import { loadPlotly } from "../plotly.js"
import { unpacked } from "../data.js"

/**
 * @typedef {import("../plotly.js").Plotly} Plotly
 * @typedef {{ figure: string, description: string, height: number, revision: string, name: string, plotly: string }} Content
 * @typedef {(name: string, point: { x: string, y: string }) => void} Tell
 */

const NARROW = 640 // CSS pixels
const BUTTONS = 36 // CSS pixels beside the plot for its buttons

// Made once a chart: Plotly.react compares configurations, functions by identity, and makes a chart whose
// configuration is another one anew, without its zoom.
/**
 * @param {Plotly} Plotly
 * @param {string} name
 */
const configuration = (Plotly, name) => ({
  responsive: false,
  displaylogo: false,
  showSendToCloud: false, // plotly.js 4 switches this on by itself: a button that uploads the chart
  plotlyServerURL: "",
  toImageButtonOptions: { format: "png", filename: name, scale: 3 },
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  modeBarButtonsToAdd: [
    {
      name: "Download as SVG",
      icon: Plotly.Icons.disk,
      click: (/** @type {unknown} */ node) =>
        Plotly.downloadImage(node, { format: "svg", filename: name, width: 1000, height: 600 }),
    },
  ],
})

class LiveChart {
  /** @param {Element} parent */
  constructor(parent) {
    this.node = element("div", { class: "live-chart", role: "img" })
    parent.append(this.node)
    this.queue = Promise.resolve()
    this.held = false
    /** @type {Plotly} */
    this.Plotly = null // once the chart is drawn
    /** @type {object | null} */
    this.configuration = null
    /** @type {(() => void) | null} */
    this.waiting = null
    /** @type {Tell} */
    this.tell = () => {}
    new ResizeObserver(() => this.resize()).observe(this.node)
    // Plotly.react under a pressed pointer would break off what the hand is drawing: new data waits until it is let go.
    this.node.addEventListener("pointerdown", () => {
      this.held = true
    })
    const letGo = () => {
      if (!this.held) return
      this.held = false
      setTimeout(() => this.waiting?.())
    }
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, letGo)
    // A finger scrolls the page: plotly.js would keep it, and draw a rectangle.
    this.node.addEventListener("touchstart", (event) => event.stopPropagation(), { capture: true, passive: true })
  }

  resize() {
    const visible = this.Plotly && this.node.isConnected && this.node.offsetParent !== null
    if (visible) this.Plotly.Plots.resize(this.node).catch(() => {})
  }

  /** @param {Content} data */
  update(data) {
    this.node.style.height = `${data.height}px`
    this.node.setAttribute("aria-label", data.description)
    this.waiting = () => {
      this.waiting = null
      this.queue = this.queue.then(() => this.draw(data)).catch((error) => this.fail(error))
    }
    if (!this.held) this.waiting()
  }

  /** @param {Content} data */
  async draw(data) {
    const Plotly = await loadPlotly(data.plotly)
    const figure = JSON.parse(data.figure)
    const style = getComputedStyle(this.node)
    const colour = style.getPropertyValue("--st-text-color").trim()
    const ground = style.getPropertyValue("--st-background-color").trim()
    const narrow = this.node.clientWidth < NARROW
    const layout = {
      ...figure.layout,
      margin: narrow ? { ...figure.layout.margin, r: BUTTONS } : figure.layout.margin,
      autosize: true,
      height: data.height,
      uirevision: data.revision,
      font: { ...figure.layout.font, family: style.getPropertyValue("--st-font").trim(), color: colour },
      hoverlabel: { bgcolor: ground, bordercolor: "rgba(128,128,128,0.4)", font: { color: colour } },
      // Upright beside the plot where the legend takes the whole line above it.
      modebar: {
        orientation: narrow ? "v" : "h",
        bgcolor: "rgba(0,0,0,0)",
        color: "rgba(128,128,128,0.6)",
        activecolor: colour,
      },
    }
    this.configuration ??= configuration(Plotly, data.name)
    await Plotly.react(this.node, figure.data, layout, this.configuration)
    if (this.Plotly) return
    this.Plotly = Plotly
    const node = /** @type {any} */ (this.node)
    node.on("plotly_click", (/** @type {{ points: { x: unknown, y: unknown }[] }} */ { points: [{ x, y }] }) =>
      this.tell("clicked", { x: String(x), y: String(y) }),
    )
  }

  /** @param {Error} error */
  fail(error) {
    this.node.className = "live-chart-failed"
    this.node.textContent = `The chart could not be drawn: ${error.message}`
  }
}

/** @type {WeakMap<Element, LiveChart>} */
const charts = new WeakMap()

/** @param {{ data: Uint8Array, parentElement: Element, setTriggerValue: Tell }} page */
export default function ({ data: bytes, parentElement, setTriggerValue }) {
  /** @type {Content} */
  const data = unpacked(bytes)
  const chart = getOrCreate(charts, parentElement, () => new LiveChart(parentElement))
  chart.tell = setTriggerValue
  chart.update(data)
}
