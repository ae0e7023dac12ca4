// The scrubber in a page: one per component, which stays when its data change.

import { find, getOrCreate } from "glico/web/dom.js"
import { Scrubber, isDark } from "glico/web/scrubber/scrubber.js"
import { unpacked } from "../data.js"

/**
 * @typedef {import("glico/web/scrubber/scrubber.js").Content} Content
 * @typedef {{ scrubber: Scrubber, content: string, start: number }} Held
 */

/** @type {WeakMap<Element, Held>} */
const scrubbers = new WeakMap()

/** @param {{ data: Uint8Array, parentElement: Element, setStateValue: (name: string, t: number) => void }} page */
export default function ({ data: bytes, parentElement, setStateValue }) {
  /** @type {Content} */
  const data = unpacked(bytes)
  const root = find(parentElement, ".scrubber")
  const held = getOrCreate(scrubbers, parentElement, () => ({
    scrubber: new Scrubber(root),
    content: "",
    start: data.start,
  }))
  held.scrubber.onRelease = (t) => setStateValue("t", t)
  root.toggleAttribute("data-dark", isDark(root))
  if (held.content !== data.content) {
    held.content = data.content
    held.scrubber.update(data)
  } else if (held.start !== data.start) {
    held.scrubber.moveTo(data.start)
  }
  held.start = data.start
  // Streamlit also calls this when data change twice at once: then the scrubber lives on.
  return () => {
    if (!parentElement.isConnected) held.scrubber.close()
  }
}
