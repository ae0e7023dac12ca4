// The keyboard on a map: arrows go from point to point, Enter chooses, plus and minus zoom.

import { eachOnStage, onStage, pointAt } from "./geometry.js"

/** @typedef {Pick<import("./latent_map.js").LatentMap, "content" | "hover" | "selection" | "stage">} Host what this part needs of the map */

/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/**
 * @param {Host} map
 * @param {number} k which of the maps has the focus
 * @param {KeyboardEvent} event
 */
export function press(map, k, event) {
  const { hover, selection, stage } = map
  const take = () => (event.shiftKey ? selection.toggle(hover.point?.index) : selection.choose(hover.point?.index))
  /** @type {Record<string, () => void>} */
  const actions = {
    Enter: take,
    " ": take,
    Escape: () => (hover.point ? hover.show(null) : selection.clear()),
    "+": () => stage.look((camera) => camera.zoom(0.75)),
    "=": () => stage.look((camera) => camera.zoom(0.75)),
    "-": () => stage.look((camera) => camera.zoom(1 / 0.75)),
    0: () => stage.look((camera) => camera.reset()),
    t: () => selection.toggleThumbnails(),
  }
  const direction = DIRECTIONS[event.key]
  const action = direction ? () => step(map, k, direction) : actions[event.key]
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  event.stopPropagation()
  action()
}

/**
 * Move to the nearest point in a direction, within 45 degrees of it.
 * @param {Host} map
 * @param {number} k
 * @param {[number, number]} direction
 */
function step(map, k, [dx, dy]) {
  const { content, hover, selection, stage } = map
  const picture = stage.pictures[k]
  const at = hover.point && hover.point.index < content.count ? hover.point.index : null
  const from =
    at == null
      ? [picture.left + picture.width / 2, picture.top + picture.height / 2]
      : onStage(picture, pointAt(picture, at, content.count))
  let best = Infinity
  let nearest = -1
  eachOnStage(picture, selection.states, (i, x, y) => {
    const along = (x - from[0]) * dx + (y - from[1]) * dy
    const across = Math.abs((x - from[0]) * dy) + Math.abs((y - from[1]) * dx)
    if (i === at || stage.mapUnder(x, y) !== k || along < across || along + across < 0.5) return
    const cost = along + 2 * across
    if (cost < best) {
      best = cost
      nearest = i
    }
  })
  if (nearest >= 0) hover.show({ index: nearest, map: k })
}
