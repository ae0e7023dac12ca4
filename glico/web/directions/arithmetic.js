// Arithmetic of codes on the sphere.

import { element } from "../dom.js"
import { Newest } from "../generator/generator.js"
import { combined, dot, turned, unit } from "../generator/sphere.js"
import { Tile, paint } from "../sprite.js"
import { select } from "./controls.js"

/** What A is to B, C is to …: the rotation that takes a to b, applied to c, and the plain sum c + b − a. */
export class Arithmetic {
  /** @param {import("./directions.js").Directions} page */
  constructor(page) {
    this.page = page
    this.rows = [0, 0, 0]
    this.tiles = ["A", "B", "C"].map((name) => new Tile(name))
    this.results = [0, 1].map(() => element("canvas", { role: "img", width: 1, height: 1 }))
    this.results[0].setAttribute("aria-label", "C turned as A is turned to B")
    this.results[1].setAttribute("aria-label", "the sum C + B − A")
    this.node = element("section", { class: "arithmetic" })
    this.newest = new Newest(
      (/** @type {Float32Array} */ codes) => page.drawn(codes),
      (pictures) => pictures && this.results.forEach((canvas, i) => paint(canvas, pictures, i)),
    )
  }

  build() {
    const { names, codes } = this.page
    this.rows = [0, Math.min(1, codes.length - 1), Math.min(2, codes.length - 1)]
    const choices = this.rows.map((row, i) =>
      select(names, row, (index) => {
        this.rows[i] = index
        this.draw()
      }),
    )
    const column = (/** @type {string} */ words, /** @type {(Node | string)[]} */ ...parts) =>
      element("label", { class: "term" }, words, ...parts)
    this.node.replaceChildren(
      element("h3", {}, "A is to B as C is to …"),
      element(
        "div",
        { class: "terms" },
        ...choices.map((choice, i) => column("ABC"[i], this.tiles[i].canvas, choice)),
        column("by rotation", this.results[0]),
        column("C + B − A", this.results[1]),
      ),
    )
  }

  draw() {
    const { codes, sheet } = this.page
    const [a, b, c] = this.rows.map((row) => codes[row])
    if (sheet) this.tiles.forEach((tile, i) => tile.show(sheet, this.rows[i]))
    const sum = combined([
      [1, c],
      [1, b],
      [-1, a],
    ])
    const plain = dot(sum, sum) > 1e-12 ? unit(sum) : unit(c)
    this.newest.ask(Float32Array.from([...turned(a, b, c), ...plain]))
  }
}
