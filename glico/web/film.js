// Films as animated PNG: exact pixels, played by every browser, and written without an encoder that a browser may lack.

/** @typedef {import("./generator/generator.js").Pictures} Pictures */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]
const RGBA = [8, 6, 0, 0, 0] // bits of a value, kind, compression, filter, no interlacing
const SIDE = 256 // CSS pixels that a film is at least wide, by whole numbers of times
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/**
 * A film that is played again and again.
 * @param {Pictures[]} parts one after the other, of one size
 * @param {number} perSecond frames
 */
export async function animatedPng(parts, perSecond) {
  const { width, height } = parts[0]
  const times = Math.max(1, Math.floor(SIDE / width))
  const size = [...number(width * times), ...number(height * times)]
  const frames = parts.reduce((sum, { count }) => sum + count, 0)
  const chunks = [chunk("IHDR", [...size, ...RGBA]), chunk("acTL", [...number(frames), ...number(0)])]
  let serial = 0
  for (const { pixels, count } of parts) {
    for (let i = 0; i < count; i++) {
      const first = serial === 0
      const image = await deflated(lines(pixels.subarray(i * 4 * width * height), width, height, times))
      const place = [...number(0), ...number(0), 0, 1, 0, perSecond, 0, 0] // corner, seconds as a fraction, replaces
      chunks.push(chunk("fcTL", [...number(serial++), ...size, ...place]))
      chunks.push(first ? chunk("IDAT", image) : chunk("fdAT", number(serial++), image))
    }
  }
  return new Blob([Uint8Array.from(SIGNATURE), ...chunks, chunk("IEND", [])], { type: "image/png" })
}

/** @param {number} value as four bytes */
const number = (value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]

/**
 * @param {string} name
 * @param {ArrayLike<number>[]} parts
 */
function chunk(name, ...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const bytes = new Uint8Array(length + 12)
  bytes.set(number(length))
  bytes.set(
    [...name].map((letter) => letter.charCodeAt(0)),
    4,
  )
  let at = 8
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  let crc = 0xffffffff
  for (let i = 4; i < at; i++) crc = CRC[(crc ^ bytes[i]) & 255] ^ (crc >>> 8)
  bytes.set(number(~crc >>> 0), at)
  return bytes
}

/**
 * The lines of an image, enlarged, each after the byte that names its filter: none.
 * @param {Uint8ClampedArray} pixels
 * @param {number} width
 * @param {number} height
 * @param {number} times
 */
function lines(pixels, width, height, times) {
  const length = 4 * width * times + 1
  const result = new Uint8Array(length * height * times)
  for (let y = 0; y < height * times; y++) {
    for (let x = 0; x < width * times; x++) {
      const from = 4 * (Math.floor(y / times) * width + Math.floor(x / times))
      result.set(pixels.subarray(from, from + 4), y * length + 1 + 4 * x)
    }
  }
  return result
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
