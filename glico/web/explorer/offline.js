// A checkpoint in a file alone: its latent map and the sliders through its latent space, with the generator inside.

import { Directions } from "../directions/directions.js"
import { find } from "../dom.js"
import { LatentMap } from "../latent_map/latent_map.js"

const data = JSON.parse(find(document, "#data").textContent ?? "")
const map = new LatentMap(find(document, ".latent-map"), true)
const { generator, codes } = data.directions
map.update({ ...data.map, generators: [{ codes, generator }] }).catch((error) => map.stage.fail(error))
new Directions(find(document, ".directions")).update(data.directions, "")
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  map.stage.theme()
  map.stage.wake()
})
