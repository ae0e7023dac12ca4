// The scrubber in a page: one a component, kept while its data change.

const scrubbers = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".scrubber")
  let held = scrubbers.get(parentElement)
  if (!held) {
    held = { scrubber: new Scrubber(root), content: null }
    scrubbers.set(parentElement, held)
  }
  held.scrubber.onRelease = (t) => setStateValue("t", t)
  root.toggleAttribute("data-dark", isDark(root))
  if (held.content !== data.content) {
    held.content = data.content
    held.scrubber.update(data)
  } else if (held.start !== data.start) {
    held.scrubber.moveTo(data.start)
  }
  held.start = data.start
  // Streamlit also calls this when data change twice at once: then the scrubber lives on.
  return () => { if (!parentElement.isConnected) held.scrubber.close() }
}
