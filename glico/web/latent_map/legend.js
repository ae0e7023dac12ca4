// The legend: the mark of each class and which are shown, or the scale of the value that colours the points.

import { button, element, setPressed, setText, svg } from "../dom.js"
import { GRADIENT, GREY, SCALE, css } from "./ink.js"

/**
 * @typedef {import("./ink.js").Mark} Mark
 * @typedef {Pick<import("./latent_map.js").LatentMap, "content" | "selection">} Host what this part needs of the map
 */

/** The shape of a class's points in a square of 16, by the rules of points.js. */
export const SHAPES = [
  "M1.9 8a6.1 6.1 0 1 0 12.2 0a6.1 6.1 0 1 0-12.2 0",
  "M2.5 2.5h11v11h-11z",
  "M8 .4l7.6 7.6l-7.6 7.6l-7.6-7.6z",
  "M8 1.2l7.4 12.6h-14.8z",
  "M8 14.8l7.4-12.6h-14.8z",
  "M6 1.4h4v4.6h4.6v4h-4.6v4.6h-4v-4.6h-4.6v-4h4.6z",
  "M3.2 1l4.8 4.6l4.8-4.6l2.2 2.2l-4.6 4.8l4.6 4.8l-2.2 2.2l-4.8-4.6l-4.8 4.6l-2.2-2.2l4.6-4.8l-4.6-4.8z",
  "M1.6 8a6.4 6.4 0 1 0 12.8 0a6.4 6.4 0 1 0-12.8 0M4.8 8a3.2 3.2 0 1 1 6.4 0a3.2 3.2 0 1 1-6.4 0",
  "M2.4 2.4h11.2v11.2h-11.2zM5.3 5.3v5.4h5.4v-5.4z",
  "M1.2 5.3h13.6v5.4h-13.6z",
]

/** @param {Mark} mark */
function picture({ rgb, shape }) {
  const node = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" })
  node.append(svg("path", { d: SHAPES[shape], fill: css(rgb), "fill-rule": "evenodd" }))
  return node
}

export class Legend {
  /** @param {Host} map */
  constructor(map) {
    this.map = map
    this.node = element("div", { class: "legend", role: "group", "aria-label": "Classes" })
    this.low = element("span")
    this.high = element("span")
    this.ramp = element("span", { class: "ramp", style: `background: ${GRADIENT}` })
    this.scale = element("div", { class: "scale", hidden: true })
    this.all = button("All", () => map.selection.setHidden([]), { class: "all" })
    this.shown = ""
    /** @type {{ label: number, node: HTMLButtonElement }[]} */
    this.entries = []
  }

  show() {
    const { content, selection } = this.map
    const value = content.value(selection.choice.colour)
    const shown = `${content.data?.images} ${value?.name ?? ""} ${value?.title ?? ""}`
    if (this.shown !== shown) {
      this.shown = shown
      this.build(value != null)
      this.scale.replaceChildren(
        ...(value?.categories.length ? this.categories(value) : [this.low, this.ramp, this.high]),
      )
    }
    this.scale.hidden = !value
    if (value && !value.categories.length) {
      setText(this.low, `${value.title} ${value.low.toFixed(value.digits)}`)
      setText(this.high, value.high.toFixed(value.digits))
    }
    const { hidden } = selection.choice
    for (const { label, node } of this.entries) setPressed(node, !hidden.includes(label))
    this.all.hidden = !hidden.length
  }

  /**
   * Return what a saved picture's legend says: the mark of each class that is shown, and the scale or the categories of
   * the value that colours the points.
   * @returns {{ text: string, colour?: string, shape?: number }[]}
   */
  key() {
    const { content, selection } = this.map
    const value = content.value(selection.choice.colour)
    const classes = this.entries
      .filter(({ label }) => !selection.choice.hidden.includes(label))
      .map(({ label }) => {
        const { rgb, shape } = content.markOf(label)
        return { text: content.className(label), colour: css(value ? GREY : rgb), shape }
      })
    if (!value) return classes
    const ends = [this.low, this.high].map(({ textContent }) => ({ text: textContent ?? "" }))
    const scale = value.categories.length
      ? [{ text: `Colour: ${value.title}` }, ...value.categories.map(({ name, colour }) => ({ text: name, colour }))]
      : [ends[0], ...SCALE.map((colour) => ({ text: "", colour })), ends[1]]
    return [...scale, ...classes]
  }

  /**
   * Name what the colours mean.
   * @param {import("./ink.js").ValueData} value
   */
  categories({ title, categories }) {
    const swatch = (/** @type {string} */ colour) =>
      element("span", { class: "swatch", style: `background: ${colour}` })
    return [
      element("span", {}, `Colour: ${title}`),
      ...categories.map(({ name, colour }) => element("span", { class: "kind" }, swatch(colour), name)),
    ]
  }

  /** @param {boolean} plain whether colour says something else than the class */
  build(plain) {
    const { content } = this.map
    /** @type {Map<number, number>} */
    const counts = new Map()
    for (const label of content.labels) counts.set(label, (counts.get(label) ?? 0) + 1)
    const present = [...counts.keys()].sort((x, y) => Number(x < 0) - Number(y < 0) || x - y)
    this.entries = present.map((label) => {
      const mark = content.markOf(label)
      const node = this.entry(label, plain ? { ...mark, rgb: GREY } : mark, counts.get(label) ?? 0, present)
      return { label, node }
    })
    this.node.replaceChildren(...this.entries.map(({ node }) => node), this.all)
  }

  /**
   * @param {number} label
   * @param {Mark} mark
   * @param {number} count
   * @param {number[]} present
   */
  entry(label, mark, count, present) {
    const { content, selection } = this.map
    const name = content.className(label)
    const alone = () => selection.setHidden(present.filter((other) => other !== label))
    const title = `${name}: ${count} images. Click: on or off. Double click, or Shift and Enter: alone.`
    const turn = (/** @type {MouseEvent} */ event) => (event.shiftKey ? alone() : this.toggle(label))
    const node = button(picture(mark), turn, { class: "entry", title })
    node.append(element("span", { class: "name" }, name))
    const light = () => selection.setHighlight((i) => content.labels[i] === label)
    node.addEventListener("dblclick", alone)
    node.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && light())
    node.addEventListener("pointerleave", () => selection.setHighlight(null))
    node.addEventListener("focus", () => node.matches(":focus-visible") && light())
    node.addEventListener("blur", () => selection.setHighlight(null))
    return node
  }

  /** @param {number} label */
  toggle(label) {
    const { selection } = this.map
    const { hidden } = selection.choice
    const without = hidden.filter((other) => other !== label)
    selection.setHidden(without.length < hidden.length ? without : [...hidden, label])
  }
}
