// Elements and their text. All text is set as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg"

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "")
    else if (value !== false && value != null) node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

function svg(tag, attributes) {
  const node = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  return node
}

function button(text, click, attributes = {}) {
  const node = element("button", { type: "button", ...attributes }, text)
  node.addEventListener("click", click)
  return node
}

// Nothing is written where nothing changes: the page need not be laid out again.
function setText(node, text) {
  if (node.firstChild?.nodeValue !== text) node.textContent = text
}

function setPressed(node, on) {
  node.setAttribute("aria-pressed", String(on))
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high)
