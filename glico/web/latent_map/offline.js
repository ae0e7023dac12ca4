// The latent map in a file alone.

import { found } from "../dom.js"
import { LatentMap } from "./latent_map.js"

const map = new LatentMap(found(document, ".latent-map"), true)
map.update(JSON.parse(found(document, "#data").textContent ?? "")).catch((error) => map.stage.fail(error))
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  map.stage.theme()
  map.stage.wake()
})
