"""Displacement fields: a bicubic B-spline of 8 × 8 knots per image, and their inverses."""

from functools import lru_cache

import torch
from torch import Tensor

from glico.morph.filters import pixel_positions, sample
from glico.morph.splines import KNOTS, spline_basis

LEAST_AREA = 0.05  # of a pixel's area after the move; a smaller share counts as a fold
LARGEST = 2.0  # half sides: the longest displacement along an axis
CHECKED = 32  # pixels a side at which folds are detected
ROUNDS = 12  # of the fixed-point iteration that inverts a field


def displacements(knots: Tensor, height: int, width: int) -> Tensor:
    """Return the displacements (n, 2, H, W), (x, y) in half sides, of ``knots`` (n, 2, KNOTS, KNOTS)."""
    rows, columns = (basis(side, KNOTS).to(knots) for side in (height, width))
    return rows @ knots @ columns.T


def basis(side: int, knots: int) -> Tensor:
    """Return the splines of one axis at its pixel centres, (side, knots): linear for 2 knots, else uniform cubic."""
    return _basis(side, knots)


@lru_cache(maxsize=256)
def _basis(side: int, knots: int) -> Tensor:
    with torch.inference_mode(False):  # kept for callers that need gradients
        return torch.from_numpy(spline_basis(side, knots))


def gradients(displaced: Tensor) -> Tensor:
    """Return the derivatives (n, 2, 2, H - 1, W - 1), dimensionless, of displacements (n, 2, H, W) along x and y."""
    height, width = displaced.shape[-2:]
    corner = displaced[..., :-1, :-1]
    along_x = (displaced[..., :-1, 1:] - corner) * (width / 2)
    along_y = (displaced[..., 1:, :-1] - corner) * (height / 2)
    return torch.stack([along_x, along_y], dim=2)


def area(gradient: Tensor) -> Tensor:
    """det(I + ∇D) of ``gradients``, (n, H - 1, W - 1): the share of its area that a place keeps; below 0 is a fold."""
    return (1 + gradient[:, 0, 0]) * (1 + gradient[:, 1, 1]) - gradient[:, 0, 1] * gradient[:, 1, 0]


def are_sound(knots: Tensor) -> Tensor:
    """Return whether each of (n, 2, KNOTS, KNOTS) is finite, not too long and without folds: (n,) bool."""
    if not len(knots):
        return torch.ones(0, dtype=torch.bool)
    displaced = displacements(torch.nan_to_num(knots, nan=0.0, posinf=0.0, neginf=0.0), CHECKED, CHECKED)
    unfolded = area(gradients(displaced)).flatten(1).min(dim=1).values >= LEAST_AREA
    return torch.isfinite(knots).flatten(1).all(dim=1) & unfolded & (displaced.abs().flatten(1).amax(1) <= LARGEST)


def sound(knots: Tensor) -> Tensor:
    """Return the same fields, those that are not sound made weaker until they are.

    Those that are not finite are zero.
    """
    finite = torch.isfinite(knots).flatten(1).all(dim=1)
    knots = torch.where(finite[:, None, None, None], knots, torch.zeros(()))
    for _ in range(20):
        wrong = ~are_sound(knots)
        if not wrong.any():
            return knots
        knots = torch.where(wrong[:, None, None, None], 0.8 * knots, knots)
    return torch.where(are_sound(knots)[:, None, None, None], knots, torch.zeros(()))


def inverse(displaced: Tensor) -> Tensor:
    """V with V(x) + D(x + V(x)) = 0, for displacements D (n, 2, H, W): (n, 2, H, W)."""
    start = pixel_positions(*displaced.shape[-2:]).to(displaced).expand(len(displaced), -1, -1, -1)
    reached = start
    for _ in range(ROUNDS):
        reached = 0.5 * reached + 0.5 * (start - sample(displaced, reached).permute(0, 2, 3, 1))
    return (reached - start).permute(0, 3, 1, 2)


def inverse_knots(knots: Tensor) -> Tensor:
    """Return the knots nearest to the :func:`inverse` of the fields ``knots``, both (n, 2, KNOTS, KNOTS)."""
    back = inverse(displacements(knots, CHECKED, CHECKED))
    fitted = torch.linalg.pinv(basis(CHECKED, KNOTS))  # (KNOTS, CHECKED)
    return fitted @ back @ fitted.T
