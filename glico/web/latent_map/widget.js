// The latent map in a notebook, by anywidget: what is chosen goes to Python, and what Python adds comes back.

import { element } from "../dom.js"
import { LatentMap } from "./latent_map.js"

/**
 * @typedef {{ get: (name: string) => any, set: (name: string, value: unknown) => void, save_changes: () => void,
 *   on: (event: string, change: () => void) => void, off: (event: string, change: () => void) => void }} Model
 */

const EVENTS = ["change:content", "change:extras"]
// JupyterLab takes a letter for a command, such as "x" that cuts the cell, unless the element that has the focus says no.
// The same attribute on an element around it does not help: the selectors of the commands match the focused one.
const OWN_KEYS = "data-lm-suppress-shortcuts"

/** @param {{ model: Model, el: HTMLElement }} view */
function render({ model, el }) {
  const root = element("div", { class: "latent-map in-notebook" })
  root.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element) target.setAttribute(OWN_KEYS, "true")
  })
  el.append(root)
  /** @type {LatentMap} */
  let map
  try {
    map = new LatentMap(root, true)
  } catch (error) {
    root.replaceChildren(element("p", { class: "message" }, String(error)))
    return
  }
  const update = () => {
    map.update({ ...model.get("content"), ...model.get("extras") }).catch((error) => map.stage.fail(error))
  }
  const repaint = () => {
    map.stage.theme()
    map.stage.wake()
  }
  map.onRest = (choice) => {
    model.set("choice", choice)
    model.save_changes()
  }
  for (const event of EVENTS) model.on(event, update)
  // Jupyter calls this before the element is in the page, when it has no colours yet.
  const begin = () => (root.isConnected ? update() : requestAnimationFrame(begin))
  const themes = new MutationObserver(repaint)
  for (const node of [document.documentElement, document.body]) themes.observe(node, { attributes: true })
  begin()
  return () => {
    for (const event of EVENTS) model.off(event, update)
    themes.disconnect()
    map.close()
  }
}

export default { render }
