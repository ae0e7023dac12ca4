"""Paths between codes: the great circle (slerp, Eq. 3) and the chord (lerp, Fig. 4), through two codes or more; the
surface that three or four span; and the mean of codes on the sphere, with new codes around it."""

import torch
from torch import Tensor

from glico.config import PathName
from glico.errors import GlicoError

# Below this angle (or this close to pi) the great circle through two float32 codes is decided by rounding.
SMALL_ANGLE = 1e-7


def slerp(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """Spherical linear interpolation, Eq. (3), computed in float64.

    ``a``, ``b`` (..., d) with rows on the unit sphere and ``t`` in [0, 1], broadcastable to (...), give (..., d)
    on the unit sphere, in the dtype of ``a``. t = 0 and t = 1 give ``a`` and ``b`` themselves. Equal codes give
    that code; opposite codes, which no single great circle joins, one that is fixed by ``a``.
    """
    a, b, t = _broadcast(a, b, t)
    p, q, s = _unit(a), _unit(b), t.to(_work_dtype(a))
    # The angle from chords, exact where the arc cosine of the dot product is not: near 0 and near pi.
    angle = 2 * torch.atan2((p - q).norm(dim=-1, keepdim=True), (p + q).norm(dim=-1, keepdim=True))
    sine = angle.sin()
    opposite = (torch.pi - angle) < SMALL_ANGLE
    safe = torch.where(sine < SMALL_ANGLE, torch.ones_like(sine), sine)
    arc = (p * ((1 - s) * angle).sin() + q * (s * angle).sin()) / safe
    arc = torch.where(angle < SMALL_ANGLE, p, arc)
    if opposite.any():
        arc = torch.where(opposite, p * (s * torch.pi).cos() + _perpendicular(p) * (s * torch.pi).sin(), arc)
    return torch.where(t == 0, a, torch.where(t == 1, b, _unit(arc).to(a.dtype)))


def lerp(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """Linear interpolation (1 - t) a + t b: inside the sphere, shorter than 1 between its ends (Fig. 4).

    Shapes as in :func:`slerp`.
    """
    a, b, t = _broadcast(a, b, t)
    return torch.where(t == 1, b, a + (b - a) * t.to(a.dtype))


PATHS = {"slerp": slerp, "lerp": lerp}


def _broadcast(a: Tensor, b: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor, Tensor]:
    """``a``, ``b`` (..., d) and ``t`` (..., 1) in common shape."""
    times = torch.as_tensor(t, device=a.device, dtype=_work_dtype(a)).unsqueeze(-1)
    a, b, times = torch.broadcast_tensors(a, b, times)
    return a, b, times[..., :1]


def _work_dtype(a: Tensor) -> torch.dtype:
    return torch.float32 if a.device.type == "mps" else torch.float64  # MPS has no float64


def _unit(x: Tensor) -> Tensor:
    x = x.to(_work_dtype(x))
    return x / x.norm(dim=-1, keepdim=True)


def _perpendicular(p: Tensor) -> Tensor:
    """Return a unit vector perpendicular to every row: the axis that the row is farthest from, made orthogonal."""
    axis = torch.zeros_like(p).scatter_(-1, p.abs().argmin(dim=-1, keepdim=True), 1.0)
    return _unit(axis - (axis * p).sum(dim=-1, keepdim=True) * p)


MEAN_STEPS = 100
TOLERANCE = 1e-10  # radians


def pieces(t: Tensor, joined: int) -> tuple[Tensor, Tensor]:
    """Split a path through ``joined`` images, in pieces of equal shares of t: for ``t`` (T,) in [0, 1] the piece (T,),
    from 0, and the position on it (T,), 0 to 1 in float64. Image i is reached, exactly, at t = i / (joined - 1).

    Raises GlicoError for fewer than two images.
    """
    if joined < 2:
        raise GlicoError(f"A path needs at least two images, not {joined}.")
    position = t.double() * (joined - 1)
    nearest = position.round()
    position = torch.where((position - nearest).abs() < 1e-9, nearest, position)  # t = i / (k - 1) is seldom exact
    start = position.floor().long().clamp(0, joined - 2)
    return start, position - start


def path_through(codes: Tensor, t: Tensor, path: PathName = "slerp") -> Tensor:
    """Return a path (T, d) through ``codes`` (k, d), k >= 2, in their order at ``t`` (T,) in [0, 1], by :func:`pieces`.

    Two codes give the path of Eq. (3) itself.
    """
    start, along = pieces(t, len(codes))
    return PATHS[path](codes[start], codes[start + 1], along)


def check_corners(count: int) -> None:
    """Raise GlicoError if no surface has ``count`` corners."""
    if count not in (3, 4):
        raise GlicoError(f"A surface needs three or four images, not {count}.")


def surface(codes: Tensor, u: Tensor, v: Tensor, path: PathName = "slerp") -> Tensor:
    """Return the surface that ``codes`` A, B, C, D (4, d) span: (V, U, d) at ``u`` (U,) and ``v`` (V,) in [0, 1].

    u walks from A to B and from C to D, then v from the one to the other: by slerp all of it is on the unit sphere.
    The corners are the codes themselves, the edge v = 0 is the path from A to B. Three codes (3, d) are a triangle:
    D is C, and the edge v = 1 that one point. Raises GlicoError for other numbers of codes.
    """
    check_corners(len(codes))
    join = PATHS[path]
    above, below = join(codes[0], codes[1], u), join(codes[2], codes[-1], u)  # (U, d)
    return join(above, below, v[:, None])


def spherical_mean(codes: Tensor) -> Tensor:
    """Return the Fréchet mean of ``codes`` (n, d) on the unit sphere, (d,): the sum of squared angles is least there.

    Fixed-point iteration m <- exp_m(mean of log_m(z_i)), from the normalised arithmetic mean, in float64. Raises
    GlicoError if the arithmetic mean vanishes: opposite codes have no one mean.
    """
    z = codes.double()
    z = z / z.norm(dim=-1, keepdim=True)
    mean = z.mean(dim=0)
    if mean.norm() < 1e-9:
        raise GlicoError("These codes have no mean on the sphere: they cancel out. Choose other images.")
    mean = mean / mean.norm()
    for _ in range(MEAN_STEPS):
        step = sphere_log(mean, z).mean(dim=0)
        mean = sphere_exp(mean, step)
        if step.norm() < TOLERANCE:
            break
    return mean.to(codes.dtype)


def draw_around(codes: Tensor, count: int, spread: float, rng: torch.Generator) -> Tensor:
    """``count`` new codes around the mean of ``codes`` (n, d), (count, d), on the unit sphere.

    Gaussian in the tangent space at the mean, with the covariance that the codes have there, times ``spread``²: at
    1 the new codes lie as far from the mean, and in the same directions, as the old.
    """
    z = codes.double()
    mean = spherical_mean(z)
    tangent = sphere_log(mean, z)  # (n, d)
    weights = torch.randn(count, len(z), generator=rng, dtype=torch.float64) / len(z) ** 0.5
    return sphere_exp(mean, spread * weights @ tangent).to(codes.dtype)


def sphere_log(base: Tensor, codes: Tensor) -> Tensor:
    """Return the tangent vectors at ``base`` (d,) that point to ``codes`` (n, d), as long as their angles: (n, d)."""
    along = codes @ base
    across = codes - along[:, None] * base
    length = across.norm(dim=-1, keepdim=True)
    angle = torch.atan2(length, along[:, None])
    return across * torch.where(length > 0, angle / length.clamp_min(1e-300), 1.0)


def sphere_exp(base: Tensor, tangent: Tensor) -> Tensor:
    """Return the ends (..., d) of the great circles from ``base`` (d,) along ``tangent`` (..., d), on the unit
    sphere."""
    angle = tangent.norm(dim=-1, keepdim=True)
    end = base * angle.cos() + tangent * torch.sinc(angle / torch.pi)
    return end / end.norm(dim=-1, keepdim=True)
