// Elements and their text. All text is set as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg"

/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */

/**
 * An element with its attributes and children; true is an attribute without a value, false and null are none.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "")
    else if (value !== false && value != null) node.setAttribute(name, String(value))
  }
  node.append(...children)
  return node
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 */
export function svg(tag, attributes) {
  const node = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value))
  return node
}

/**
 * @param {string | Node} content
 * @param {(event: MouseEvent) => void} click
 * @param {Attributes} attributes
 */
export function button(content, click, attributes = {}) {
  const node = element("button", { type: "button", ...attributes }, content)
  node.addEventListener("click", click)
  return node
}

/**
 * Writes nothing where nothing changes: the page need not be laid out again.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.firstChild?.nodeValue !== text) node.textContent = text
}

/**
 * @param {Element} node
 * @param {boolean} on
 */
export function setPressed(node, on) {
  node.setAttribute("aria-pressed", String(on))
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high)

/**
 * The state that a component in a page keeps from one call to the next; the first call makes it.
 * @template T
 * @param {WeakMap<Element, T>} held
 * @param {Element} parent
 * @param {() => T} make
 */
export function getOrCreate(held, parent, make) {
  let state = held.get(parent)
  if (state === undefined) held.set(parent, (state = make()))
  return state
}

/**
 * The element that a component's HTML begins with.
 * @param {ParentNode} parent
 * @param {string} selector
 */
export function find(parent, selector) {
  const node = parent.querySelector(selector)
  if (!(node instanceof HTMLElement)) throw new Error(`There is no ${selector}.`)
  return node
}
