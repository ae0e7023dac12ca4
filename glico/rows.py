"""Choosing rows of an array."""

import numpy as np
from numpy.typing import NDArray


def evenly_spaced(count: int, most: int) -> NDArray[np.int64]:
    """Return at most ``most`` of the rows 0 … count - 1, evenly spaced, with the first and the last, ascending."""
    chosen = min(count, most)
    return np.arange(chosen) * (count - 1) // max(1, chosen - 1)
