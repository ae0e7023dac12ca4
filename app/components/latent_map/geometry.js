// Arrays, matrices (column by column, as WebGL has them), and what is under the hand.

function decode(text, Type) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return new Type(bytes.buffer)
}

// (frames · n, c) coordinates as (frames · n, 3): a map in the plane has height 0.
function inSpace(flat, components) {
  if (components === 3) return flat
  const space = new Float32Array((flat.length / 2) * 3)
  for (let i = 0, j = 0; i < flat.length; i += 2, j += 3) { space[j] = flat[i]; space[j + 1] = flat[i + 1] }
  return space
}

function product(a, b) {
  const result = new Float32Array(16)
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      for (let k = 0; k < 4; k++) result[column * 4 + row] += a[k * 4 + row] * b[column * 4 + k]
    }
  }
  return result
}

function bounds(arrays, components) {
  const low = new Array(components).fill(Infinity), high = new Array(components).fill(-Infinity)
  for (const array of arrays) {
    for (let i = 0; i < array.length; i += 3) {
      for (let axis = 0; axis < components; axis++) {
        if (array[i + axis] < low[axis]) low[axis] = array[i + axis]
        if (array[i + axis] > high[axis]) high[axis] = array[i + axis]
      }
    }
  }
  return { low, high }
}

// Where the points of a view are on the stage, in CSS pixels: calls back with (i, x, y), nearest to the eye unknown.
function eachOnStage(view, states, back) {
  const { matrix: m, from, to, mixing, left, top, width, height } = view
  const a = from.array, b = to.array
  const fromStart = from.frame * states.length * 3, toStart = to.frame * states.length * 3
  for (let i = 0; i < states.length; i++) {
    if (states[i] === HIDDEN) continue
    const p = fromStart + i * 3, q = toStart + i * 3
    const x = a[p] + (b[q] - a[p]) * mixing
    const y = a[p + 1] + (b[q + 1] - a[p + 1]) * mixing
    const z = a[p + 2] + (b[q + 2] - a[p + 2]) * mixing
    const w = m[3] * x + m[7] * y + m[11] * z + m[15]
    const u = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w, v = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w
    back(i, left + (u + 1) * 0.5 * width, top + (1 - v) * 0.5 * height)
  }
}

function onStage(view, point) {
  const { matrix: m, left, top, width, height } = view
  const [x, y, z] = point
  const w = m[3] * x + m[7] * y + m[11] * z + m[15]
  const u = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w, v = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w
  return [left + (u + 1) * 0.5 * width, top + (1 - v) * 0.5 * height]
}

function pointAt(view, index, count) {
  const p = (view.from.frame * count + index) * 3, q = (view.to.frame * count + index) * 3
  return [0, 1, 2].map((k) => view.from.array[p + k] + (view.to.array[q + k] - view.from.array[p + k]) * view.mixing)
}

function inside(x, y, polygon) {
  let odd = false
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i], [bx, by] = polygon[j]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd
  }
  return odd
}

// Increasing numbers as text, runs joined: [1, 2, 3, 7] <-> "1-3.7". Short, and safe in an address.
function toRanges(numbers) {
  const parts = []
  for (let i = 0; i < numbers.length; i++) {
    const start = numbers[i]
    while (numbers[i + 1] === numbers[i] + 1) i++
    parts.push(start === numbers[i] ? `${start}` : `${start}-${numbers[i]}`)
  }
  return parts.join(".")
}

function fromRanges(text) {
  return text.split(".").filter(Boolean).flatMap((part) => {
    const [start, end = start] = part.split("-").map(Number)
    return Array.from({ length: end - start + 1 }, (_, i) => start + i)
  })
}
