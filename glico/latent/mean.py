"""More than two codes: a path through a list of them, their mean on the sphere, and new codes around it."""

import torch
from torch import Tensor

from glico.config import PathName
from glico.errors import GlicoError
from glico.latent.paths import PATHS

MEAN_STEPS = 100
TOLERANCE = 1e-10  # radians


def path_through(codes: Tensor, t: Tensor, path: PathName = "slerp") -> Tensor:
    """A path through ``codes`` (k, d), k >= 2, in their order: (T, d) at ``t`` (T,) in [0, 1].

    The k - 1 pieces take equal shares of t, so that code i is reached, exactly, at t = i / (k - 1). Two codes give
    the path of Eq. (3) itself.
    """
    if len(codes) < 2:
        raise GlicoError(f"A path needs at least two images, not {len(codes)}.")
    position = t.double() * (len(codes) - 1)
    nearest = position.round()
    position = torch.where((position - nearest).abs() < 1e-9, nearest, position)  # t = i / (k - 1) is seldom exact
    start = position.floor().long().clamp(0, len(codes) - 2)
    return PATHS[path](codes[start], codes[start + 1], position - start)


def spherical_mean(codes: Tensor) -> Tensor:
    """The Fréchet mean of ``codes`` (n, d) on the unit sphere, (d,): the sum of squared angles is least there.

    Fixed-point iteration m <- exp_m(mean of log_m(z_i)), from the normalised arithmetic mean, in float64. Raises
    GlicoError where the arithmetic mean vanishes: opposite codes have no one mean.
    """
    z = codes.double()
    z = z / z.norm(dim=-1, keepdim=True)
    mean = z.mean(dim=0)
    if mean.norm() < 1e-9:
        raise GlicoError("These codes have no mean on the sphere: they cancel out.")
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
    """The tangent vectors at ``base`` (d,) that point to ``codes`` (n, d), as long as their angles: (n, d)."""
    along = codes @ base
    across = codes - along[:, None] * base
    length = across.norm(dim=-1, keepdim=True)
    angle = torch.atan2(length, along[:, None])
    return across * torch.where(length > 0, angle / length.clamp_min(1e-300), 1.0)


def sphere_exp(base: Tensor, tangent: Tensor) -> Tensor:
    """Where the great circles from ``base`` (d,) along ``tangent`` (..., d) end: (..., d), on the unit sphere."""
    angle = tangent.norm(dim=-1, keepdim=True)
    end = base * angle.cos() + tangent * torch.sinc(angle / torch.pi)
    return end / end.norm(dim=-1, keepdim=True)
