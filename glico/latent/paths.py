"""Paths between codes: the great circle (slerp, Eq. 3) and the chord (lerp, Fig. 4), through two codes or more; the
surface that three or four span; and the mean of codes on the sphere, with new codes around it.

Codes are NumPy arrays or PyTorch tensors, and the functions return the same type.
"""

from typing import Any, TypeAlias

import numpy as np
from array_api_compat import array_namespace, device

from glico.config import PathName
from glico.errors import GlicoError
from glico.types import Codes

Array: TypeAlias = Any  # of NumPy or of PyTorch

# Below this angle (or this close to pi) the great circle through two float32 codes is decided by rounding.
SMALL_ANGLE = 1e-7


def slerp(a: Array, b: Array, t: Any) -> Array:
    """Spherical linear interpolation, Eq. (3), computed in float64.

    ``a``, ``b`` (..., d) with rows on the unit sphere and ``t`` in [0, 1], broadcastable to (...), give (..., d)
    on the unit sphere, in the dtype of ``a``. t = 0 and t = 1 give ``a`` and ``b`` themselves. Equal codes give
    that code; opposite codes, which no single great circle joins, one that is fixed by ``a``.
    """
    xp = array_namespace(a, b)
    a, b, s = _broadcast(xp, a, b, t)
    p, q = _unit(xp, a), _unit(xp, b)
    # The angle from chords, exact where the arc cosine of the dot product is not: near 0 and near pi.
    angle = 2 * xp.atan2(_length(xp, p - q), _length(xp, p + q))
    sine = xp.sin(angle)
    opposite = (xp.pi - angle) < SMALL_ANGLE
    safe = xp.where(sine < SMALL_ANGLE, xp.ones_like(sine), sine)
    arc = (p * xp.sin((1 - s) * angle) + q * xp.sin(s * angle)) / safe
    arc = xp.where(angle < SMALL_ANGLE, p, arc)
    if xp.any(opposite):
        arc = xp.where(opposite, p * xp.cos(s * xp.pi) + _perpendicular(xp, p) * xp.sin(s * xp.pi), arc)
    return xp.where(s == 0, a, xp.where(s == 1, b, xp.astype(_unit(xp, arc), a.dtype)))


def lerp(a: Array, b: Array, t: Any) -> Array:
    """Linear interpolation (1 - t) a + t b: inside the sphere, shorter than 1 between its ends (Fig. 4).

    Shapes as in :func:`slerp`.
    """
    xp = array_namespace(a, b)
    a, b, s = _broadcast(xp, a, b, t)
    return xp.where(s == 1, b, a + (b - a) * xp.astype(s, a.dtype))


PATHS = {"slerp": slerp, "lerp": lerp}


def _broadcast(xp: Any, a: Any, b: Any, t: Any) -> tuple[Any, Any, Any]:
    """Return ``a``, ``b`` (..., d) and ``t`` (..., 1) in common shape."""
    times = xp.asarray(t, dtype=_work_dtype(xp, a), device=device(a))[..., None]
    a, b, times = xp.broadcast_arrays(a, b, times)
    return a, b, times[..., :1]


def _work_dtype(xp: Any, a: Any) -> Any:
    return xp.float32 if str(device(a)).startswith("mps") else xp.float64  # MPS has no float64


def _length(xp: Any, x: Any) -> Any:
    return xp.linalg.vector_norm(x, axis=-1, keepdims=True)


def _unit(xp: Any, x: Any) -> Any:
    x = xp.astype(x, _work_dtype(xp, x))
    return x / _length(xp, x)


def _perpendicular(xp: Any, p: Any) -> Any:
    """Return a unit vector perpendicular to every row: the axis that the row is farthest from, made orthogonal."""
    farthest = xp.argmin(xp.abs(p), axis=-1, keepdims=True)
    axis = xp.astype(xp.arange(p.shape[-1], device=device(p)) == farthest, p.dtype)
    return _unit(xp, axis - xp.sum(axis * p, axis=-1, keepdims=True) * p)


MEAN_STEPS = 100
TOLERANCE = 1e-10  # radians


def pieces(t: Array, joined: int) -> tuple[Array, Array]:
    """Split a path through ``joined`` images, in pieces of equal shares of t: for ``t`` (T,) in [0, 1] the piece (T,),
    from 0, and the position on it (T,), 0 to 1 in float64. Image i is reached, exactly, at t = i / (joined - 1).

    Raises GlicoError for fewer than two images.
    """
    if joined < 2:
        raise GlicoError(f"A path needs at least two images, not {joined}.")
    xp = array_namespace(t)
    position = xp.astype(t, xp.float64) * (joined - 1)
    nearest = xp.round(position)
    position = xp.where(xp.abs(position - nearest) < 1e-9, nearest, position)  # t = i / (k - 1) is seldom exact
    start = xp.clip(xp.astype(xp.floor(position), xp.int64), 0, joined - 2)
    return start, position - start


