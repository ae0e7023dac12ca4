"""The positions of pixels, and the splines of a displacement field along one axis. Imports no PyTorch."""

import numpy as np
from numpy.typing import NDArray

KNOTS = 8  # along each side of a field
FARTHEST = 3.0  # half sides from the centre; positions beyond it see the same border pixels

Floats = NDArray[np.float32]


def centres(side: int) -> Floats:
    """Return the centres of an axis's pixels, in half sides from the image's centre: (side,)."""
    return (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side) * 2 - 1


def spline_basis(side: int, knots: int) -> Floats:
    """Return the splines of one axis at its pixel centres, (side, knots): linear for 2 knots, else uniform cubic."""
    along = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    if knots == 2:
        return np.stack([1 - along, along], axis=1)
    away = np.abs(along[:, None] * (knots - 3) - (np.arange(knots, dtype=np.float32) - 1))
    near = np.float32(2 / 3) - away**2 + away**3 / 2
    far = np.clip(2 - away, 0, None) ** 3 / 6
    return np.where(away < 1, near, far).astype(np.float32)
