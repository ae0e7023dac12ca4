// Save the maps as they are shown: PNG at twice the screen's resolution, or SVG.

import { element, svg } from "../dom.js"
import { pen } from "../sprite.js"
import { eachOnStage } from "./geometry.js"
import { groundLines } from "./ground.js"
import { css } from "./ink.js"
import { SHAPES } from "./legend.js"
import { DIMMED } from "./points.js"

/** @typedef {import("./latent_map.js").LatentMap} LatentMap */

const FAINT = 0.16 // opacity of dimmed points
const FONT = "600 13px system-ui, sans-serif"

/** @param {LatentMap} map */
export function savePng(map) {
  const { stage } = map
  const { clientWidth: width, clientHeight: height } = stage.node
  const ratio = 2
  stage.resize(ratio)
  stage.draw(performance.now()) // in the same task: a browser drops a WebGL picture once it is shown
  const canvas = element("canvas", { width: width * ratio, height: height * ratio })
  const context = pen(canvas)
  context.scale(ratio, ratio)
  context.fillStyle = stage.colours.paper
  context.fillRect(0, 0, width, height)
  for (const layer of stage.layers) context.drawImage(layer, 0, 0, width, height)
  context.fillStyle = stage.colours.ink
  context.font = FONT
  stage.pictures.forEach((picture, k) => context.fillText(map.motion.title(k), picture.left + 6, picture.top - 9))
  stage.resize()
  canvas.toBlob((blob) => blob && hand(blob, "latent-map.png"))
}

/** @param {LatentMap} map */
export function saveSvg(map) {
  hand(new Blob([asSvg(map)], { type: "image/svg+xml" }), "latent-map.svg")
}

/** @param {LatentMap} map */
export function asSvg(map) {
  const { stage, content, selection } = map
  const { clientWidth: width, clientHeight: height } = stage.node
  const { paper, ink, faint } = stage.colours
  const size = { width, height, viewBox: `0 0 ${width} ${height}`, xmlns: "http://www.w3.org/2000/svg" }
  const root = svg("svg", size)
  root.append(svg("rect", { width, height, fill: paper }))
  stage.pictures.forEach((picture, k) => {
    const { left: x, top: y, width: across, height: upward } = picture
    const clip = svg("clipPath", { id: `map${k}` })
    clip.append(svg("rect", { x, y, width: across, height: upward }))
    const inside = svg("g", { "clip-path": `url(#map${k})` })
    for (const [[x1, y1], [x2, y2]] of groundLines(picture, stage.camera.surroundings, content.components)) {
      inside.append(svg("line", { x1, y1, x2, y2, stroke: faint }))
    }
    const title = svg("text", { x: x + 6, y: y - 9, fill: ink, style: `font: ${FONT}` })
    title.textContent = map.motion.title(k)
    root.append(clip, inside, title)
    root.append(svg("rect", { x, y, width: across, height: upward, fill: "none", stroke: faint }))
    const scale = stage.dotSize / 12.2
    eachOnStage(picture, selection.states, (i, px, py) => {
      const { rgb, shape } = content.inkOf(k, i)
      const opacity = selection.states[i] === DIMMED ? FAINT : 1
      const place = `translate(${(px - 8 * scale).toFixed(2)} ${(py - 8 * scale).toFixed(2)}) scale(${scale.toFixed(3)})`
      const outline = { d: SHAPES[shape], fill: css(rgb), "fill-rule": "evenodd", stroke: paper, "stroke-width": 1 }
      inside.append(svg("path", { ...outline, opacity, transform: place }))
    })
  })
  return new XMLSerializer().serializeToString(root)
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function hand(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
