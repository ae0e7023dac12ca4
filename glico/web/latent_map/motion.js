// Animations: a transition between the layouts, the film of a training, a walk along a path, a change of layout.

import { clamp } from "../dom.js"

/**
 * @typedef {Pick<import("./latent_map.js").LatentMap, "content" | "selection" | "stage" | "controls" | "changed" | "report">} Host what this part needs of the map
 * @typedef {import("./content.js").Layout} Layout
 * @typedef {import("./geometry.js").Source} Source
 */

const SECONDS = { map: 1, transition: 2.5, film: 8, path: 4 } // of playing time for each mode
const SETTLE = 700 // ms of the animation from one layout to the next
const SLOW = 45 // ms between two frames that a person notices
const THINNEST = 16 // at least one of this many points is drawn
const FEWEST = 1000 // points drawn at least, however slow the graphics are

/** @param {number} share */
const ease = (share) => share * share * (3 - 2 * share)

export class Motion {
  /** @param {Host} map */
  constructor(map) {
    this.map = map
    this.playing = false
    this.settling = 0 // when a change of layout began
    this.last = 0 // the frame before, while playing
    this.thinning = new Thinning()
  }

  /**
   * Animate a change of method or parameters from the old positions.
   * @param {Layout[] | null} before
   */
  settleFrom(before) {
    this.settling = 0
    const { maps } = this.map.content
    if (before?.length !== maps.length || matchMedia("(prefers-reduced-motion: reduce)").matches) return
    maps.forEach((layout, k) => {
      layout.before = before[k].positions
      this.map.stage.points.keep(`${layout.key} before`, layout.before)
    })
    this.settling = performance.now()
  }

  /**
   * Draw one frame of the display; return whether another is needed.
   * @param {number} now
   */
  advance(now) {
    const { choice } = this.map.selection
    const moving = this.playing || this.settling > 0
    if (this.playing) {
      const step = this.last ? (now - this.last) / 1000 / SECONDS[choice.mode] : 0
      this.setAt(Math.min(1, choice.at + step))
      if (choice.at >= 1) this.play(false)
    }
    this.last = this.playing ? now : 0
    if (this.settling && now - this.settling > SETTLE) this.settling = 0
    return moving
  }

  /**
   * Return the layouts that map k is drawn from: its own, two (transition), two snapshots (film), or the old and the new.
   * @param {number} k
   * @param {number} now
   * @returns {{ from: Source, to: Source, mixing: number }}
   */
  source(k, now) {
    const { maps } = this.map.content
    const { choice } = this.map.selection
    const { key, positions, film, steps, before } = maps[k]
    const here = { key, array: positions, frame: 0 }
    if (this.settling && before) {
      const share = clamp((now - this.settling) / SETTLE, 0, 1)
      return { from: { key: `${key} before`, array: before, frame: 0 }, to: here, mixing: ease(share) }
    }
    if (choice.mode === "transition" && maps.length > 1 && k === 0) {
      const there = { key: maps[1].key, array: maps[1].positions, frame: 0 }
      return { from: here, to: there, mixing: ease(choice.at) }
    }
    if (choice.mode === "film" && film) {
      const last = steps.length - 1
      const place = Math.min(choice.at * last, last)
      const frame = Math.min(Math.floor(place), Math.max(last - 1, 0))
      const filmed = { key: `${key} film`, array: film }
      const next = Math.min(frame + 1, last)
      return { from: { ...filmed, frame }, to: { ...filmed, frame: next }, mixing: place - frame }
    }
    return { from: here, to: here, mixing: 0 }
  }

  /** Return whether the points are at the positions of their layout. */
  atRest() {
    return ["map", "path"].includes(this.map.selection.choice.mode) && !this.settling
  }

  /** Return the image of the path at the mode's position. */
  pathFrame() {
    const frames = this.map.content.path?.places[0].length ?? 1
    return Math.round(this.map.selection.choice.at * (frames - 1))
  }

  /** @param {number} k */
  title(k) {
    const { maps } = this.map.content
    const { choice } = this.map.selection
    const { title, steps } = maps[k]
    if (choice.mode === "transition" && k === 0 && maps.length > 1) return `${title} → ${maps[1].title}`
    if (choice.mode === "film" && steps.length) {
      return `${title} · step ${steps[Math.round(choice.at * (steps.length - 1))]}`
    }
    if (choice.mode === "path") return `${title} · t = ${choice.at.toFixed(2)}`
    return title
  }

  /** @param {number} at */
  setAt(at) {
    this.map.selection.choice.at = at
    this.map.controls.showAt(at, this.title(0))
    this.map.stage.wake()
  }

  /** @param {import("./selection.js").Mode} mode */
  setMode(mode) {
    this.play(false)
    this.map.selection.choice.mode = mode
    this.settling = 0
    this.setAt(mode === "map" ? 1 : 0)
    this.map.changed()
    if (mode !== "map") this.play(true)
  }

  /** @param {boolean} on */
  play(on) {
    if (this.playing && !on) this.map.report()
    this.playing = on
    this.last = 0
    if (on && this.map.selection.choice.at >= 1) this.setAt(0)
    this.map.controls.showPlaying(on)
    this.map.stage.wake()
  }

  /**
   * The slider was moved.
   * @param {number} at
   */
  scrub(at) {
    this.playing = false
    this.map.controls.showPlaying(false)
    this.setAt(at)
  }
}

/** While something moves, slow graphics draw every second, fourth … point; at rest, all points. */
class Thinning {
  constructor() {
    this.every = 1
    this.slow = 0
    this.before = 0
    this.moving = false
  }

  /**
   * @param {number} now
   * @param {boolean} moving
   * @param {number} count of the points
   */
  follow(now, moving, count) {
    const gap = this.moving ? now - this.before : 0
    this.slow = (moving && this.slow ? 0.9 * this.slow : 0) + Number(gap > SLOW)
    if (!moving) this.every = 1
    else if (gap > SLOW && this.slow > 1.3) {
      // the second within ten frames
      const most = 2 ** Math.floor(Math.log2(clamp(count / FEWEST, 1, THINNEST)))
      this.every = Math.min(most, this.every * 2 ** Math.ceil(Math.log2(gap / SLOW)))
      this.slow = 0
    }
    this.moving = moving
    this.before = now
  }
}
