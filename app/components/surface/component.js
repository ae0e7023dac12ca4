// The surface in a page: one per component, which stays when its data change.

import { find, getOrCreate } from "glico/web/dom.js"
import { isDark } from "glico/web/scrubber/scrubber.js"
import { Surface } from "glico/web/surface/surface.js"
import { unpacked } from "../data.js"

/**
 * @typedef {import("glico/web/surface/surface.js").Content} Content
 * @typedef {{ surface: Surface, content: string, start: string }} Held
 */

/** @type {WeakMap<Element, Held>} */
const surfaces = new WeakMap()

/**
 * @typedef {(name: string, at: [number, number]) => void} Tell
 * @param {{ data: Uint8Array, parentElement: Element, setStateValue: Tell }} page
 */
export default function ({ data: bytes, parentElement, setStateValue }) {
  /** @type {Content} */
  const data = unpacked(bytes)
  const root = find(parentElement, ".surface")
  const start = String(data.start)
  const held = getOrCreate(surfaces, parentElement, () => ({ surface: new Surface(root), content: "", start }))
  held.surface.onRelease = (at) => setStateValue("at", at)
  root.toggleAttribute("data-dark", isDark(root))
  if (held.content !== data.content) {
    held.content = data.content
    held.surface.update(data)
  } else if (held.start !== start) {
    held.surface.moveTo(data.start)
  }
  held.start = start
  // Streamlit also calls this when data change twice at once: then the surface lives on.
  return () => {
    if (!parentElement.isConnected) held.surface.close()
  }
}
