// Rows of tiles, each a window onto the row's one picture. Labels and captions are text, never HTML.

const SHORT = 12; // a row of no more than that stays one row on a phone

export default function ({ data, parentElement }) {
  let root = parentElement.querySelector(".strips");
  if (!root) {
    root = document.createElement("div");
    root.className = "strips";
    parentElement.appendChild(root);
  }
  root.style.setProperty("--tile", `${data.tile}px`);
  data.rows.forEach((row, place) => {
    const line = root.children[place] ?? root.appendChild(emptyRow());
    line.querySelector(".label").textContent = row.label;
    line.querySelector(".label").title = row.label;
    const tiles = line.querySelector(".tiles");
    tiles.className = row.count <= SHORT ? "tiles short" : "tiles";
    tiles.setAttribute("aria-label", `${row.label}: ${row.count} images`);
    while (tiles.children.length > row.count) tiles.lastChild.remove();
    while (tiles.children.length < row.count) tiles.appendChild(document.createElement("span"));
    [...tiles.children].forEach((tile, i) => {
      tile.className = `tile${row.marked[i] ? " marked" : ""}${row.pale[i] ? " pale" : ""}`;
      tile.title = row.captions[i] ?? "";
      tile.style.aspectRatio = String(1 / row.aspect);
      tile.style.backgroundImage = `url("${row.picture}")`;
      tile.style.backgroundSize = `${row.count * 100}% 100%`;
      tile.style.backgroundPosition = row.count > 1 ? `${(i / (row.count - 1)) * 100}% 0` : "0 0";
    });
  });
  while (root.children.length > data.rows.length) root.lastChild.remove();
}

function emptyRow() {
  const line = document.createElement("div");
  line.className = "row";
  const label = line.appendChild(document.createElement("span"));
  label.className = "label";
  const tiles = line.appendChild(document.createElement("div"));
  tiles.className = "tiles";
  tiles.setAttribute("role", "img");
  return line;
}
