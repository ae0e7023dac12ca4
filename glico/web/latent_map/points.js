// Points and thumbnails in WebGL 2. A pan changes one matrix, a transition one number; the points stay on the graphics card.

const VERTEX = `#version 300 es
in vec3 from; in vec3 to; in vec3 colour; in float shape; in float state;
uniform mat4 matrix; uniform float mixing; uniform float size; uniform float pass; uniform ivec2 grid; uniform int every;
out vec3 ink; flat out float form; out vec2 tile;
void main() {
  gl_Position = state == pass ? matrix * vec4(mix(from, to, mixing), 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = size;
  ink = colour;
  form = shape;
  int row = gl_VertexID * every;
  tile = vec2(row % grid.x, row / grid.x);
}`

const FRAGMENT = `#version 300 es
precision highp float; precision highp int;
in vec3 ink; flat in float form; in vec2 tile;
uniform float size; uniform float opacity; uniform vec3 ground; uniform bool thumbnails;
uniform ivec2 grid; uniform sampler2D sheet;
out vec4 result;
float outside(vec2 p, int form) {
  vec2 q = abs(p);
  if (form == 1) return max(q.x, q.y) - 0.68;
  if (form == 2) return (q.x + q.y - 0.95) * 0.71;
  if (form == 3) return max(q.x * 0.87 + p.y * 0.5, -p.y) - 0.48 + 0.1 * p.y;
  if (form == 4) return max(q.x * 0.87 - p.y * 0.5, p.y) - 0.48 - 0.1 * p.y;
  if (form == 5) return max(min(q.x, q.y) - 0.26, max(q.x, q.y) - 0.82);
  if (form == 6) { q = abs(vec2(p.x + p.y, p.x - p.y)) * 0.71; return max(min(q.x, q.y) - 0.26, max(q.x, q.y) - 0.9); }
  if (form == 7) return abs(length(p) - 0.6) - 0.2;
  if (form == 8) return abs(max(q.x, q.y) - 0.52) - 0.18;
  if (form == 9) return max(q.x - 0.85, q.y - 0.34);
  return length(p) - 0.76;
}
void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  if (thumbnails) {
    vec2 inner = (gl_PointCoord - 0.5) * size / (size - 4.0);
    bool border = max(abs(inner.x), abs(inner.y)) > 0.5;
    vec3 picture = textureLod(sheet, (tile + clamp(inner + 0.5, 0.01, 0.99)) / vec2(grid), 0.0).rgb;
    result = vec4(border ? ink : picture, 1.0) * opacity;
    return;
  }
  p.y = -p.y;
  float width = 2.0 / size;
  float distance = outside(p, int(form + 0.5));
  float body = clamp(0.5 - distance / width, 0.0, 1.0);
  float halo = clamp(1.5 - distance / width, 0.0, 1.0);
  if (halo <= 0.0) discard;
  result = vec4(mix(ground, ink, body) * halo, halo) * opacity;
}`

// The state of a point.
export const SHOWN = 0
export const DIMMED = 1
export const HIDDEN = 2

/**
 * @typedef {import("./geometry.js").Picture} Picture
 * @typedef {import("../sprite.js").Sprite} Sprite
 *
 * size: of a point in CSS pixels; every: one of this many points is drawn.
 * @typedef {{ count: number, size: number, thumbnails: boolean, ground: number[], depth: boolean, dimmed: boolean,
 *   every: number }} Manner
 */

