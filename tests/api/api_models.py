"""Models small enough to be fitted for a test."""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glico.api.estimator import GLICO

TINY = {"generator_width": 4, "noise_dimension": 4, "snapshots": 2}


class Squares(NamedTuple):
    """Images (12, 16, 16, 1) uint8 of three classes, and their labels (12,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


def tiny(**parameters: object) -> GLICO:
    """An estimator whose training takes a fraction of a second."""
    values: dict[str, object] = {"steps": 4, "dimension": 8, "device": "cpu", "options": TINY}
    return GLICO(**values | parameters)  # type: ignore[arg-type]


def fitted(images: object, labels: object, **parameters: object) -> GLICO:
    """A tiny model of these images. It has hardly learned anything, and its warnings say so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tiny(**parameters).fit(images, labels)  # type: ignore[arg-type]
