// Streamlit's upload field notes the path of a dropped file as its `relativePath`, and sends its `webkitRelativePath`.

function begin() {
  const native = Object.getOwnPropertyDescriptor(File.prototype, "webkitRelativePath")
  Object.defineProperty(File.prototype, "webkitRelativePath", {
    configurable: true,
    enumerable: true,
    /** @this {File & { relativePath?: string }} */
    get() {
      const path = native?.get?.call(this) || (this.relativePath ?? "").replace(/^\.?\/+/, "")
      return path.includes("/") ? path : ""
    },
  })
}

/** @param {{ parentElement: HTMLElement }} page */
export default function ({ parentElement }) {
  const tab = /** @type {Window & { glicoKeepsPaths?: boolean }} */ (window)
  if (!tab.glicoKeepsPaths) begin()
  tab.glicoKeepsPaths = true
  const place = /** @type {HTMLElement} */ (parentElement.closest("[data-testid=stElementContainer]") ?? parentElement)
  place.style.position = "absolute"
}
