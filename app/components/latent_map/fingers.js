// Fingers on flat maps: one scrolls the page while all is in view, and moves the maps once they are near; two zoom.
// plotly.js knows no pinch and would keep every finger from scrolling, so it does not hear of them.

class Fingers {
  // at: an event's place on the stage; viewUnder: the view there, or undefined; active: whether fingers work here now
  constructor(stage, frame, { at, viewUnder, active }) {
    Object.assign(this, { stage, frame, at, viewUnder, active })
    this.down = new Map()
    this.moved = false // the fingers on the stage, or the last that were
    stage.addEventListener("touchstart", (event) => {
      if (!active()) return
      event.stopPropagation()
      if (event.touches.length > 1) event.preventDefault()
    }, { capture: true, passive: false })
    stage.addEventListener("pointerdown", (event) => this.begin(event))
    stage.addEventListener("pointermove", (event) => this.move(event))
    for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => this.end(event))
  }

  begin(event) {
    if (!this.down.size) this.moved = false
    if (event.pointerType !== "touch" || !this.active()) return
    this.down.set(event.pointerId, this.at(event))
    this.anchor()
  }

  end(event) {
    if (!this.down.delete(event.pointerId)) return
    this.anchor()
    if (!this.down.size && this.moved && !this.frame.near) this.frame.reset()
  }

  // What the movement is measured from.
  anchor() {
    const places = [...this.down.values()]
    const view = places.length && this.viewUnder(...middle(places))
    this.from = view && { places, view, ...this.frame.ranges() }
  }

  move(event) {
    if (!this.down.has(event.pointerId)) return
    this.down.set(event.pointerId, this.at(event))
    const places = [...this.down.values()]
    if (!this.from || (places.length < 2 && !this.frame.near)) return
    this.moved ||= distance(middle(this.from.places), middle(places)) > STILL || places.length > 1
    this.drawing ??= requestAnimationFrame(() => {
      this.drawing = null
      if (this.from && this.moved) this.frame.look(...this.ranges())
    })
  }

  // The ranges that keep under the fingers what was under them.
  ranges() {
    const { places, view, x, y } = this.from
    const now = [...this.down.values()]
    const factor = now.length > 1 ? Math.max(1, distance(...places)) / Math.max(1, distance(...now)) : 1
    const before = middle(places), after = middle(now)
    const along = ([low, high], share, shareNow) => {
      const span = (high - low) * factor
      const start = low + (high - low) * share - span * shareNow
      return [start, start + span]
    }
    const across = (place) => (place[0] - view.left) / view.width
    const upward = (place) => 1 - (place[1] - view.top) / view.height
    return [along(x, across(before), across(after)), along(y, upward(before), upward(after))]
  }
}

const distance = ([x, y], [u, v]) => Math.hypot(x - u, y - v)
const middle = (places) => [0, 1].map((axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length)
