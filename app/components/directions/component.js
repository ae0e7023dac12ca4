// The sliders in a page: one per component, kept while its data change.

import { getOrCreate, find } from "glico/web/dom.js"
import { Directions } from "glico/web/directions/directions.js"
import { unpacked } from "../data.js"

/** @type {WeakMap<Element, Directions>} */
const all = new WeakMap()

/** @param {{ data: Uint8Array, parentElement: Element, setStateValue: (name: string, state: string) => void }} page */
export default function ({ data, parentElement, setStateValue }) {
  /** @type {import("glico/web/directions/directions.js").Content & { start: string }} */
  const content = unpacked(data)
  const view = getOrCreate(all, parentElement, () => new Directions(find(parentElement, ".directions")))
  view.onRest = (state) => setStateValue("state", state)
  view.update(content, content.start)
  return () => {
    if (!parentElement.isConnected) view.close()
  }
}
