"""Two measures of a double exposure: of two images shown over each other as wholes, and place by place."""

import numpy as np
from numpy.typing import NDArray

from glico.latent.shrinking import averaged
from glico.morph.kernels import REFERENCE, blur_matrix
from glico.types import Floats, Numbers

PATCH, STRIDE, REACH = 8, 4, 5  # pixels of REFERENCE: the patches, their spacing, and how far they may have moved
BACKGROUND = 3.0  # pixels of REFERENCE: coarser structure counts in no patch


def double_exposure(start: Numbers, images: Numbers, end: Numbers) -> Floats:
    """Return how far ``images`` (B, C, H, W) are both ends at once, shown over each other as they are: (B,), 0 to 1.

    The gradient of each image is fitted by α times that of ``start`` and β times that of ``end`` (both (B, C, H, W)),
    α and β at least 0; the index is R² · 2 min(α, β) / (α + β). The pixel mean of the ends has 1; a copy of one end has
    0, and so has an image whose parts have moved. NaN if the ends are the same.
    """
    a, m, b = _gradient(start), _gradient(images), _gradient(end)
    aa, bb, ab, am, bm, mm = ((p * q).sum(axis=1) for p, q in ((a, a), (b, b), (a, b), (a, m), (b, m), (m, m)))
    determinant = aa * bb - ab**2
    alpha = (am * bb - bm * ab) / determinant.clip(1e-12)
    beta = (bm * aa - am * ab) / determinant.clip(1e-12)
    inside = (alpha > 0) & (beta > 0)  # else the best fit has one end alone, and the index is 0
    left = mm - alpha * am - beta * bm
    explained = (1 - left / mm.clip(1e-12)).clip(0, 1)
    index = explained * 2 * np.minimum(alpha, beta) / (alpha + beta).clip(1e-12)
    same = determinant <= 1e-9 * aa * bb + 1e-12
    return np.where(same, np.nan, np.where(inside, index, 0)).astype(np.float32)


def local_double_exposure(start: Numbers, images: Numbers, end: Numbers) -> Floats:
    """Return how far patches of ``images`` (B, C, H, W) are patches of both ends at once, wherever these moved: (B,).

    At REFERENCE pixels, in brightness: the share of the patches' energy that two patches, one of ``start`` and one of
    ``end``, each moved by up to REACH pixels, explain beyond the best single one. A copy of an end has 0, moved or not.
    """
    a, m, b = (_fine(each) for each in (start, images, end))
    known_a, known_b = _patches_around(a), _patches_around(b)  # (B, side, side, PATCH²)
    patches = _centred(_patches(m)[:, ::STRIDE, ::STRIDE])
    gained, energy = np.zeros(len(m), np.float32), np.zeros(len(m), np.float32)
    for row, column in np.ndindex(*patches.shape[1:3]):
        y, x = STRIDE * row, STRIDE * column
        window = (slice(None), slice(y, y + 2 * REACH + 1), slice(x, x + 2 * REACH + 1))
        patch = patches[:, row, column]
        around_a, around_b = (known[window].reshape(len(m), -1, PATCH**2) for known in (known_a, known_b))
        gained += _gain_of_two(patch, around_a, around_b)
        energy += (patch**2).sum(axis=1)
    return gained / energy.clip(1e-12)


def _gain_of_two(patch: Floats, a: Floats, b: Floats) -> Floats:
    """Return the energy of ``patch`` (B, p) that the best pair explains beyond the best single patch: (B,).

    A pair is a unit patch of ``a`` (B, s, p) and one of ``b``. All weights are at least 0.
    """
    with_a, with_b = ((known @ patch[:, :, None])[:, :, 0] for known in (a, b))
    one = np.maximum(with_a.max(axis=1), with_b.max(axis=1)).clip(0) ** 2
    both = a @ b.transpose(0, 2, 1)
    p, q = with_a[:, :, None], with_b[:, None, :]
    possible = (p > both * q) & (q > both * p) & (both < 0.99)
    explained = (p**2 + q**2 - 2 * both * p * q) / (1 - both**2).clip(0.02)
    two: Floats = np.where(possible, explained, 0).max(axis=(1, 2))
    return (two - one).clip(0)


def _gradient(images: Numbers) -> NDArray[np.float64]:
    """Return the differences of neighbouring pixels along x and y, (B, D) float64."""
    images = np.asarray(images, np.float64)
    return np.concatenate([np.diff(images, axis=axis).reshape(len(images), -1) for axis in (3, 2)], axis=1)


def _fine(images: Numbers) -> Floats:
    """Return the brightness at REFERENCE pixels without its background: (B, REFERENCE, REFERENCE)."""
    grey = averaged(np.asarray(images, np.float32), REFERENCE).mean(axis=1)
    matrix = blur_matrix(REFERENCE, BACKGROUND)
    return grey - matrix @ grey @ matrix.T


def _patches(images: Floats) -> Floats:
    """Return every patch of (B, H, W) at every place inside: (B, H - PATCH + 1, W - PATCH + 1, PATCH²)."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (PATCH, PATCH), axis=(1, 2))
    return windows.reshape(*windows.shape[:3], PATCH**2)


def _centred(patches: Floats) -> Floats:
    return patches - patches.mean(axis=-1, keepdims=True)


def _patches_around(images: Floats) -> Floats:
    """Return every patch of (B, H, W), of unit energy, at every place up to REACH pixels out: (B, side, side, p)."""
    patches = _centred(_patches(np.pad(images, ((0, 0), (REACH, REACH), (REACH, REACH)), mode="reflect")))
    return patches / np.linalg.norm(patches, axis=-1, keepdims=True).clip(1e-3)
