// The surface in a file alone.

import { find } from "../dom.js"
import { followTheme } from "../scrubber/scrubber.js"
import { Surface } from "./surface.js"

const root = find(document, ".surface")
followTheme(root)
new Surface(root).update(JSON.parse(find(document, "#data").textContent ?? ""))
