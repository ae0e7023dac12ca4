// Images from the clipboard, wherever on the page they are pasted.

import { element, find } from "glico/web/dom.js"

/**
 * @typedef {{ data: { largest: number }, parentElement: HTMLElement,
 *   setTriggerValue: (name: string, pasted: string[][]) => void }} Page
 */

/** @param {Page} page */
export default function ({ data, parentElement, setTriggerValue }) {
  const key = /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘ V" : "Ctrl V"
  find(parentElement, ".paste").replaceChildren("A copied image is pasted with ", element("kbd", {}, key), ".")
  /** @param {ClipboardEvent} event */
  const take = async (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/"))
    if (!files.length) return
    event.preventDefault()
    const all = files.map(async (file) => [file.name, await base64(file.slice(0, data.largest + 1))])
    setTriggerValue("pasted", await Promise.all(all))
  }
  document.addEventListener("paste", take)
  return () => document.removeEventListener("paste", take)
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
function base64(blob) {
  return new Promise((done, fail) => {
    const reader = new FileReader()
    reader.onload = () => done(String(reader.result).split(",")[1] ?? "")
    reader.onerror = () => fail(reader.error)
    reader.readAsDataURL(blob)
  })
}
