// What moves by itself: a morph between the layouts, the film of a training, a change of layout.

const FILM_SECONDS = 8, MORPH_SECONDS = 2.5, SETTLE_SECONDS = 0.7
const SLOW = 45 // ms between two frames that a hand feels
const THINNEST = 16 // of so many points one is drawn, at least

const ease = (share) => share * share * (3 - 2 * share)

Object.assign(LatentMap.prototype, {
  // A change of method or parameters: the points walk from where they were.
  settleFrom(before) {
    this.settling = null
    if (!before || before.length !== this.maps.length || this.still()) return
    this.maps.forEach((map, k) => {
      map.before = before[k].positions
      this.points.keep(`${map.key} before`, map.before)
    })
    this.settling = performance.now()
  },

  still() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches
  },

  tick(now) {
    if (!this.root.isConnected || !this.maps || !this.frame.drawn) return
    let moving = false
    if (this.playing) {
      const seconds = this.choice.mode === "film" ? FILM_SECONDS : MORPH_SECONDS
      const step = (now - (this.lastTick ?? now)) / 1000 / seconds
      this.setAt(Math.min(1, this.choice.at + step))
      if (this.choice.at >= 1) this.play(false)
      moving = true
    }
    this.lastTick = this.playing ? now : null
    if (this.settling) {
      moving = true
      if (now - this.settling > SETTLE_SECONDS * 1000) this.settling = null
    }
    const looked = this.frame.views().map(({ matrix }) => matrix.join()).join()
    this.thin(now, moving || this.held)
    if (moving || this.stale || looked !== this.looked || this.every !== this.drawnEvery) this.draw(now)
    Object.assign(this, { looked, stale: false, drawnEvery: this.every })
    if (moving || this.held) this.watch()
  },

  // While something moves, graphics that cannot keep up draw every second, fourth ... point; at rest, all.
  thin(now, moving) {
    const gap = this.moving ? now - this.ticked : 0
    this.slow = (moving && this.slow ? 0.9 * this.slow : 0) + (gap > SLOW)
    if (!moving) this.every = 1
    else if (gap > SLOW && this.slow > 1.3) { // the second within ten frames
      this.every = Math.min(THINNEST, this.every * 2 ** Math.ceil(Math.log2(gap / SLOW)))
      this.slow = 0
    }
    Object.assign(this, { moving, ticked: now })
  },

  // What map k is drawn from: its layout, two layouts (morph), two snapshots (film), or the old layout and the new.
  source(k, now) {
    const map = this.maps[k]
    const here = { key: map.key, array: map.positions, frame: 0 }
    const { mode, at } = this.choice
    if (this.settling && map.before) {
      const share = clamp((now - this.settling) / (SETTLE_SECONDS * 1000), 0, 1)
      return { from: { key: `${map.key} before`, array: map.before, frame: 0 }, to: here, mixing: ease(share) }
    }
    if (mode === "morph" && this.maps.length > 1 && k === 0) {
      const there = this.maps[1]
      return { from: here, to: { key: there.key, array: there.positions, frame: 0 }, mixing: ease(at) }
    }
    if (mode === "film" && map.film) {
      const last = map.steps.length - 1
      const place = Math.min(at * last, last), frame = Math.min(Math.floor(place), Math.max(last - 1, 0))
      const film = { key: `${map.key} film`, array: map.film }
      return { from: { ...film, frame }, to: { ...film, frame: Math.min(frame + 1, last) }, mixing: place - frame }
    }
    return { from: here, to: here, mixing: 0 }
  },

  title(k) {
    const { mode, at } = this.choice
    const map = this.maps[k]
    if (mode === "morph" && k === 0 && this.maps.length > 1) return `${map.title} → ${this.maps[1].title}`
    if (mode === "film" && map.steps?.length) {
      return `${map.title} · step ${map.steps[Math.round(at * (map.steps.length - 1))]}`
    }
    return map.title
  },

  setAt(at) {
    this.choice.at = at
    this.slider.value = Math.round(at * 1000)
    this.slider.setAttribute("aria-valuetext", this.title(0))
    this.wake()
  },

  setMode(mode) {
    this.play(false)
    this.choice.mode = mode
    this.settling = null
    this.setAt(mode === "map" ? 1 : 0)
    this.changed()
    if (mode !== "map") this.play(true)
  },

  play(on) {
    if (this.playing && !on) this.tell()
    this.playing = on
    this.lastTick = null
    if (on && this.choice.at >= 1) this.setAt(0)
    setText(this.playButton, on ? "Pause" : "Play")
    this.wake()
  },
})
