// Save the maps as they are shown: PNG at twice the screen's resolution, or SVG.

import { element, svg } from "../dom.js"
import { pen } from "../sprite.js"
import { eachOnStage } from "./geometry.js"
import { groundLines } from "./ground.js"
import { css } from "./ink.js"
import { SHAPES } from "./legend.js"
import { DIMMED } from "./points.js"

/** @typedef {Pick<import("./latent_map.js").LatentMap, "content" | "legend" | "motion" | "selection" | "stage">} Host what this part needs of the map */

const FAINT = 0.16 // opacity of dimmed points
const FONT = "600 13px system-ui, sans-serif"
const ROW = 22 // CSS pixels of a row of the legend
const SWATCH = 18 // of a mark and the space after it

/** @param {Host} map */
export function savePng(map) {
  const { stage } = map
  const { clientWidth: width, clientHeight: height } = stage.node
  const ratio = 2
  stage.resize(ratio)
  stage.draw(performance.now()) // in the same task: a browser drops a WebGL picture once it is shown
  const { entries, high } = placedKey(map, width)
  const canvas = element("canvas", { width: width * ratio, height: (height + high) * ratio })
  const context = pen(canvas)
  context.scale(ratio, ratio)
  context.fillStyle = stage.colours.paper
  context.fillRect(0, 0, width, height + high)
  for (const layer of stage.layers) context.drawImage(layer, 0, 0, width, height)
  context.fillStyle = stage.colours.ink
  context.font = FONT
  stage.pictures.forEach((picture, k) => context.fillText(map.motion.title(k), picture.left + 6, picture.top - 9))
  for (const { x, y, text, colour, shape } of entries) {
    context.fillStyle = stage.colours.ink
    context.fillText(text, x + (colour ? SWATCH : 0), height + y + 13)
    if (!colour) continue
    context.save()
    context.fillStyle = colour
    context.translate(x, height + y)
    context.scale(0.875, 0.875)
    context.fill(new Path2D(SHAPES[shape ?? 1]), "evenodd")
    context.restore()
  }
  stage.resize()
  canvas.toBlob((blob) => blob && hand(blob, "latent-map.png"))
}

/**
 * Return the legend's entries in rows of this width, with their places below the maps, and the height of the rows.
 * @param {Host} map
 * @param {number} width
 */
function placedKey(map, width) {
  const context = pen(element("canvas"))
  context.font = FONT
  let [x, y] = [6, 8]
  const entries = map.legend.key().map((entry) => {
    const across = (entry.colour ? SWATCH : 0) + (entry.text ? context.measureText(entry.text).width + 14 : 0)
    if (x > 6 && x + across > width) [x, y] = [6, y + ROW]
    const placed = { ...entry, x, y }
    x += across
    return placed
  })
  return { entries, high: entries.length ? y + ROW : 0 }
}

/** @param {Host} map */
export function saveSvg(map) {
  hand(new Blob([asSvg(map)], { type: "image/svg+xml" }), "latent-map.svg")
}

/** @param {Host} map */
export function asSvg(map) {
  const { stage, content, selection } = map
  const { clientWidth: width, clientHeight: height } = stage.node
  const { paper, ink, faint } = stage.colours
  const { entries, high } = placedKey(map, width)
  const size = {
    width,
    height: height + high,
    viewBox: `0 0 ${width} ${height + high}`,
    xmlns: "http://www.w3.org/2000/svg",
  }
  const root = svg("svg", size)
  root.append(svg("rect", { width, height: height + high, fill: paper }))
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
  for (const { x, y, text, colour, shape } of entries) {
    const label = svg("text", { x: x + (colour ? SWATCH : 0), y: height + y + 13, fill: ink, style: `font: ${FONT}` })
    label.textContent = text
    const place = { transform: `translate(${x} ${height + y}) scale(0.875)`, "fill-rule": "evenodd" }
    if (colour) root.append(svg("path", { d: SHAPES[shape ?? 1], fill: colour, ...place }))
    if (text) root.append(label)
  }
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
