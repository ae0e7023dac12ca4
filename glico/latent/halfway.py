"""Images halfway along a path between two of a class: double exposures, copies, or new and sharp."""

from collections.abc import Callable
from math import nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glico.latent.distances import CHUNK, fine_detail, nearest_in_pixels, pixel_distance
from glico.latent.double_exposure import double_exposure, local_double_exposure
from glico.latent.paths import slerp
from glico.latent.shrinking import shrunk
from glico.pixels import to_uint8
from glico.rows import evenly_spaced
from glico.types import Floats, Images, Numbers

PAIRS = 64  # of images: of more, this many have their halfway images measured
COMPARED = 500  # reconstructions: of more, the nearest is searched among this many

Decode = Callable[[Any], Numbers]  # codes (B, d) -> images (B, C, H, W) in [0, 1]
Pairs = NDArray[np.int64]  # (P, 2): rows of two images of one class


class Halfway(NamedTuple):
    """Means over halfway images; NaN without a path.

    ``from_mean`` is :func:`off_cross_dissolve`; ``from_nearest`` the distance from the nearest reconstruction, in the
    same units; ``sharpness``, ``double_exposure`` and ``local_double_exposure`` are the functions of these names.
    """

    from_mean: float
    from_nearest: float
    sharpness: float
    double_exposure: float
    local_double_exposure: float


def off_cross_dissolve(start: Numbers, halfway: Numbers, end: Numbers) -> Floats:
    """Return the distance (B,) of a path's halfway image from the pixel mean of its ends, relative to the ends'
    distance.

    Images are (B, C, H, W). A cross-dissolve has 0; the ends themselves have 0.5. NaN if the ends are one image.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return pixel_distance(halfway, (start + end) / 2) / pixel_distance(start, end)


def sharpness(start: Numbers, halfway: Numbers, end: Numbers) -> Floats:
    """Return the fine detail of a path's halfway image relative to its ends': (B,), from images (B, C, H, W).

    1 is as sharp as the ends; a double exposure of unrelated images has about 0.75.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return 2 * fine_detail(halfway) / (fine_detail(start) + fine_detail(end))


def class_pairs(labels: Numbers, most: int = PAIRS) -> Pairs:
    """Pair each image with the next of its class; at most ``most`` pairs, evenly spaced; labels (n,), -1 for none."""
    labels = np.asarray(labels)
    order = labels.argsort(kind="stable")
    pairs = np.stack([order[:-1], order[1:]], axis=1)
    pairs = pairs[(labels[pairs[:, 0]] == labels[pairs[:, 1]]) & (labels[pairs[:, 0]] >= 0)]
    return pairs[evenly_spaced(len(pairs), most)]


def measure_halfway(start: Numbers, middle: Numbers, end: Numbers, others: Images) -> Halfway:
    """Measure halfway images (P, C, H, W) between ``start`` and ``end``; ``others`` (n, H, W, C) uint8 may be near."""
    start, middle, end = (np.asarray(each) for each in (start, middle, end))
    if not len(start):
        return Halfway(*[nan] * len(Halfway._fields))
    with np.errstate(invalid="ignore", divide="ignore"):
        near = nearest_in_pixels(middle, others)[1] / pixel_distance(shrunk(start), shrunk(end))
    measured = (
        off_cross_dissolve(start, middle, end),
        near,
        sharpness(start, middle, end),
        double_exposure(start, middle, end),
        local_double_exposure(start, middle, end),
    )
    return Halfway(*(_mean(values) for values in measured))


def halfway(decode: Decode, codes: Numbers, labels: Numbers) -> Halfway:
    """Measure slerp halfway between the :func:`class_pairs` of ``codes`` (n, d) on the sphere."""
    pairs = class_pairs(labels)
    if not len(pairs):
        return Halfway(*[nan] * len(Halfway._fields))
    a, b = codes[pairs[:, 0]], codes[pairs[:, 1]]
    return measure_halfway(decode(a), decode(slerp(a, b, 0.5)), decode(b), reconstructions(decode, codes))


def reconstructions(decode: Decode, codes: Numbers) -> Images:
    """Return the images (m, H, W, C) uint8 of at most COMPARED evenly spaced ``codes`` (n, d)."""
    few = codes[evenly_spaced(len(codes), COMPARED)]
    return np.concatenate([to_uint8(decode(few[start : start + CHUNK])) for start in range(0, len(few), CHUNK)])


def _mean(values: Floats) -> float:
    """Return the mean of the numbers among ``values``; NaN if there are none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else nan
