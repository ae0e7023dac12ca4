"""Two measures of a double exposure: of two images shown over each other as wholes, and place by place."""

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.morph.filters import REFERENCE, blur

PATCH, STRIDE, REACH = 8, 4, 5  # pixels of REFERENCE: the patches, their spacing, and how far they may have moved
BACKGROUND = 3.0  # pixels of REFERENCE: what is coarser counts in no patch


def double_exposure(start: Tensor, images: Tensor, end: Tensor) -> Tensor:
    """Return how far ``images`` (B, C, H, W) are both ends at once, shown over each other as they are: (B,), 0 to 1.

    The gradient of each image is fitted by α times that of ``start`` and β times that of ``end`` (both (B, C, H, W)),
    α and β at least 0; the index is R² · 2 min(α, β) / (α + β). The pixel mean of the ends has 1; a copy of one end has
    0, and so has an image whose parts have moved. NaN if the ends are the same.
    """
    a, m, b = _gradient(start), _gradient(images), _gradient(end)
    aa, bb, ab, am, bm, mm = ((p * q).sum(dim=1) for p, q in ((a, a), (b, b), (a, b), (a, m), (b, m), (m, m)))
    determinant = aa * bb - ab**2
    alpha = (am * bb - bm * ab) / determinant.clamp(min=1e-12)
    beta = (bm * aa - am * ab) / determinant.clamp(min=1e-12)
    inside = (alpha > 0) & (beta > 0)  # else the best fit has one end alone, and the index is 0
    left = mm - alpha * am - beta * bm
    explained = (1 - left / mm.clamp(min=1e-12)).clamp(0, 1)
    index = explained * 2 * torch.minimum(alpha, beta) / (alpha + beta).clamp(min=1e-12)
    same = determinant <= 1e-9 * aa * bb + 1e-12
    return torch.where(same, torch.nan, torch.where(inside, index, torch.zeros(())))


def local_double_exposure(start: Tensor, images: Tensor, end: Tensor) -> Tensor:
    """Return how far patches of ``images`` (B, C, H, W) are patches of both ends at once, wherever these moved: (B,).

    At REFERENCE pixels, in brightness: the share of the patches' energy that two patches, one of ``start`` and one of
    ``end``, each moved by up to REACH pixels, explain beyond the best single one. A copy of an end has 0, moved or not.
    """
    a, m, b = (_fine(each) for each in (start, images, end))
    known_a, known_b = _patches_around(a), _patches_around(b)  # (B, side, side, PATCH²)
    patches = F.unfold(m, PATCH, stride=STRIDE).transpose(1, 2)
    patches = patches - patches.mean(dim=2, keepdim=True)
    per_row = round(patches.shape[1] ** 0.5)
    gained, energy = torch.zeros(len(m)), torch.zeros(len(m))
    for index in range(patches.shape[1]):
        y, x = (STRIDE * at for at in divmod(index, per_row))
        window = (slice(None), slice(y, y + 2 * REACH + 1), slice(x, x + 2 * REACH + 1))
        patch = patches[:, index]
        gained += _gain_of_two(patch, known_a[window].flatten(1, 2), known_b[window].flatten(1, 2))
        energy += patch.square().sum(dim=1)
    return gained / energy.clamp(min=1e-12)


def _gain_of_two(patch: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return the energy of ``patch`` (B, p) that the best pair explains beyond the best single patch: (B,).

    A pair is a unit patch of ``a`` (B, s, p) and one of ``b``. All weights are at least 0.
    """
    with_a, with_b = (torch.einsum("bsp,bp->bs", known, patch) for known in (a, b))
    one = torch.maximum(with_a.amax(dim=1), with_b.amax(dim=1)).clamp(min=0).square()
    both = torch.einsum("bsp,btp->bst", a, b)
    p, q = with_a[:, :, None], with_b[:, None, :]
    possible = (p > both * q) & (q > both * p) & (both < 0.99)
    explained = (p**2 + q**2 - 2 * both * p * q) / (1 - both**2).clamp(min=0.02)
    two = torch.where(possible, explained, torch.zeros(())).flatten(1).amax(dim=1)
    return (two - one).clamp(min=0)


def _gradient(images: Tensor) -> Tensor:
    """Return the differences of neighbouring pixels along x and y, (B, D) float64."""
    images = images.double()
    return torch.cat([images.diff(dim=3).flatten(1), images.diff(dim=2).flatten(1)], dim=1)


def _fine(images: Tensor) -> Tensor:
    """Brightness at REFERENCE pixels without its background: (B, 1, REFERENCE, REFERENCE)."""
    grey = images.mean(dim=1, keepdim=True)
    if grey.shape[-2:] != (REFERENCE, REFERENCE):
        grey = F.interpolate(grey, size=(REFERENCE, REFERENCE), mode="area")
    return grey - blur(grey, BACKGROUND)


def _patches_around(images: Tensor) -> Tensor:
    """Return every patch of (B, 1, H, W) up to REACH pixels outside, with unit energy: (B, side, side, p)."""
    patches = F.unfold(F.pad(images, (REACH,) * 4, mode="reflect"), PATCH).transpose(1, 2)
    patches = patches - patches.mean(dim=2, keepdim=True)
    patches = patches / patches.norm(dim=2, keepdim=True).clamp(min=1e-3)
    side = round(patches.shape[1] ** 0.5)
    return patches.unflatten(1, (side, side))
