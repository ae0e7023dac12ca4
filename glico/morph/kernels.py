"""Gaussian blurs of images as matrices, and the unit of their widths. Imports no PyTorch."""

import math

import numpy as np

from glico.types import Floats

REFERENCE = 32  # pixels of the longer side: the unit in which blurs and distances are stated


def blur_matrix(side: int, sigma: float) -> Floats:
    """Return a blur of ``sigma`` pixels along one axis as a matrix (side, side), with border pixels repeated
    outside."""
    reach = math.ceil(3 * sigma)
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-(offsets**2) / (2 * max(sigma, 1e-3) ** 2), dtype=np.float64)
    seen = np.clip(np.arange(side)[:, None] + offsets, 0, side - 1)  # (side, 2 reach + 1)
    matrix = np.zeros((side, side))
    np.add.at(matrix, (np.arange(side)[:, None], seen), kernel / kernel.sum())
    return matrix.astype(np.float32)
