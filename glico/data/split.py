"""The fixed test part of data that brings none."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glico.config import DataConfig
from glico.data.dataset import Labels

TEST_FRACTION: float = DataConfig.model_fields["test_fraction"].default


def held_out_of_sample(indices: Labels, labels: Labels, seed: int, fraction: float) -> NDArray[np.bool_]:
    """(n,) True where a row of a small sample is held out: a share of each class that ``seed`` names by the images'
    ``indices`` (n,) in the data set; never one without a label (-1)."""
    held = np.zeros(len(labels), dtype=bool)
    labelled = np.flatnonzero(labels >= 0)
    keys = [f"{seed}/{index}" for index in indices[labelled].tolist()]
    held[labelled] = held_out(keys, labels[labelled], fraction)
    return held


def held_out(keys: Sequence[str], labels: Labels, fraction: float) -> NDArray[np.bool_]:
    """(n,) True where an image belongs to the test part: of each class, the share whose keys hash lowest.

    No seed enters, so every sample of the data is tested on the same images, on every machine, and an image that is
    added later moves at most one other of its class across. At least one image of a class is held out and at least
    one is left, unless the class has one image only or ``fraction`` is 0.
    """
    mask = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label).tolist()
        members.sort(key=lambda index: hashlib.sha256(keys[index].encode("utf-8", "surrogatepass")).digest())
        count = min(max(round(fraction * len(members)), 1), len(members) - 1) if fraction > 0 else 0
        mask[members[:count]] = True
    return mask
