// The latent map: one or two linked projections of the same images. Nothing is sent to the server while the pointer
// moves; the choice is reported when it rests.

import { Content } from "./content.js"
import { Controls } from "./controls.js"
import { Dock } from "./dock.js"
import { Gestures } from "./gestures.js"
import { Hover } from "./hover.js"
import { Legend } from "./legend.js"
import { Motion } from "./motion.js"
import { Neighbours } from "./neighbours.js"
import { Probe } from "./probe.js"
import { Selection } from "./selection.js"
import { Stage } from "./stage.js"

/** @typedef {import("./selection.js").Choice} Choice */

const REST = 200 // ms of rest after which the choice is reported

export class LatentMap {
  /**
   * @param {HTMLElement} root
   * @param {boolean} alone whether the map is in a file, without pages to go to
   */
  constructor(root, alone = false) {
    this.root = root
    /** @type {(choice: Choice) => void} */
    this.onRest = () => {}
    /** @type {(choice: Choice) => void} */
    this.onInterpolate = () => {}
    /** @type {(place: import("./probe.js").PlaceChoice) => void} */
    this.onPlace = () => {}
    this.resting = 0
    this.content = new Content()
    this.selection = new Selection(this)
    this.hover = new Hover(this)
    this.probe = new Probe(this, alone)
    this.stage = new Stage(this)
    this.motion = new Motion(this)
    this.controls = new Controls(this)
    this.legend = new Legend(this)
    this.dock = new Dock(alone ? null : () => this.interpolate(), () => this.selection.clear())
    this.neighbours = new Neighbours(this)
    const over = [this.controls.node, this.legend.scale, this.legend.node]
    root.replaceChildren(...over, this.stage.node, this.dock.node, this.neighbours.node, this.hover.live)
    this.gestures = new Gestures(this)
  }

  /** @param {import("./content.js").ContentData} data */
  async update(data) {
    const { content, selection, stage, motion } = this
    const before = content.maps
    const fresh = content.take(data)
    stage.theme()
    this.probe.take(data.generators)
    if (fresh.images) {
      selection.open(data)
      this.hover.point = null
    }
    if (fresh.layout) stage.goHome()
    for (const { key, film } of fresh.filmed) if (film) stage.points.keep(`${key} film`, film)
    if (fresh.coloured) this.paint()
    if (fresh.layout) motion.settleFrom(fresh.images || fresh.turned ? null : before)
    if (fresh.images) this.controls.showAt(selection.choice.at, motion.title(0))
    selection.dropMissing()
    selection.setStates()
    this.show()
    stage.resize()
    this.root.setAttribute("data-ready", data.layout)
    await Promise.all([this.loadSheet(data), this.loadExtras(data), this.loadPath(data)])
    selection.apply(data.request)
    this.show()
    stage.wake()
  }

  /** @param {import("./content.js").ContentData} data */
  async loadSheet({ sheet }) {
    const other = await this.content.loadSheet(sheet)
    if (other && this.content.sheet) this.stage.points.setSheet(this.content.sheet)
  }

  /** @param {import("./content.js").ContentData} data */
  async loadExtras(data) {
    await this.content.loadExtras(data, () => {
      this.hover.show(null)
      this.neighbours.shown = ""
    })
  }

  /** @param {import("./content.js").ContentData} data */
  async loadPath(data) {
    const other = await this.content.loadPath(data)
    if (other && !this.content.path && this.selection.choice.mode === "path") this.motion.setMode("map")
  }

  /** Colour the points by the chosen value. */
  paint() {
    this.content.paint(this.selection.choice.colour)
    this.stage.upload()
  }

  /** Show a changed choice, and report it when the pointer rests. */
  changed() {
    this.show()
    this.report()
  }

  /** Let the maps fill the screen, or no longer. */
  turnFull() {
    if (document.fullscreenElement) document.exitFullscreen()
    else this.root.requestFullscreen()
  }

  show() {
    const { content, selection } = this
    const { a, b } = selection.choice
    this.controls.show()
    this.legend.show()
    this.stage.show()
    this.dock.show([a, b], selection.selectedRows.size, (index) => ({
      ...content.pictureOf(index, content.maps.length - 1),
      name: content.describe(index),
    }))
    this.neighbours.show(b ?? a)
  }

  report() {
    clearTimeout(this.resting)
    this.resting = window.setTimeout(() => this.onRest(this.selection.report()), REST)
  }

  /** Leave with the choice. Nothing may be reported later, from a page that is being left. */
  interpolate() {
    clearTimeout(this.resting)
    this.onInterpolate(this.selection.report())
  }

  close() {
    clearTimeout(this.resting)
    this.stage.close()
    this.probe.close()
  }
}
