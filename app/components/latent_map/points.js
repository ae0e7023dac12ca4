// Points and thumbnails in WebGL 2. Plotly's scattergl lays its points out anew on every pan (10 000 points: 45 ms of
// script and 150 ms a frame with software graphics, where this takes 33 ms): here a pan changes one matrix, a morph
// one number, and the points stay on the graphics card.

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

const SHOWN = 0, DIMMED = 1, HIDDEN = 2 // the state of a point

class Points {
  constructor(canvas) {
    this.canvas = canvas
    this.gl = canvas.getContext("webgl2", { antialias: false, alpha: true })
    if (!this.gl) throw new Error("This browser offers no WebGL 2, which the map is drawn with.")
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault())
    canvas.addEventListener("webglcontextrestored", () => { this.prepare(); this.onRestored?.() })
    this.prepare()
  }

  prepare() {
    const { gl } = this
    this.program = gl.createProgram()
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind)
      gl.shaderSource(shader, source)
      gl.compileShader(shader)
      gl.attachShader(this.program, shader)
    }
    gl.linkProgram(this.program)
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(this.program))
    gl.useProgram(this.program)
    this.places = new Proxy({}, { get: (held, name) => (held[name] ??= gl.getUniformLocation(this.program, name)) })
    this.buffers = new Map()
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
  }

  // Keep an array on the graphics card under a name; the same array again costs nothing.
  keep(name, array) {
    const { gl } = this
    const held = this.buffers.get(name)
    if (held?.array === array && !array.changed) return
    const buffer = held?.buffer ?? gl.createBuffer()
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
    gl.bufferData(gl.ARRAY_BUFFER, array, gl.DYNAMIC_DRAW)
    array.changed = false
    this.buffers.set(name, { buffer, array })
  }

  // Take all arrays off the graphics card.
  forget() {
    for (const { buffer } of this.buffers.values()) this.gl.deleteBuffer(buffer)
    this.buffers.clear()
  }

  // From an array, of ``stride`` bytes a point.
  attribute(name, key, size, type, stride, normalised = false, offset = 0) {
    const { gl } = this
    const place = gl.getAttribLocation(this.program, name)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers.get(key).buffer)
    gl.enableVertexAttribArray(place)
    gl.vertexAttribPointer(place, size, type, normalised, stride, offset)
  }

  setSheet(bitmap, columns, rows) {
    const { gl } = this
    this.grid = [columns, rows]
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
    const side = gl.getParameter(gl.MAX_TEXTURE_SIZE)
    const fits = bitmap.width <= side && bitmap.height <= side
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, fits ? bitmap : shrunk(bitmap, side))
    for (const [name, value] of [
      [gl.TEXTURE_MIN_FILTER, gl.LINEAR], [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
    ]) gl.texParameteri(gl.TEXTURE_2D, name, value)
  }

  // views: {left, top, width, height in CSS pixels, matrix, from and to: {key, frame}, mixing}
  // every: of so many points one is drawn
  draw(views, { count, colours, shapes, states, size, thumbnails, ground, depth, dimmed, every }) {
    const { gl, places, canvas } = this
    const ratio = canvas.width / canvas.clientWidth
    gl.disable(gl.SCISSOR_TEST)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT)
    gl.enable(gl.SCISSOR_TEST)
    gl[depth ? "enable" : "disable"](gl.DEPTH_TEST)
    this.keep("colours", colours)
    this.keep("shapes", shapes)
    this.keep("states", states)
    this.attribute("colour", "colours", 3, gl.UNSIGNED_BYTE, 3 * every, true)
    this.attribute("shape", "shapes", 1, gl.UNSIGNED_BYTE, every)
    this.attribute("state", "states", 1, gl.UNSIGNED_BYTE, every)
    gl.uniform1i(places.every, every)
    gl.uniform1f(places.size, size * ratio)
    gl.uniform1i(places.thumbnails, thumbnails && this.grid ? 1 : 0)
    gl.uniform2i(places.grid, ...(this.grid ?? [1, 1]))
    gl.uniform3f(places.ground, ...ground)
    for (const view of views) {
      const box = [view.left, canvas.clientHeight - view.top - view.height, view.width, view.height]
      const pixels = box.map((value) => Math.round(value * ratio))
      gl.viewport(...pixels)
      gl.scissor(...pixels)
      gl.uniformMatrix4fv(places.matrix, false, view.matrix)
      gl.uniform1f(places.mixing, view.mixing)
      this.attribute("from", view.from.key, 3, gl.FLOAT, 12 * every, false, view.from.frame * count * 12)
      this.attribute("to", view.to.key, 3, gl.FLOAT, 12 * every, false, view.to.frame * count * 12)
      for (const pass of dimmed ? [DIMMED, SHOWN] : [SHOWN]) {
        gl.uniform1f(places.pass, pass)
        gl.uniform1f(places.opacity, pass === DIMMED ? 0.16 : 1)
        gl.drawArrays(gl.POINTS, 0, Math.ceil(count / every))
      }
    }
  }

  close() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext()
  }
}

function shrunk(bitmap, side) {
  const scale = side / Math.max(bitmap.width, bitmap.height)
  const canvas = new OffscreenCanvas(Math.floor(bitmap.width * scale), Math.floor(bitmap.height * scale))
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  return canvas
}
