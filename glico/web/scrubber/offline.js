// The scrubber in a file alone.

import { find } from "../dom.js"
import { Scrubber, followTheme } from "./scrubber.js"

const root = find(document, ".scrubber")
followTheme(root)
new Scrubber(root).update(JSON.parse(find(document, "#data").textContent ?? ""))
