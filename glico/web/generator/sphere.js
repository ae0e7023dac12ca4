// Codes on the unit sphere, as glico/latent/paths.py has them: slerp, lerp, means and rotations, in float64.

/** @typedef {ArrayLike<number>} Code a vector (d,) */

const SMALL_ANGLE = 1e-7 // as in Python
const MEAN_STEPS = 100
const TOLERANCE = 1e-10 // radians

/** @param {Code} a @param {Code} b */
export function dot(a, b) {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** @param {Code} a */
export const norm = (a) => Math.sqrt(dot(a, a))

/**
 * The sum of vectors, each times its weight.
 * @param {[number, Code][]} terms
 */
export function combined(terms) {
  const sum = new Float64Array(terms[0][1].length)
  for (const [weight, vector] of terms) for (let i = 0; i < sum.length; i++) sum[i] += weight * vector[i]
  return sum
}

/**
 * On the unit sphere.
 * @param {Code} a
 */
export const unit = (a) => combined([[1 / norm(a), a]])

/**
 * The angle between two unit vectors in radians: from chords, exact near 0 and near pi.
 * @param {Code} p
 * @param {Code} q
 */
export function angle(p, q) {
  return (
    2 *
    Math.atan2(
      norm(
        combined([
          [1, p],
          [-1, q],
        ]),
      ),
      norm(
        combined([
          [1, p],
          [1, q],
        ]),
      ),
    )
  )
}

/**
 * Eq. (3), at any t: beyond 0 and 1 the great circle goes on.
 * @param {Code} a
 * @param {Code} b
 * @param {number} t
 */
export function slerp(a, b, t) {
  const p = unit(a)
  const q = unit(b)
  const between = angle(p, q)
  if (between < SMALL_ANGLE) return p
  if (Math.PI - between < SMALL_ANGLE) {
    const turn = t * Math.PI
    return combined([
      [Math.cos(turn), p],
      [Math.sin(turn), perpendicular(p)],
    ])
  }
  const sine = Math.sin(between)
  return unit(
    combined([
      [Math.sin((1 - t) * between) / sine, p],
      [Math.sin(t * between) / sine, q],
    ]),
  )
}

/** @param {Code} a @param {Code} b @param {number} t */
export const lerp = (a, b, t) =>
  combined([
    [1 - t, a],
    [t, b],
  ])

export const PATHS = { slerp, lerp }

/**
 * A path through two codes or more at t in [0, 1]; the pieces take equal shares of t.
 * @param {Code[]} codes
 * @param {number} t
 * @param {"slerp" | "lerp"} path
 */
export function pathThrough(codes, t, path) {
  const position = t * (codes.length - 1)
  const near = Math.round(position)
  const exact = Math.abs(position - near) < 1e-9 ? near : position
  const start = Math.min(Math.floor(exact), codes.length - 2)
  return PATHS[path](codes[start], codes[start + 1], exact - start)
}

/**
 * A surface that codes A, B, C and D span, at u from A to B and from C to D, then at v between the two. Without D it is
 * a triangle.
 * @param {Code[]} codes
 * @param {number} u
 * @param {number} v
 * @param {"slerp" | "lerp"} path
 */
export function surfaceBetween(codes, u, v, path) {
  const join = PATHS[path]
  return join(join(codes[0], codes[1], u), join(codes[2], codes[codes.length - 1], u), v)
}

/** @param {Float64Array} p */
function perpendicular(p) {
  let least = 0
  for (let i = 1; i < p.length; i++) if (Math.abs(p[i]) < Math.abs(p[least])) least = i
  const axis = new Float64Array(p.length)
  axis[least] = 1
  return unit(
    combined([
      [1, axis],
      [-p[least], p],
    ]),
  )
}

/**
 * The tangent vector at the unit vector base that points to code, as long as the angle between them.
 * @param {Code} base
 * @param {Code} code
 */
export function log(base, code) {
  const along = dot(code, base)
  const across = combined([
    [1, code],
    [-along, base],
  ])
  const length = norm(across)
  return length > 0 ? combined([[Math.atan2(length, along) / length, across]]) : across
}

/**
 * The end of the great circle from the unit vector base along a tangent vector.
 * @param {Code} base
 * @param {Code} tangent
 */
export function exp(base, tangent) {
  const length = norm(tangent)
  if (length === 0) return unit(base)
  return unit(
    combined([
      [Math.cos(length), base],
      [Math.sin(length) / length, tangent],
    ]),
  )
}

/**
 * The weighted Fréchet mean of unit vectors; null if they cancel out.
 * @param {Code[]} codes
 * @param {ArrayLike<number>} weights at least one above 0
 */
export function sphericalMean(codes, weights) {
  let total = 0
  for (let i = 0; i < codes.length; i++) total += weights[i]
  /** @type {(vectors: Code[]) => Float64Array} */
  const average = (vectors) => combined(vectors.map((vector, i) => [weights[i] / total, vector]))
  const start = average(codes)
  if (norm(start) < 1e-9) return null
  let mean = unit(start)
  for (let step = 0; step < MEAN_STEPS; step++) {
    const base = mean
    const move = average(codes.map((code) => log(base, code)))
    mean = exp(base, move)
    if (norm(move) < TOLERANCE) break
  }
  return mean
}

/**
 * C turned by the rotation in the plane of a and b that takes a to b: "a is to b as c is to ...".
 *
 * What lies outside that plane stays. Opposite a and b turn in a plane that a fixes, equal ones turn nothing.
 * @param {Code} a
 * @param {Code} b
 * @param {Code} c
 */
export function turned(a, b, c) {
  const p = unit(a)
  const q = unit(b)
  const turn = angle(p, q)
  if (turn < SMALL_ANGLE) return unit(c)
  const across =
    Math.PI - turn < SMALL_ANGLE
      ? perpendicular(p)
      : unit(
          combined([
            [1, q],
            [-dot(q, p), p],
          ]),
        )
  const along = dot(c, p)
  const side = dot(c, across)
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)]
  return unit(
    combined([
      [1, c],
      [along * (cosine - 1) - side * sine, p],
      [side * (cosine - 1) + along * sine, across],
    ]),
  )
}
