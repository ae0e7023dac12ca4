"""Doubts about labels: by how much the other images of a sample contradict each one.

The classifier is a ridge regression on one-hot labels, whose predictions without each image (leave-one-out) follow from
one fit: (f(x_i) - h_ii y_i) / (1 - h_ii) with the hat matrix h. It needs no training and no choice but its RIDGE.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.types import Images, Labels

Floats = NDArray[np.float64]

RIDGE = 3.0  # chosen on other seeds than those of docs/results.md
ORIENTATIONS = 9  # of edges, unsigned
CELLS = 4  # a side, for histograms of edges
POOLED = 8  # pixels a side


@dataclass(frozen=True)
class Doubts:
    """Of n labelled images: the ``margin`` (n,) by which the best ``other`` class (n,) beats the image's own."""

    margin: Floats
    other: Labels


def doubts(features: Sequence[Floats], labels: Labels, classes: int) -> Doubts:
    """Return the doubts about ``labels`` (n,), all at least 0, from one or several ``features`` (n, f) of the images,
    whose predictions add up. Images without similar ones get no doubt."""
    n = len(labels)
    if n < 3 or classes < 2:
        return Doubts(np.full(n, -np.inf), labels.copy())
    scores = sum((leave_one_out(each, labels, classes) for each in features), start=np.zeros((n, classes)))
    rows = np.arange(n)
    own = scores[rows, labels]
    scores[rows, labels] = -np.inf
    return Doubts(scores.max(axis=1) - own, scores.argmax(axis=1))


def leave_one_out(features: Floats, labels: Labels, classes: int) -> Floats:
    """Return the scores (n, K) of each image's classes by a ridge regression on the other images."""
    x = features - features.mean(axis=0)
    x = x / np.linalg.norm(x, axis=1, keepdims=True).clip(min=1e-9)
    y = np.eye(classes)[labels]
    y = y - y.mean(axis=0)
    if x.shape[1] <= len(x):
        inverse = np.linalg.inv(x.T @ x + RIDGE * np.eye(x.shape[1]))
        fitted, leverage = x @ (inverse @ (x.T @ y)), ((x @ inverse) * x).sum(axis=1)
    else:  # the same by the kernel, which is smaller
        kernel = x @ x.T
        hat = kernel @ np.linalg.inv(kernel + RIDGE * np.eye(len(x)))
        fitted, leverage = hat @ y, np.diag(hat)
    scores: Floats = (fitted - leverage[:, None] * y) / (1 - leverage[:, None])
    return scores


def image_features(images: Images) -> list[Floats]:
    """Return features of images (n, H, W, C) uint8 that need no network: their edges by orientation and their colours
    at low resolution."""
    x = images.astype(np.float32) / 255
    return [_edges(x.mean(axis=3)), _flat(_pooled(x, POOLED))]


def _edges(grey: NDArray[np.float32]) -> Floats:
    """Return histograms of the orientations of edges in CELLS x CELLS cells of images (n, H, W)."""
    down, across = np.gradient(grey, axis=(1, 2))
    strength, angle = np.hypot(across, down), np.arctan2(down, across) % np.pi
    position = angle * (ORIENTATIONS / np.pi)
    low = np.floor(position)
    upper = position - low  # the share of the next orientation
    planes = [
        strength * ((low % ORIENTATIONS == k) * (1 - upper) + ((low + 1) % ORIENTATIONS == k) * upper)
        for k in range(ORIENTATIONS)
    ]
    cells = _pooled(np.stack(planes, axis=-1), CELLS)
    cells /= np.sqrt((cells**2).sum(axis=-1, keepdims=True)) + 1e-2
    return _flat(cells)


def _flat(values: Floats) -> Floats:
    """Return (n, ...) as (n, f)."""
    return values.reshape(len(values), int(np.prod(values.shape[1:])))


def _pooled(images: NDArray[np.floating[Any]], side: int) -> Floats:
    """Return means (n, side, side, C) of equal parts of images (n, H, W, C), H and W at least ``side``."""
    n, height, width, channels = images.shape
    rows, columns = height // side, width // side
    parts = images[:, : rows * side, : columns * side].reshape(n, side, rows, side, columns, channels)
    means: Floats = parts.mean(axis=(2, 4), dtype=np.float64)
    return means
