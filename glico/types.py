"""Arrays by what they hold: their shapes, which NumPy's types do not say."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]  # (n, H, W, C), C = 1 grey or 3 RGB
Labels = NDArray[np.int64]  # (n,), -1 for unlabelled
Codes = NDArray[np.float32]  # (n, d), rows on the unit sphere
Layout = NDArray[np.float32]  # (n, 2) or (n, 3): where points are drawn
Floats = NDArray[np.float32]
Numbers = Any  # an array, or a tensor on the CPU

Split = Literal["train", "test"]  # of a data set

Progress = Callable[[float, str], None]  # receives the finished fraction in [0, 1] and the name of the stage
