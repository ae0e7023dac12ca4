// One for the whole tab: the history and the connection are the window's, whichever page is drawn.

/** @typedef {{ acted: boolean, draw: (() => void) | null, arrived: Set<string> }} State */

function begin() {
  /** @type {State} */
  const state = { acted: true, draw: null, arrived: new Set() }

  // Streamlit pushes an entry for every parameter that a run writes; the first after a person's act is kept.
  const push = window.history.pushState.bind(window.history)
  window.history.pushState = (value, title, url) => {
    if (state.acted) push(value, title, url)
    else window.history.replaceState(value, title, url)
    state.acted = false
  }
  for (const act of ["pointerdown", "pointerup", "keydown"]) {
    window.addEventListener(
      act,
      () => {
        state.acted = true
      },
      { capture: true, passive: true },
    )
  }

  // The first connection is older than this script: each later one is a return, perhaps to a server that was started
  // anew and knows none of this page's fragments.
  const Native = window.WebSocket
  window.WebSocket = class extends Native {
    /** @param {ConstructorParameters<typeof WebSocket>} given */
    constructor(...given) {
      super(...given)
      if (!String(given[0]).includes("_stcore/stream")) return
      this.addEventListener("open", () => window.setTimeout(() => state.draw?.(), 600))
    }
  }
  return state
}

/** @param {Element} place */
function scrollTo(place) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches
  let left = false
  const leave = () => {
    left = true
  }
  for (const act of ["wheel", "touchstart", "keydown"]) {
    window.addEventListener(act, leave, { once: true, passive: true })
  }
  const go = () => {
    if (!left) place.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" })
  }
  for (const delay of [0, 400, 1500]) window.setTimeout(go, delay) // the page below still grows
}

/**
 * @param {{ parentElement: HTMLElement, data: { arrive: string | null },
 *   setTriggerValue: (name: string, value: number) => void }} page
 */
export default function ({ parentElement, data, setTriggerValue }) {
  const tab = /** @type {Window & { glicoVisit?: State }} */ (window)
  const state = (tab.glicoVisit ??= begin())
  /** @type {HTMLElement} */
  const place = parentElement.closest("[data-testid=stElementContainer]") ?? parentElement
  if (!data.arrive) {
    state.draw = () => setTriggerValue("returned", Date.now())
    place.style.position = "absolute"
  } else if (!state.arrived.has(data.arrive)) {
    state.arrived.add(data.arrive)
    scrollTo(place)
  }
}
