// The map in a page: one per component, which stays when its data change.

import { element, find, getOrCreate } from "glico/web/dom.js"
import { LatentMap } from "glico/web/latent_map/latent_map.js"
import { unpacked } from "../data.js"

/**
 * @typedef {import("glico/web/latent_map/selection.js").Choice} Choice
 * @typedef {import("glico/web/latent_map/probe.js").PlaceChoice} PlaceChoice
 * @typedef {(name: string, choice: Choice) => void} Tell
 */

/** @type {WeakMap<Element, LatentMap>} */
const maps = new WeakMap()

const PAINTED = 50 // ms after which the maps have been painted, if ever they are

/**
 * @param {{ data: Uint8Array, parentElement: Element, setStateValue: Tell,
 *   setTriggerValue: (name: string, value: Choice | PlaceChoice | boolean) => void }} page
 */
export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = find(parentElement, ".latent-map")
  const content = unpacked(data)
  if (content.awaited) window.setTimeout(() => setTriggerValue("drawn", true), PAINTED)
  /** @type {LatentMap} */
  let map
  try {
    map = getOrCreate(maps, parentElement, () => new LatentMap(root))
  } catch (error) {
    root.replaceChildren(element("p", { class: "message" }, String(error)))
    return
  }
  map.onRest = (choice) => setStateValue("choice", choice)
  map.onInterpolate = (choice) => setTriggerValue("interpolate", choice)
  map.onPlace = (place) => setTriggerValue("place", place)
  map.update(content).catch((error) => map.stage.fail(error))
  // Streamlit also calls this when data change twice at once: then the map lives on.
  return () => {
    if (!parentElement.isConnected) map.close()
  }
}
