"""Measures of how well the codes form classes: in the original space, by true label, not in a projection.

A projection can show clusters that are not there, and hide those that are. These numbers keep it honest. Every measure
is a mean over images, so that resampling the images gives an interval (bootstrap, with neighbourhoods fixed), and two
checkpoints of one sample are compared image by image.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.latent.neighbours import greatest_others
from glico.rows import evenly_spaced
from glico.types import Codes, Labels

Values = NDArray[np.float64]  # (n,), one value per image, NaN if it has none

MEASURES = {
    "silhouette": "silhouette by class, cosine distance: 1 apart, 0 mixed",
    "purity": "share of an image's nearest neighbours (5, or as many as its class has others) that have its class",
    "within": "mean angle between images of one class, in degrees",
    "between": "mean angle between images of different classes, in degrees",
}
NEIGHBOURS = 5
ANCHORS = 4000  # images: of more, this many are measured, each against all others
PAIRS = 120_000_000  # of more images than 30,000, fewer are measured, so that this many distances suffice
ROWS = 512  # rows of the distance matrix in memory, fewer if they are long
HELD = 2**24  # values of the distance matrix in memory


@dataclass(frozen=True)
class BootstrapEstimate:
    """A mean over images with its bootstrap interval; all NaN if no image has a value."""

    value: float
    low: float
    high: float


def per_image(codes: Codes, labels: Labels, neighbours: int = NEIGHBOURS) -> dict[str, Values]:
    """Compute MEASURES of every labelled image against all other labelled ones.

    If there are more than ANCHORS images, evenly spaced ones are measured: the same for two checkpoints of one sample.
    PAIRS bounds the work, whatever the number of images and classes. A value is NaN if it is undefined: a class
    of one image, a single class.
    """
    codes, labels = codes[labels >= 0], labels[labels >= 0]
    count = len(codes)
    measured = min(count, ANCHORS, max(100, PAIRS // max(1, count)))
    sample = evenly_spaced(count, measured)
    order = np.argsort(labels, kind="stable")
    codes, labels = codes[order], labels[order]  # class after class
    sample = np.argsort(order)[sample]
    _, starts, member, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    values: dict[str, list[NDArray[Any]]] = {name: [] for name in MEASURES}
    step = max(1, min(ROWS, HELD // max(1, count)))
    for start in range(0, len(sample), step):
        rows = sample[start : start + step]
        cosine = np.clip(codes[rows] @ codes.T, -1, 1)  # (B, n)
        own, at = member[rows], np.arange(len(rows))
        others = np.tile(sizes, (len(rows), 1))  # (B, K)
        others[at, own] -= 1  # the image itself is no neighbour
        distance, angle = 1 - cosine, np.degrees(np.arccos(cosine))
        for matrix in (distance, angle):
            matrix[at, rows] = 0
        with np.errstate(invalid="ignore", divide="ignore"):
            mean_distance = np.add.reduceat(distance, starts, axis=1, dtype=np.float64) / others
            total_angle = np.add.reduceat(angle, starts, axis=1, dtype=np.float64)
            within = total_angle[at, own] / others[at, own]
            between = (total_angle.sum(axis=1) - total_angle[at, own]) / (count - sizes[own])
        values["within"].append(within)
        values["between"].append(between)
        values["silhouette"].append(_silhouette(mean_distance, own))
        values["purity"].append(_purity(cosine, rows, own, member, neighbours))
    return {name: np.concatenate(parts).astype(np.float64) if parts else np.empty(0) for name, parts in values.items()}


def bootstrap(
    values: Values, rng: np.random.Generator, resamples: int = 1000, confidence: float = 0.95
) -> BootstrapEstimate:
    """Return the mean of the finite ``values``, with the percentile interval of its bootstrap."""
    values = values[np.isfinite(values)]
    if not len(values):
        return BootstrapEstimate(np.nan, np.nan, np.nan)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(resamples)]
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return BootstrapEstimate(float(values.mean()), float(low), float(high))


def structure(measured: dict[str, Values], seed: int = 0) -> dict[str, BootstrapEstimate]:
    """Return the mean of each measure of :func:`per_image`, with its interval."""
    return {name: bootstrap(values, np.random.default_rng(seed)) for name, values in measured.items()}


def differences(
    measured: dict[str, Values], reference: dict[str, Values], seed: int = 0
) -> dict[str, BootstrapEstimate]:
    """Return ``measured`` − ``reference`` of two checkpoints of one sample, paired by image."""
    return {name: bootstrap(values - reference[name], np.random.default_rng(seed)) for name, values in measured.items()}


def trustworthiness(codes: Codes, layout: NDArray[np.float32], neighbours: int = NEIGHBOURS) -> float:
    """Return the trustworthiness of a layout, 0 to 1: Venna and Kaski (2001), Eq. (1), by angle.

    A neighbour in the layout costs the excess of its rank among the codes over ``neighbours``. If there are more than
    ANCHORS // 4 points, evenly spaced ones are measured. ``neighbours`` is at most a third of the points.
    """
    count = len(codes)
    neighbours = min(neighbours, max(1, (count - 1) // 3))
    if count <= neighbours + 1:
        return 1.0
    sample = evenly_spaced(count, ANCHORS // 4)
    squares = (layout**2).sum(axis=1)
    penalty = 0.0
    for start in range(0, len(sample), ROWS):
        rows = sample[start : start + ROWS]
        near = greatest_others(2 * layout[rows] @ layout.T - squares, rows, neighbours)  # (B, k)
        cosine = codes[rows] @ codes.T
        cosine[np.arange(len(rows)), rows] = np.inf
        order = np.argsort(-cosine, axis=1, kind="stable")  # the point itself first
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(count)[None], axis=1)
        penalty += np.maximum(0, np.take_along_axis(ranks, near.astype(np.int64), axis=1) - neighbours).sum()
    worst = len(sample) * neighbours * (2 * count - 3 * neighbours - 1) / 2
    return float(1 - penalty / worst)


def _silhouette(mean_distance: Values, own: NDArray[np.int64]) -> Values:
    """Rousseeuw's (b - a) / max(a, b) from the mean distances (B, K) to each class; 0 for a class of one image."""
    at = np.arange(len(own))
    inside = mean_distance[at, own]
    outside = mean_distance.copy()
    outside[at, own] = np.inf
    nearest_class = outside.min(axis=1)
    with np.errstate(invalid="ignore"):
        value = (nearest_class - inside) / np.maximum(inside, nearest_class)
    value = np.where(np.isnan(inside), 0, value)
    return np.where(np.isinf(nearest_class), np.nan, value)


def _purity(
    cosine: NDArray[np.float32], rows: NDArray[np.int64], own: NDArray[np.int64], member: NDArray[np.int64], k: int
) -> Values:
    if cosine.shape[1] < 2:
        return np.full(len(rows), np.nan)
    others = np.bincount(member)[own] - 1  # (B,) of the class: a class of three has fewer than five neighbours
    counted = np.arange(min(k, cosine.shape[1] - 1)) < others[:, None]  # (B, k)
    same = member[greatest_others(cosine, rows, counted.shape[1])] == own[:, None]
    with np.errstate(invalid="ignore"):
        return (same & counted).sum(axis=1) / counted.sum(axis=1)