export class Points {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: true })
    if (!gl) throw new Error("The map needs WebGL 2, which this browser does not offer.")
    this.canvas = canvas
    this.gl = gl
    this.onRestored = () => {}
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault())
    canvas.addEventListener("webglcontextrestored", () => {
      this.program = this.prepare()
      this.onRestored()
    })
    /** @type {Map<string, WebGLBuffer>} */
    this.buffers = new Map()
    /** @type {Map<string, WebGLUniformLocation | null>} */
    this.uniforms = new Map()
    /** @type {[number, number] | null} columns and rows of the sheet of thumbnails */
    this.grid = null
    this.program = this.prepare()
  }

  prepare() {
    const { gl } = this
    this.buffers.clear()
    this.uniforms.clear()
    this.grid = null
    const program = gl.createProgram()
    for (const [kind, source] of /** @type {const} */ ([
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ])) {
      const shader = gl.createShader(kind)
      if (!shader) throw new Error("The browser lost the graphics card.")
      gl.shaderSource(shader, source)
      gl.compileShader(shader)
      gl.attachShader(program, shader)
    }
    gl.linkProgram(program)
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      throw new Error(gl.getProgramInfoLog(program) ?? "The browser lost the graphics card.")
    }
    gl.useProgram(program)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    return program
  }

  /** @param {string} name */
  uniform(name) {
    let place = this.uniforms.get(name)
    if (place === undefined) this.uniforms.set(name, (place = this.gl.getUniformLocation(this.program, name)))
    return place
  }

  /**
   * Keep an array on the graphics card under a name.
   * @param {string} name
   * @param {Float32Array | Uint8Array} array
   */
  keep(name, array) {
    const { gl } = this
    const buffer = this.buffers.get(name) ?? gl.createBuffer()
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
    gl.bufferData(gl.ARRAY_BUFFER, array, gl.DYNAMIC_DRAW)
    this.buffers.set(name, buffer)
  }

  /** Take all arrays off the graphics card. */
  forget() {
    for (const buffer of this.buffers.values()) this.gl.deleteBuffer(buffer)
    this.buffers.clear()
  }

  /**
   * From an array, of ``stride`` bytes a point.
   * @param {string} name
   * @param {string} key
   * @param {number} size
   * @param {number} type
   * @param {number} stride
   */
  attribute(name, key, size, type, stride, offset = 0) {
    const { gl } = this
    const place = gl.getAttribLocation(this.program, name)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers.get(key) ?? null)
    gl.enableVertexAttribArray(place)
    gl.vertexAttribPointer(place, size, type, size === 3 && type === gl.UNSIGNED_BYTE, stride, offset)
  }

  /** @param {Sprite} sheet */
  setSheet({ bitmap, columns, rows }) {
    const { gl } = this
    this.grid = [columns, rows]
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
    const side = gl.getParameter(gl.MAX_TEXTURE_SIZE)
    const fits = bitmap.width <= side && bitmap.height <= side
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, fits ? bitmap : shrunk(bitmap, side))
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
  }

  /**
   * @param {(Picture & { colours: string })[]} pictures with the name of the colours that each is drawn in
   * @param {Manner} manner
   */
  draw(pictures, { count, size, thumbnails, ground, depth, dimmed, every }) {
    const { gl, canvas } = this
    const ratio = canvas.width / canvas.clientWidth
    gl.disable(gl.SCISSOR_TEST)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT)
    gl.enable(gl.SCISSOR_TEST)
    gl[depth ? "enable" : "disable"](gl.DEPTH_TEST)
    this.attribute("shape", "shapes", 1, gl.UNSIGNED_BYTE, every)
    this.attribute("state", "states", 1, gl.UNSIGNED_BYTE, every)
    gl.uniform1i(this.uniform("every"), every)
    gl.uniform1f(this.uniform("size"), size * ratio)
    gl.uniform1i(this.uniform("thumbnails"), Number(thumbnails && this.grid != null))
    gl.uniform2iv(this.uniform("grid"), this.grid ?? [1, 1])
    gl.uniform3fv(this.uniform("ground"), ground)
    for (const picture of pictures) {
      const { left, top, width, height, from, to } = picture
      const box = [left, canvas.clientHeight - top - height, width, height].map((value) => Math.round(value * ratio))
      gl.viewport(box[0], box[1], box[2], box[3])
      gl.scissor(box[0], box[1], box[2], box[3])
      gl.uniformMatrix4fv(this.uniform("matrix"), false, picture.matrix)
      gl.uniform1f(this.uniform("mixing"), picture.mixing)
      this.attribute("colour", picture.colours, 3, gl.UNSIGNED_BYTE, 3 * every)
      this.attribute("from", from.key, 3, gl.FLOAT, 12 * every, from.frame * count * 12)
      this.attribute("to", to.key, 3, gl.FLOAT, 12 * every, to.frame * count * 12)
      for (const pass of dimmed ? [DIMMED, SHOWN] : [SHOWN]) {
        gl.uniform1f(this.uniform("pass"), pass)
        gl.uniform1f(this.uniform("opacity"), pass === DIMMED ? 0.16 : 1)
        gl.drawArrays(gl.POINTS, 0, Math.ceil(count / every))
      }
    }
  }

  close() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext()
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @param {number} side
 */
function shrunk(bitmap, side) {
  const scale = side / Math.max(bitmap.width, bitmap.height)
  const [width, height] = [bitmap.width, bitmap.height].map((value) => Math.floor(value * scale))
  const canvas = new OffscreenCanvas(width, height)
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, width, height)
  return canvas
}
