// Thumbnails to choose from, class by class. A pair (A and B) or an ordered list. Names are text, never HTML.

const states = new WeakMap()

function element(tag, className, text) {
  const node = document.createElement(tag)
  if (className) node.className = className
  if (text != null) node.textContent = text
  return node
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".picker")
  let state = states.get(parentElement)
  if (!state) {
    state = { next: 0, content: "" }
    states.set(parentElement, state)
    root.addEventListener("keydown", (event) => move(root, event))
  }
  state.data = data
  state.chosen = [...data.chosen]
  state.choose = (row) => {
    if (data.pair) {
      state.chosen[state.next] = row
      state.next = 1 - state.next
    } else if (state.chosen.includes(row)) {
      state.chosen = state.chosen.filter((other) => other !== row)
    } else {
      state.chosen.push(row)
    }
    mark(root, state)
    setTriggerValue("chosen", state.chosen)
  }
  const content = JSON.stringify(data.groups) + data.sheet.url.length + data.sheet.url.slice(-64) + data.pair
  if (content !== state.content) {
    state.content = content
    build(root, state)
  }
  mark(root, state)
}

function build(root, state) {
  const { sheet, groups, pair } = state.data
  const rows = 1 + Math.max(...groups.flatMap((group) => group.items.map((item) => Math.floor(item.tile / sheet.columns))))
  const style = element("style", null, `.thumb span { background-image: url("${sheet.url}"); ` +
    `background-size: ${100 * sheet.columns}% ${100 * rows}%; aspect-ratio: ${sheet.width} / ${sheet.height}; }`)
  const grid = element("div", "groups")
  for (const group of groups) {
    const line = element("div", "group")
    const tiles = element("div", "thumbs")
    tiles.setAttribute("role", "group")
    tiles.setAttribute("aria-label", group.name)
    for (const item of group.items) {
      const button = element("button", "thumb")
      button.type = "button"
      button.tabIndex = -1
      button.dataset.row = item.row
      button.dataset.name = `${group.name}, image ${item.row}`
      button.title = button.dataset.name
      const picture = element("span")
      picture.style.backgroundPosition = `${place(item.tile % sheet.columns, sheet.columns)} ` +
        place(Math.floor(item.tile / sheet.columns), rows)
      button.append(picture, element("b"))
      button.addEventListener("click", () => state.choose(item.row))
      tiles.append(button)
    }
    const name = element("div", "class", group.name)
    name.title = group.name
    line.append(name, tiles)
    grid.append(line)
  }
  const parts = [style, grid]
  if (pair) parts.splice(1, 0, nextChooser(root, state))
  root.replaceChildren(...parts)
}

function place(index, count) {
  return count > 1 ? `${(100 * index) / (count - 1)}%` : "0"
}

function nextChooser(root, state) {
  const line = element("div", "next")
  line.setAttribute("role", "group")
  line.setAttribute("aria-label", "What the next click sets")
  line.append(element("span", null, "The next click sets"))
  for (const [slot, letter] of ["A", "B"].entries()) {
    const button = element("button", "slot", letter)
    button.type = "button"
    button.addEventListener("click", () => {
      state.next = slot
      mark(root, state)
    })
    line.append(button)
  }
  return line
}

function mark(root, state) {
  const { pair } = state.data
  const slots = new Map()
  state.chosen.forEach((row, i) => {
    const sign = pair ? "AB"[i] : String(i + 1)
    slots.set(row, slots.has(row) ? slots.get(row) + sign : sign)
  })
  const buttons = [...root.querySelectorAll(".thumb")]
  for (const button of buttons) {
    const sign = slots.get(Number(button.dataset.row)) ?? ""
    button.querySelector("b").textContent = sign
    button.setAttribute("aria-pressed", String(sign !== ""))
    button.setAttribute("aria-label", sign ? `${button.dataset.name}, chosen as ${sign}` : button.dataset.name)
  }
  if (buttons.length && !buttons.some((button) => button.tabIndex === 0)) {
    ;(buttons.find((button) => button.getAttribute("aria-pressed") === "true") ?? buttons[0]).tabIndex = 0
  }
  root.querySelectorAll(".slot").forEach((button, i) => button.setAttribute("aria-pressed", String(i === state.next)))
}

// Arrow keys walk over the thumbnails; one of them is in the tab order.
function move(root, event) {
  const buttons = [...root.querySelectorAll(".thumb")]
  const at = buttons.indexOf(event.target)
  if (at < 0) return
  const here = buttons[at]
  const steps = {
    ArrowLeft: () => buttons[at - 1],
    ArrowRight: () => buttons[at + 1],
    ArrowUp: () => nearestInLine(buttons.slice(0, at).filter((b) => top(b) < top(here)), here, Math.max),
    ArrowDown: () => nearestInLine(buttons.slice(at + 1).filter((b) => top(b) > top(here)), here, Math.min),
    Home: () => buttons[0],
    End: () => buttons.at(-1),
  }
  const next = steps[event.key]?.()
  if (!steps[event.key]) return
  event.preventDefault()
  if (!next) return
  here.tabIndex = -1
  next.tabIndex = 0
  next.focus()
}

function top(node) {
  return Math.round(node.getBoundingClientRect().top)
}

function nearestInLine(buttons, here, choose) {
  if (!buttons.length) return undefined
  const line = choose(...buttons.map(top))
  const left = here.getBoundingClientRect().left
  const away = (node) => Math.abs(node.getBoundingClientRect().left - left)
  return buttons.filter((node) => top(node) === line).sort((x, y) => away(x) - away(y))[0]
}