def path_through(codes: Array, t: Array, path: PathName = "slerp") -> Array:
    """Return a path through ``codes`` (k, d), k >= 2, in their order: (T, d) at ``t`` (T,) in [0, 1], by
    :func:`pieces`.

    Two codes give the path of Eq. (3) itself.
    """
    start, along = pieces(t, len(codes))
    return PATHS[path](codes[start], codes[start + 1], along)


def check_corners(count: int) -> None:
    """Raise GlicoError if no surface has ``count`` corners."""
    if count not in (3, 4):
        raise GlicoError(f"A surface needs three or four images, not {count}.")


def surface(codes: Array, u: Array, v: Array, path: PathName = "slerp") -> Array:
    """Return the surface that ``codes`` A, B, C, D (4, d) span: (V, U, d) at ``u`` (U,) and ``v`` (V,) in [0, 1].

    u walks from A to B and from C to D, then v from the one to the other: by slerp all of it is on the unit sphere.
    The corners are the codes themselves, the edge v = 0 is the path from A to B. Three codes (3, d) are a triangle:
    D is C, and the edge v = 1 that one point. Raises GlicoError for other numbers of codes.
    """
    check_corners(len(codes))
    join = PATHS[path]
    above, below = join(codes[0], codes[1], u), join(codes[2], codes[-1], u)  # (U, d)
    return join(above, below, v[:, None])


def spherical_mean(codes: Array) -> Array:
    """Return the Fréchet mean of ``codes`` (n, d) on the unit sphere, (d,): the sum of squared angles is least there.

    Fixed-point iteration m <- exp_m(mean of log_m(z_i)), from the normalised arithmetic mean, in float64. Raises
    GlicoError if the arithmetic mean vanishes: opposite codes have no one mean.
    """
    xp = array_namespace(codes)
    z = _unit(xp, codes)
    mean = xp.mean(z, axis=0)
    if _length(xp, mean) < 1e-9:
        raise GlicoError("These codes have no mean on the sphere: they cancel out.")
    mean = mean / _length(xp, mean)
    for _ in range(MEAN_STEPS):
        step = xp.mean(sphere_log(mean, z), axis=0)
        mean = sphere_exp(mean, step)
        if _length(xp, step) < TOLERANCE:
            break
    return xp.astype(mean, codes.dtype)


def draw_around(codes: Codes, count: int, spread: float, rng: np.random.Generator) -> Codes:
    """Return ``count`` new codes around the mean of ``codes`` (n, d), (count, d), on the unit sphere.

    Gaussian in the tangent space at the mean, with the covariance that the codes have there, times ``spread``²: at 1
    the new codes are as far from the mean, and in the same directions, as the old ones.
    """
    z = codes.astype(np.float64)
    mean = spherical_mean(z)
    tangent = sphere_log(mean, z)  # (n, d)
    weights = rng.standard_normal((count, len(z))) / len(z) ** 0.5
    return sphere_exp(mean, spread * weights @ tangent).astype(codes.dtype)


def sphere_log(base: Array, codes: Array) -> Array:
    """Return the tangent vectors at ``base`` (d,) that point to ``codes`` (n, d), as long as their angles: (n, d)."""
    xp = array_namespace(base, codes)
    along = codes @ base
    across = codes - along[:, None] * base
    length = _length(xp, across)
    angle = xp.atan2(length, along[:, None])
    return across * _ratio(xp, angle, length)


def sphere_exp(base: Array, tangent: Array) -> Array:
    """Return the ends (..., d) of the great circles from ``base`` (d,) along ``tangent`` (..., d), on the unit
    sphere."""
    xp = array_namespace(base, tangent)
    angle = _length(xp, tangent)
    end = base * xp.cos(angle) + tangent * _ratio(xp, xp.sin(angle), angle)
    return end / _length(xp, end)


def _ratio(xp: Any, numbers: Any, lengths: Any) -> Any:
    """Return ``numbers`` / ``lengths``; 1 for lengths of zero, which is the limit."""
    safe = xp.where(lengths > 0, lengths, xp.ones_like(lengths))
    return xp.where(lengths > 0, numbers / safe, xp.ones_like(lengths))
