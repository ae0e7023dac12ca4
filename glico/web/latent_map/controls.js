// The bar above the maps: mode, drag tool, zoom, thumbnails, neighbours, colour, search, saving.

import { button, element, setPressed, setText } from "../dom.js"
import { savePng, saveSvg } from "./saving.js"

/**
 * @typedef {Pick<import("./latent_map.js").LatentMap, "content" | "legend" | "motion" | "report" | "selection" | "stage" | "turnFull">} Host what this part needs of the map
 * @typedef {import("./selection.js").Mode} Mode
 * @typedef {import("./stage.js").Tool} Tool
 */

/** @type {[Tool, string, string][]} */
const TOOLS = [
  ["pan", "Move", "Drag to move"],
  ["select", "Box", "Drag a box to select"],
  ["lasso", "Lasso", "Draw around points to select"],
]
/** @type {[Mode, string][]} */
const MODES = [
  ["map", "Map"],
  ["transition", "Transition"],
  ["film", "Training"],
  ["path", "Path"],
]
const NEIGHBOURS = [0, 5, 10]

export class Controls {
  /** @param {Host} map */
  constructor(map) {
    this.map = map
    const { content, motion, selection, stage } = map
    this.modes = MODES.map(([mode, text]) => ({ mode, node: button(text, () => motion.setMode(mode)) }))
    this.tools = TOOLS.map(([tool, text, title]) => ({
      tool,
      node: button(text, () => stage.setTool(tool), { title, "data-tool": tool }),
    }))
    this.play = button("Play", () => motion.play(!motion.playing), { class: "play" })
    this.slider = element("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": "Position" })
    this.slider.addEventListener("input", () => motion.scrub(Number(this.slider.value) / 1000))
    this.slider.addEventListener("change", () => map.report())
    this.scrub = element("div", { class: "scrub" }, this.play, this.slider)
    this.thumbnails = button("Thumbnails", () => selection.toggleThumbnails(), { "aria-pressed": "false" })
    this.neighbours = choices("Neighbours", "Nearest codes in the original space", (value) => {
      selection.choice.neighbours = Number(value)
      stage.wake()
      map.report()
    })
    const words = (/** @type {number} */ count) => (count ? `${count} nearest` : "No neighbours")
    options(
      this.neighbours,
      NEIGHBOURS.map((count) => [String(count), words(count)]),
    )
    this.offered = ""
    this.colour = choices("Colour", "What the colour of a point says", (name) => selection.setColour(name))
    this.search = element("input", { type: "search", placeholder: "Find", "aria-label": "Find by class or file name" })
    this.search.title = "Lights the images whose class or file name has these letters; Enter selects them."
    this.missing = element("span", { class: "hint missing", role: "status" })
    this.search.addEventListener("input", () => {
      const matching = this.matching()
      selection.setHighlight(matching)
      const matches = !matching || content.labels.some((_, i) => matching(i))
      setText(this.missing, matches ? "" : "No image has this class or file name.")
    })
    this.search.addEventListener("blur", () => selection.setHighlight(null))
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") selection.select(this.matching())
      if (event.key === "Escape") this.search.value = ""
      if (event.key === "Escape") selection.setHighlight(null)
      if (event.key === "Escape") setText(this.missing, "")
    })
    const zoom = group(
      "Zoom",
      button("+", () => stage.look((camera) => camera.zoom(0.75)), { "aria-label": "Zoom in" }),
      button("−", () => stage.look((camera) => camera.zoom(1 / 0.75)), { "aria-label": "Zoom out" }),
      button("Reset", () => stage.look((camera) => camera.reset()), { "aria-label": "Reset the view" }),
    )
    const save = group(
      "Save the maps as they are seen",
      button("PNG", () => savePng(map), { "aria-label": "Save as PNG" }),
      button("SVG", () => saveSvg(map), { "aria-label": "Save as SVG" }),
    )
    this.full = button("Full screen", () => map.turnFull(), { class: "full", hidden: !document.fullscreenEnabled })
    this.node = element(
      "div",
      { class: "bar" },
      element(
        "div",
        { class: "part" },
        group("What is shown", ...this.modes.map(({ node }) => node)),
        this.scrub,
        element("span", { class: "spring" }),
        group("What dragging does", ...this.tools.map(({ node }) => node)),
      ),
      element(
        "div",
        { class: "part more" },
        zoom,
        this.thumbnails,
        this.neighbours,
        this.colour,
        this.search,
        this.missing,
        save,
        this.full,
      ),
    )
  }

  /** Update every control from the choice. */
  show() {
    const { content, selection, stage } = this.map
    const { choice } = selection
    const possible = {
      map: true,
      transition: content.maps.length > 1,
      film: content.maps.some(({ film }) => film),
      path: content.path != null,
    }
    for (const { tool, node } of this.tools) setPressed(node, tool === stage.tool)
    for (const { mode, node } of this.modes) {
      setPressed(node, mode === choice.mode)
      node.disabled = !possible[mode]
    }
    this.modes[1].node.title = "From the left map's layout to the right map's"
    this.modes[3].node.title = content.path ? "From A to B along the path" : "Choose A and B first"
    this.scrub.toggleAttribute("data-off", choice.mode === "map")
    this.slider.disabled = this.play.disabled = choice.mode === "map"
    setPressed(this.thumbnails, choice.thumbnails)
    this.neighbours.value = String(choice.neighbours)
    const values = content.data?.values ?? []
    this.colour.hidden = !values.length
    const offered = [["", "Colour by class"], ...values.map(({ name, title }) => [name, `Colour by ${title}`])]
    if (String(offered) !== this.offered) options(this.colour, offered)
    this.offered = String(offered)
    this.colour.value = values.some(({ name }) => name === choice.colour) ? choice.colour : ""
  }

  /**
   * @param {number} at
   * @param {string} title
   */
  showAt(at, title) {
    this.slider.value = String(Math.round(at * 1000))
    this.slider.setAttribute("aria-valuetext", title)
  }

  /** @param {boolean} on */
  showPlaying(on) {
    setText(this.play, on ? "Pause" : "Play")
  }

  /** Return a test of whether an image's class or file name contains the search text; null without a text. */
  matching() {
    const { content } = this.map
    const query = this.search.value.trim().toLowerCase()
    if (!query) return null
    const names = content.data?.names ?? []
    return (/** @type {number} */ i) =>
      content.className(content.labels[i]).toLowerCase().includes(query) ||
      (names[i] ?? "").toLowerCase().includes(query) ||
      query === `image ${i}`
  }
}

/**
 * @param {string} label
 * @param {HTMLElement[]} nodes
 */
function group(label, ...nodes) {
  return element("div", { class: "group", role: "group", "aria-label": label }, ...nodes)
}

/**
 * @param {string} label
 * @param {string} title
 * @param {(value: string) => void} choose
 */
function choices(label, title, choose) {
  const node = element("select", { "aria-label": label, title })
  node.addEventListener("change", () => choose(node.value))
  return node
}

/**
 * @param {HTMLSelectElement} node
 * @param {string[][]} all value and text of each
 */
function options(node, all) {
  node.replaceChildren(...all.map(([value, text]) => element("option", { value }, text)))
}
