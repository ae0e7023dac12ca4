"""Images averaged to other sizes."""

from functools import lru_cache

import numpy as np

from glico.types import Floats

WIDEST = 64  # pixels: larger images are shrunk to this for perceptual steps and for the search of neighbours


def shrunk(images: Floats) -> Floats:
    """Return the images (B, C, H, W), those wider than WIDEST reduced to it."""
    return images if images.shape[-1] <= WIDEST else averaged(images, WIDEST)


def averaged(images: Floats, side: int) -> Floats:
    """Return images (B, C, H, W) as (B, C, side, side): each pixel is the mean of all that it touches."""
    if images.shape[-2:] == (side, side):
        return images
    rows, columns = _means(images.shape[-2], side), _means(images.shape[-1], side)
    return np.asarray(rows @ images @ columns.T, np.float32)


@lru_cache(maxsize=32)
def _means(before: int, after: int) -> Floats:
    """Return the means along one axis as a matrix (after, before), as PyTorch's adaptive average pooling takes them."""
    starts = np.arange(after) * before // after
    ends = -(-(np.arange(after) + 1) * before // after)
    at = np.arange(before)
    covered = ((at >= starts[:, None]) & (at < ends[:, None])).astype(np.float32)
    means: Floats = covered / covered.sum(axis=1, keepdims=True)
    return means
