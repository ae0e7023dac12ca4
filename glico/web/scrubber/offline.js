// The scrubber in a file alone.

import { found } from "../dom.js"
import { Scrubber, followTheme } from "./scrubber.js"

const root = found(document, ".scrubber")
followTheme(root)
new Scrubber(root).update(JSON.parse(found(document, "#data").textContent ?? ""))
