// A checkpoint's generator in the browser: images from codes, drawn by onnxruntime-web in a worker of the page.

import { work } from "./worker.js"

/**
 * Where the runtime and the graph are: addresses to fetch, or their bytes in base64 in a file that stands alone.
 * The WebAssembly is compressed by gzip. dimension and noise are the lengths of a code and of its noise (0: none).
 * @typedef {{ id: string, dimension: number, noise: number, inline: boolean, runtime: string, wasm: string,
 *   graph: string }} GeneratorData
 *
 * Images one after the other, RGBA, and their class probabilities (count, k), null unless they were asked for.
 * @typedef {{ pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number, count: number,
 *   probabilities: Float32Array | null }} Pictures
 */

const EXPORTS = /export\s*\{([^}]*)\}/
const CACHE = "glico-generators"

export class Generator {
  /**
   * @param {GeneratorData} data
   * @param {string | null} classifier where the graph of the weak classifier is, as the generator's
   */
  constructor(data, classifier = null) {
    this.data = data
    this.classifier = classifier
    /** @type {Worker | null} */
    this.worker = null
    /** @type {Map<number, { resolve: (answer: import("./worker.js").Answer) => void, reject: (error: Error) => void }>} */
    this.waiting = new Map()
    this.requests = 0
  }

  /**
   * Start the worker. Rejects with a sentence if this browser cannot run it.
   * @param {GeneratorData} data
   * @param {string | null} classifier where the graph of the weak classifier is, as the generator's
   */
  static async open(data, classifier = null) {
    const generator = new Generator(data, classifier)
    try {
      await generator.start()
    } catch (error) {
      generator.close()
      throw new Error("This browser cannot run the generator.", { cause: error })
    }
    return generator
  }

  async start() {
    const { inline } = this.data
    const [script, wasm, graph, classifier] = await Promise.all([
      bytes(this.data.runtime, inline),
      bytes(this.data.wasm, inline).then(unzipped),
      bytes(this.data.graph, inline),
      this.classifier ? bytes(this.classifier, inline) : null,
    ])
    const address = URL.createObjectURL(new Blob([classic(script)], { type: "text/javascript" }))
    this.worker = new Worker(address)
    this.worker.onmessage = ({ data }) => this.answered(data)
    this.worker.onerror = (event) => this.fail(new Error(event.message || "The generator's worker has stopped."))
    try {
      await this.ask({ wasm, graph, classifier }, [wasm, graph, ...(classifier ? [classifier] : [])])
    } finally {
      URL.revokeObjectURL(address)
    }
  }

  /**
   * Images of codes (count, d), without noise unless it is given (count, m).
   * @param {Float32Array} codes
   * @param {Float32Array | null} noise
   * @param {boolean} classify whether the weak classifier predicts their classes, if there is one
   * @returns {Promise<Pictures>}
   */
  async draw(codes, noise = null, classify = false) {
    const { dimension, noise: length } = this.data
    const count = codes.length / dimension
    const zeros = length ? new Float32Array(count * length) : null
    const request = { codes, noise: length ? (noise ?? zeros) : null, count, classify }
    const { pixels, width, height, probabilities } = await this.ask(request)
    return /** @type {Pictures} */ ({ pixels, width, height, count, probabilities })
  }

  /**
   * @param {object} message
   * @param {Transferable[]} transfer
   * @returns {Promise<import("./worker.js").Answer>}
   */
  ask(message, transfer = []) {
    const id = ++this.requests
    return new Promise((resolve, reject) => {
      if (!this.worker) return reject(new Error("The generator has been closed."))
      this.waiting.set(id, { resolve, reject })
      this.worker.postMessage({ ...message, id }, transfer)
    })
  }

  /** @param {import("./worker.js").Answer} answer */
  answered(answer) {
    const waiting = this.waiting.get(answer.id)
    this.waiting.delete(answer.id)
    if (answer.error) waiting?.reject(new Error(answer.error))
    else waiting?.resolve(answer)
  }

  /** @param {Error} error */
  fail(error) {
    for (const { reject } of this.waiting.values()) reject(error)
    this.waiting.clear()
  }

  close() {
    this.worker?.terminate()
    this.worker = null
    this.fail(new Error("The generator has been closed."))
  }
}

/**
 * Draws only the newest request: one at a time, and of those that come meanwhile the last.
 * @template Request, Result
 */
