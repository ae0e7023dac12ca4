// Thumbnails to choose from, class by class: one for each of some places (A and B), or an ordered list.

import { button, element, find, getOrCreate, setPressed, setText } from "glico/web/dom.js"
import { Sprite, Tile } from "glico/web/sprite.js"
import { unpacked } from "../data.js"

/**
 * @typedef {import("glico/web/sprite.js").SpriteData} SpriteData
 * @typedef {{ row: number, tile: number, name: string }} Item
 * @typedef {{ name: string, items: Item[] }} Group
 * @typedef {{ sheet: SpriteData, groups: Group[], chosen: number[], places: string }} Content
 */

class Picker {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.next = 0 // the place that the next click sets
    this.shown = ""
    /** @type {Map<number, Thumbnail>} */
    this.thumbnails = new Map()
    /** @type {HTMLButtonElement[]} */
    this.slots = []
    /** @type {number[]} */
    this.chosen = []
    this.places = ""
    /** @type {(rows: number[]) => void} */
    this.onChoose = () => {}
    root.addEventListener("keydown", (event) => this.walk(event))
  }

  /** @param {Content} data */
  async update(data) {
    this.chosen = [...data.chosen]
    this.places = data.places
    const shown = JSON.stringify([data.groups, data.places]) + data.sheet.url.length + data.sheet.url.slice(-64)
    if (shown !== this.shown) {
      this.shown = shown
      this.build(data.groups)
      const sheet = await Sprite.load(data.sheet)
      if (shown === this.shown) this.draw(data.groups, sheet)
    }
    this.mark()
  }

  /** @param {Group[]} groups */
  build(groups) {
    this.thumbnails.clear()
    const lines = groups.map((group) => {
      const thumbs = element("div", { class: "thumbs", role: "group", "aria-label": group.name })
      for (const { row, name } of group.items) {
        const thumbnail = new Thumbnail(name, () => this.choose(row))
        this.thumbnails.set(row, thumbnail)
        thumbs.append(thumbnail.node)
      }
      return element(
        "div",
        { class: "group" },
        element("div", { class: "class", title: group.name }, group.name),
        thumbs,
      )
    })
    this.slots = [...this.places].map((letter, slot) => {
      const set = () => {
        this.next = slot
        this.mark()
      }
      return button(letter, set, { class: "slot" })
    })
    const label = { class: "next", role: "group", "aria-label": "What the next click sets" }
    const next = element("div", label, element("span", {}, "The next click sets"), ...this.slots)
    this.root.replaceChildren(...(this.places ? [next] : []), element("div", { class: "groups" }, ...lines))
    this.mark()
  }

  /**
   * @param {Group[]} groups
   * @param {Sprite} sheet
   */
  draw(groups, sheet) {
    for (const { row, tile } of groups.flatMap((group) => group.items)) {
      this.thumbnails.get(row)?.picture.show(sheet, tile)
    }
  }

  /** @param {number} row */
  choose(row) {
    if (this.places) {
      this.chosen[this.next] = row
      this.next = (this.next + 1) % this.places.length
    } else if (this.chosen.includes(row)) {
      this.chosen = this.chosen.filter((other) => other !== row)
    } else {
      this.chosen.push(row)
    }
    this.mark()
    this.onChoose(this.chosen)
  }

  mark() {
    for (const [row, thumbnail] of this.thumbnails) {
      const signs = this.chosen.flatMap((other, i) => (other === row ? [this.places[i] ?? String(i + 1)] : []))
      thumbnail.mark(signs.join(""))
    }
    const buttons = this.buttons()
    if (buttons.length && !buttons.some((node) => node.tabIndex === 0)) {
      ;(buttons.find((node) => node.getAttribute("aria-pressed") === "true") ?? buttons[0]).tabIndex = 0
    }
    this.slots.forEach((node, slot) => setPressed(node, slot === this.next))
  }

  buttons() {
    return [...this.thumbnails.values()].map(({ node }) => node)
  }

  /**
   * Arrow keys walk over the thumbnails; one of them is in the tab order.
   * @param {KeyboardEvent} event
   */
  walk(event) {
    const buttons = this.buttons()
    const at = buttons.findIndex((node) => node === event.target)
    if (at < 0) return
    const here = buttons[at]
    /** @type {Record<string, () => HTMLButtonElement | undefined>} */
    const steps = {
      ArrowLeft: () => buttons[at - 1],
      ArrowRight: () => buttons[at + 1],
      ArrowUp: () =>
        nearestInLine(
          buttons.slice(0, at).filter((node) => top(node) < top(here)),
          here,
          Math.max,
        ),
      ArrowDown: () =>
        nearestInLine(
          buttons.slice(at + 1).filter((node) => top(node) > top(here)),
          here,
          Math.min,
        ),
      Home: () => buttons[0],
      End: () => buttons.at(-1),
    }
    if (!steps[event.key]) return
    event.preventDefault()
    const next = steps[event.key]()
    if (!next) return
    here.tabIndex = -1
    next.tabIndex = 0
    next.focus()
  }
}

/** A picture to click, with the sign of what it was chosen as. */
class Thumbnail {
  /**
   * @param {string} name
   * @param {() => void} choose
   */
  constructor(name, choose) {
    this.name = name
    this.picture = new Tile("")
    this.sign = element("b")
    this.node = button(this.picture.canvas, choose, { class: "thumb", title: name, tabindex: -1 })
    this.node.append(this.sign)
  }

  /** @param {string} sign */
  mark(sign) {
    setText(this.sign, sign)
    setPressed(this.node, sign !== "")
    this.node.setAttribute("aria-label", sign ? `${this.name}, chosen as ${sign}` : this.name)
  }
}

/** @param {Element} node */
const top = (node) => Math.round(node.getBoundingClientRect().top)

/**
 * @param {HTMLButtonElement[]} buttons
 * @param {Element} here
 * @param {(...tops: number[]) => number} choose which line
 */
function nearestInLine(buttons, here, choose) {
  const line = choose(...buttons.map(top))
  const left = here.getBoundingClientRect().left
  /** @param {Element} node */
  const away = (node) => Math.abs(node.getBoundingClientRect().left - left)
  return buttons.filter((node) => top(node) === line).sort((one, other) => away(one) - away(other))[0]
}

/** @type {WeakMap<Element, Picker>} */
const pickers = new WeakMap()

/** @param {{ data: Uint8Array, parentElement: Element, setTriggerValue: (name: string, rows: number[]) => void }} page */
export default function ({ data: bytes, parentElement, setTriggerValue }) {
  /** @type {Content} */
  const data = unpacked(bytes)
  const picker = getOrCreate(pickers, parentElement, () => new Picker(find(parentElement, ".picker")))
  picker.onChoose = (rows) => setTriggerValue("chosen", rows)
  picker.update(data)
}
