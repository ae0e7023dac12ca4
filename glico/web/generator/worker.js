// What runs in the generator's worker. The function is sent there as text, so it refers to nothing outside itself.

/**
 * The parts of onnxruntime-web that are used.
 * @typedef {{ inputNames: readonly string[], run: (feeds: Record<string, unknown>) => Promise<Record<string, { data: Float32Array, dims: number[] }>> }} Session
 * @typedef {{ env: { wasm: { numThreads: number, wasmBinary?: ArrayBuffer, proxy: boolean }, logLevel: string },
 *   InferenceSession: { create: (graph: Uint8Array, options: object) => Promise<Session> },
 *   Tensor: new (type: string, data: Float32Array, dims: number[]) => unknown }} Runtime
 *
 * The first message holds the runtime's WebAssembly, the generator's graph and the classifier's, if there is one; each
 * later one asks for images of codes (count, d) and noise (count, m), m = 0 if the generator takes none, and for their
 * class probabilities (count, k) if classify is set. Each is answered under its number.
 * @typedef {{ id: number, wasm: ArrayBuffer, graph: ArrayBuffer, classifier: ArrayBuffer | null }} Start
 * @typedef {{ id: number, codes: Float32Array, noise: Float32Array | null, count: number, classify: boolean }} Request
 * @typedef {{ id: number, error?: string, pixels?: Uint8ClampedArray, width?: number, height?: number,
 *   probabilities?: Float32Array | null }} Answer
 */

/** @param {Runtime} runtime */
export function work(runtime) {
  /** @type {Session} */
  let session
  /** @type {Session | null} */
  let classifier = null

  /** @param {Start} start */
  const open = async ({ wasm, graph, classifier: other }) => {
    runtime.env.logLevel = "error"
    Object.assign(runtime.env.wasm, { numThreads: 1, proxy: false, wasmBinary: wasm })
    const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" }
    session = await runtime.InferenceSession.create(new Uint8Array(graph), options)
    if (other) classifier = await runtime.InferenceSession.create(new Uint8Array(other), options)
    return {}
  }

  /** @param {Request} request */
  const draw = async ({ codes, noise, count, classify }) => {
    /** @type {Record<string, unknown>} */
    const feeds = { codes: new runtime.Tensor("float32", codes, [count, codes.length / count]) }
    if (noise) feeds.noise = new runtime.Tensor("float32", noise, [count, noise.length / count])
    const { images } = await session.run(feeds)
    const [, channels, height, width] = images.dims
    const plane = height * width
    const pixels = new Uint8ClampedArray(count * plane * 4) // which rounds to the nearest and clips
    for (let image = 0; image < count; image++) {
      const first = image * channels * plane
      for (let i = 0; i < plane; i++) {
        const at = (image * plane + i) * 4
        for (let c = 0; c < 3; c++) pixels[at + c] = 255 * images.data[first + Math.min(c, channels - 1) * plane + i]
        pixels[at + 3] = 255
      }
    }
    const taken = classifier?.inputNames.includes("images") ? { images } : { codes: feeds.codes }
    const classified = classify && classifier ? await classifier.run(taken) : null
    return { pixels, width, height, probabilities: classified && classified.probabilities.data }
  }

  self.onmessage = async ({ data }) => {
    /** @type {Answer} */
    let answer
    try {
      answer = { id: data.id, ...(data.graph ? await open(data) : await draw(data)) }
    } catch (error) {
      answer = { id: data.id, error: error instanceof Error ? error.message : String(error) }
    }
    self.postMessage(answer, { transfer: answer.pixels ? [answer.pixels.buffer] : [] })
  }
}