export class Newest {
  /**
   * @param {(request: Request) => Promise<Result>} carryOut
   * @param {(result: Result, request: Request) => void} show
   */
  constructor(carryOut, show) {
    this.carryOut = carryOut
    this.show = show
    this.busy = false
    /** @type {{ request: Request } | null} */
    this.next = null
  }

  /** @param {Request} request */
  async ask(request) {
    this.next = { request }
    if (this.busy) return
    this.busy = true
    try {
      while (this.next) {
        const { request: current } = this.next
        this.next = null
        this.show(await this.carryOut(current), current)
      }
    } finally {
      this.busy = false
    }
  }
}

/**
 * Opens a generator at the first request, since the runtime is large, and draws the newest of the requests.
 * A request has the codes (count, d) and, if the generator takes any, one sample (m,) of the noise for all of them.
 * @template {{ codes: Float32Array, noise: Float32Array | null }} Request
 */
export class OnDemand {
  /**
   * @param {(pictures: Pictures, request: Request) => void} show
   * @param {() => void} onChange called when the generator is ready, and when it fails
   */
  constructor(show, onChange) {
    this.onChange = onChange
    /** @type {GeneratorData | null} */
    this.data = null
    /** @type {Generator | null} */
    this.generator = null
    this.opening = 0 // counts what was opened, so that a late answer is known
    this.begun = this.failed = false
    this.newest = new Newest(
      (/** @type {Request} */ request) => this.pictures(request),
      (pictures, request) => pictures && show(pictures, request),
    )
  }

  /** @param {GeneratorData | null} data */
  take(data) {
    if (data?.id === this.data?.id) return
    this.close()
    this.data = data
  }

  /** Whether images can be asked for, now or when the generator is open. */
  get possible() {
    return this.data != null && !this.failed
  }

  /** Open the generator, once. */
  async open() {
    if (!this.data || this.begun) return
    this.begun = true
    const serial = ++this.opening
    const generator = await Generator.open(this.data).catch(() => null)
    if (serial !== this.opening) return generator?.close()
    this.generator = generator
    this.failed = !generator
    this.onChange()
  }

  /** @param {Request} request */
  draw(request) {
    this.newest.ask(request)
  }

  /**
   * @param {Request} request
   * @returns {Promise<Pictures | null>}
   */
  async pictures({ codes, noise }) {
    const { generator } = this
    if (!generator) return null
    const count = codes.length / generator.data.dimension
    const all = noise && Float32Array.from({ length: noise.length * count }, (_, i) => noise[i % noise.length])
    try {
      return await generator.draw(codes, all)
    } catch {
      if (generator !== this.generator) return null
      this.close()
      this.failed = true
      this.onChange()
      return null
    }
  }

  close() {
    this.opening++
    this.generator?.close()
    this.generator = null
    this.begun = this.failed = false
  }
}

/**
 * The runtime, an ES module, and our own code behind it as a classic script: in a page opened from a file browsers
 * start no worker that is a module.
 * @param {ArrayBuffer} module
 */
function classic(module) {
  const text = new TextDecoder().decode(module)
  const exported = EXPORTS.exec(text)?.[1] ?? ""
  const names = Object.fromEntries(exported.split(",").map((pair) => pair.trim().split(" as ").reverse()))
  const runtime = ["env", "InferenceSession", "Tensor"].map((name) => `${name}: ${names[name]}`).join(", ")
  return `${text.replace(EXPORTS, "").replaceAll("import.meta.url", "self.location.href")}\n;(${work})({ ${runtime} })\n`
}

/**
 * @param {string} place
 * @param {boolean} inline
 * @returns {Promise<ArrayBuffer>}
 */
async function bytes(place, inline) {
  if (inline) return Uint8Array.from(atob(place), (letter) => letter.charCodeAt(0)).buffer
  const response = await cached(place)
  if (!response.ok) throw new Error(`${response.status} for ${place}`)
  return response.arrayBuffer()
}

/**
 * Addresses name their content, so that what was fetched once is kept by the browser if it lets us.
 * @param {string} address
 */
async function cached(address) {
  const cache = await globalThis.caches?.open(CACHE).catch(() => null)
  const held = await cache?.match(address)
  if (held) return held
  const response = await fetch(address)
  if (response.ok) await cache?.put(address, response.clone()).catch(() => null)
  return response
}

/** @param {ArrayBuffer} compressed */
function unzipped(compressed) {
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"))
  return new Response(stream).arrayBuffer()
}
