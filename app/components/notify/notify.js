// A switch for the browser's notifications, and the notifications of runs that end, fail or merge classes.

import { element, getOrCreate, setText } from "glico/web/dom.js"
import { unpacked } from "../data.js"

/** @typedef {{ serial: number, title: string, body: string }} Event */

const WANTED = "glico-notify" // in the browser's storage: "1" if the person wants notifications
const DENIED = "blocked by the browser for this site"
const NONE = "not offered by this browser for this address"

class Notifier {
  /** @param {Element} parent */
  constructor(parent) {
    /** @type {number | null} */
    this.last = null
    this.box = element("input", { type: "checkbox" })
    this.reason = element("span", { class: "reason", role: "status" })
    const label = element("label", {}, this.box, element("span", {}, "Notify me when runs end"), this.reason)
    parent.append(label)
    this.box.addEventListener("change", () => this.ask())
    this.draw()
  }

  offered() {
    return "Notification" in window && window.isSecureContext
  }

  async ask() {
    localStorage.setItem(WANTED, this.box.checked ? "1" : "0")
    if (this.box.checked && Notification.permission === "default") await Notification.requestPermission()
    this.draw()
  }

  draw() {
    const offered = this.offered()
    const denied = offered && Notification.permission === "denied"
    this.box.disabled = !offered || denied
    this.box.checked = offered && Notification.permission === "granted" && localStorage.getItem(WANTED) === "1"
    setText(this.reason, !offered ? NONE : denied ? DENIED : "")
  }

  /** @param {Event[]} events */
  tell(events) {
    const last = Math.max(0, ...events.map(({ serial }) => serial))
    const news = this.last === null ? [] : events.filter(({ serial }) => serial > Number(this.last))
    this.last = last
    if (!this.box.checked) return
    for (const { serial, title, body } of news) new Notification(title, { body, tag: `glico-${serial}` })
  }
}

/** @type {WeakMap<Element, Notifier>} */
const held = new WeakMap()

/** @param {{ data: Uint8Array, parentElement: Element }} page */
export default function ({ data: bytes, parentElement }) {
  /** @type {{ events: Event[] }} */
  const data = unpacked(bytes)
  const place = parentElement.querySelector(".notify") ?? parentElement
  getOrCreate(held, place, () => new Notifier(place)).tell(data.events)
}
