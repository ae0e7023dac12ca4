// The latent map in a single file.

import { find } from "../dom.js"
import { LatentMap } from "./latent_map.js"

const map = new LatentMap(find(document, ".latent-map"), true)
map.update(JSON.parse(find(document, "#data").textContent ?? "")).catch((error) => map.stage.fail(error))
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  map.stage.theme()
  map.stage.wake()
})
