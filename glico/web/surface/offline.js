// The surface in a file alone.

import { found } from "../dom.js"
import { isDark } from "../scrubber/scrubber.js"
import { Surface } from "./surface.js"

const root = found(document, ".surface")
const dark = matchMedia("(prefers-color-scheme: dark)")
const ground = () => root.toggleAttribute("data-dark", isDark(root))
dark.addEventListener("change", ground)
ground()
new Surface(root).update(JSON.parse(found(document, "#data").textContent ?? ""))
