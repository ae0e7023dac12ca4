// The surface in a file alone.

import { found } from "../dom.js"
import { followTheme } from "../scrubber/scrubber.js"
import { Surface } from "./surface.js"

const root = found(document, ".surface")
followTheme(root)
new Surface(root).update(JSON.parse(found(document, "#data").textContent ?? ""))
