"""Paths between codes: the great circle (slerp, Eq. 3) and the chord (lerp, Fig. 4)."""

import torch
from torch import Tensor

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
    """A unit vector perpendicular to every row: the axis that the row is farthest from, made orthogonal."""
    axis = torch.zeros_like(p).scatter_(-1, p.abs().argmin(dim=-1, keepdim=True), 1.0)
    return _unit(axis - (axis * p).sum(dim=-1, keepdim=True) * p)
