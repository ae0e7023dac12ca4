// The scrubber in a file alone.

import { found } from "../dom.js"
import { Scrubber, isDark } from "./scrubber.js"

const root = found(document, ".scrubber")
const dark = matchMedia("(prefers-color-scheme: dark)")
const ground = () => root.toggleAttribute("data-dark", isDark(root))
dark.addEventListener("change", ground)
ground()
new Scrubber(root).update(JSON.parse(found(document, "#data").textContent ?? ""))
