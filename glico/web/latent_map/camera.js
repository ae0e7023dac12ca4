// The part of the maps that is in view. Both maps share one camera, so they move together.

import { clamp } from "../dom.js"
import { distance, middle } from "./geometry.js"

/**
 * @typedef {import("./geometry.js").Place} Place
 * @typedef {import("./geometry.js").Box} Box
 *
 * The middle of all points, and the side of the square or cube around it that holds them.
 * @typedef {{ middle: number[], span: number }} Surroundings
 *
 * The start of a movement: the positions of the fingers, their map, and the view.
 * @typedef {{ places: Place[], box: Box, look: number[] }} Anchor
 */

const CLOSEST = 1e-4 // of the view that shows all points
const FARTHEST = 4

/** A view of a plane: its middle, and the length that the shorter side of a map shows. */
export class FlatCamera {
  /** @param {Surroundings} home */
  constructor(home) {
    this.surroundings = home
    this.home = [home.middle[0], home.middle[1], home.span]
    this.look = this.home
  }

  /** Return whether some points are out of view. */
  get near() {
    return this.look[2] < 0.99 * this.home[2]
  }

  reset() {
    this.look = this.home
  }

  /**
   * @param {number} factor what is seen grows by
   * @param {Place} [at] what stays where it is: a position on the stage; without it, the middle
   * @param {Box} [box]
   */
  zoom(factor, at, box) {
    const [x, y, span] = this.look
    const next = clamp(span * factor, this.home[2] * CLOSEST, this.home[2] * FARTHEST)
    const [dx, dy] = at && box ? this.offset(at, box, span - next) : [0, 0]
    this.look = [x + dx, y + dy, next]
  }

  /**
   * Move the view so that the same points stay under the fingers.
   * @param {Anchor} anchor
   * @param {Place[]} now
   */
  follow({ places, box, look: [x, y, span] }, now) {
    const factor = now.length > 1 ? Math.max(1, spread(places)) / Math.max(1, spread(now)) : 1
    const next = clamp(span * factor, this.home[2] * CLOSEST, this.home[2] * FARTHEST)
    const [ax, ay] = this.offset(middle(places), box, span)
    const [bx, by] = this.offset(middle(now), box, next)
    this.look = [x + ax - bx, y + ay - by, next]
  }

  /**
   * Return the vector from the middle of a map to a position on the stage, in the map's coordinates.
   * @param {Place} place
   * @param {Box} box
   * @param {number} span
   */
  offset([x, y], { left, top, width, height }, span) {
    const unit = span / Math.min(width, height)
    return [(x - left - width / 2) * unit, (top + height / 2 - y) * unit]
  }

  /** @param {Box} box */
  matrix({ width, height }) {
    const [x, y, span] = this.look
    const across = (2 * Math.min(width, height)) / (span * width)
    const upward = (2 * Math.min(width, height)) / (span * height)
    return new Float32Array([across, 0, 0, 0, 0, upward, 0, 0, 0, 0, 1, 0, -x * across, -y * upward, 0, 1])
  }
}

const FAR = 2.2 // from the middle of the cube, in sides
const FOCUS = 2.1 // the cube just fits
const TURN = 0.008 // radians a pixel

/** A view of a cube that turns like a globe: azimuth and elevation of the eye in radians, and its distance. */
export class SpaceCamera {
  /** @param {Surroundings} home */
  constructor(home) {
    this.surroundings = home
    this.home = [Math.PI / 4, 0.5, FAR]
    this.look = this.home
  }

  get near() {
    return true // one finger turns the cube
  }

  reset() {
    this.look = this.home
  }

  /** @param {number} factor */
  zoom(factor) {
    const [azimuth, elevation, far] = this.look
    this.look = [azimuth, elevation, clamp(far * factor, 0.3, FARTHEST * FAR)]
  }

  /**
   * @param {Anchor} anchor
   * @param {Place[]} now
   */
  follow({ places, look: [azimuth, elevation, far] }, now) {
    const [x, y] = middle(places)
    const [u, v] = middle(now)
    const factor = now.length > 1 ? Math.max(1, spread(places)) / Math.max(1, spread(now)) : 1
    this.look = [azimuth - (u - x) * TURN, clamp(elevation + (v - y) * TURN, -1.57, 1.57), far]
    this.zoom(factor)
  }

  /** @param {Box} box */
  matrix({ width, height }) {
    const [azimuth, elevation, far] = this.look
    const { middle: centre, span } = this.surroundings
    const [ca, sa, ce, se] = [Math.cos(azimuth), Math.sin(azimuth), Math.cos(elevation), Math.sin(elevation)]
    const right = [-sa, ca, 0]
    const up = [-se * ca, -se * sa, ce]
    const forward = [-ce * ca, -ce * sa, -se]
    const [front, back] = [0.05, far + 2]
    const depth = (back + front) / (back - front)
    const size = FOCUS * Math.min(width, height)
    /** @type {[number[], number, number][]} a row of the matrix: a direction, its scale, and what is added */
    const rows = [
      [right, size / width, 0],
      [up, size / height, 0],
      [forward, depth, depth * far - (2 * back * front) / (back - front)],
      [forward, 1, far],
    ]
    const matrix = new Float32Array(16)
    rows.forEach(([direction, scale, added], row) => {
      let constant = added
      direction.forEach((value, axis) => {
        matrix[axis * 4 + row] = (value * scale) / span
        constant -= ((value * scale) / span) * centre[axis]
      })
      matrix[12 + row] = constant
    })
    return matrix
  }
}

/** @param {Place[]} places */
const spread = (places) => distance(places[0], places[1])
