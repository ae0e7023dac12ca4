// Images in a table, cut from one sprite. Everything said is set as text, never as HTML.

function cell(tag, text, className = "") {
  const node = document.createElement(tag)
  node.className = className
  if (text) node.textContent = text
  return node
}

export default async function ({ data, parentElement }) {
  const region = parentElement.querySelector(".scroll")
  region.setAttribute("aria-label", data.title)
  const image = new Image()
  image.src = data.sheet.url
  await image.decode()
  const table = document.createElement("table")
  table.style.setProperty("--side", `${data.side}px`)
  table.style.setProperty("--columns", Math.max(...data.rows.map((row) => row.count)))
  if (data.columns.length) {
    const head = table.createTHead().insertRow()
    const names = data.rows.some((row) => row.name) ? ["", ...data.columns] : data.columns
    head.append(...names.map((name) => cell("th", name)))
  }
  const body = table.createTBody()
  const { columns, width, height } = data.sheet
  let tile = 0
  for (const row of data.rows) {
    const line = body.insertRow()
    if (row.name) {
      const name = cell("th", row.name, "name")
      name.scope = "row"
      line.append(name)
    }
    for (let i = 0; i < row.count; i++, tile++) {
      const canvas = document.createElement("canvas")
      Object.assign(canvas, { width, height })
      canvas.setAttribute("role", "img")
      canvas.setAttribute("aria-label", [row.name, data.columns[i], row.captions[i]].filter(Boolean).join(", ") || data.title)
      canvas.getContext("2d").drawImage(image, (tile % columns) * width, Math.floor(tile / columns) * height,
        width, height, 0, 0, width, height)
      const box = cell("td", "")
      box.append(canvas)
      if (row.captions[i]) box.append(cell("div", row.captions[i], "caption"))
      line.append(box)
    }
  }
  region.replaceChildren(table)
}
