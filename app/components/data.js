// The data from Python.

/**
 * The content that Python packed: JSON as bytes.
 * @param {Uint8Array} bytes
 */
export function unpacked(bytes) {
  return JSON.parse(new TextDecoder().decode(bytes))
}
