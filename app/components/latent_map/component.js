// The map in a page: one a component, kept while its data change.

const instances = new WeakMap()

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".latent-map")
  let map = instances.get(parentElement)
  if (!map) {
    try {
      map = new LatentMap(root)
    } catch (error) {
      root.replaceChildren(element("p", { class: "message" }, error.message))
      return
    }
    instances.set(parentElement, map)
  }
  map.onRest = (choice) => setStateValue("choice", choice)
  map.onInterpolate = (choice) => setTriggerValue("interpolate", choice)
  map.update(data).catch((error) => map.fail(error))
  // Streamlit also calls this when data change twice at once: then the map lives on.
  return () => { if (!parentElement.isConnected) map.close() }
}
