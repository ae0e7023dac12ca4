// A checkpoint in a file alone: its latent map and the sliders through its latent space, with the generator inside.

import { Directions } from "../directions/directions.js"
import { element, find } from "../dom.js"
import { LatentMap } from "../latent_map/latent_map.js"

const data = JSON.parse(find(document, "#data").textContent ?? "")
new Directions(find(document, ".directions")).update(data.directions, "")
const root = find(document, ".latent-map")
try {
  const map = new LatentMap(root, true)
  const { generator, codes } = data.directions
  map
    .update({ ...data.map, generators: [{ codes, generator, classifier: data.classifier }] })
    .catch((error) => map.stage.fail(error))
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    map.stage.theme()
    map.stage.wake()
  })
} catch (error) {
  // Without WebGL there is no map; the sliders work all the same.
  root.replaceChildren(
    element("p", { class: "message", role: "alert" }, error instanceof Error ? error.message : String(error)),
  )
}
