"""The results of a search for codes. Imports no PyTorch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glico.checkpoints.opened import OpenCheckpoint
from glico.latent.neighbours import nearest_known
from glico.types import Codes, Floats, Labels

STEPS = 90  # of a search, by default
NEIGHBOURS = 5
KEY = "training_errors"  # in a checkpoint's summary


@dataclass(frozen=True)
class Encoding:
    """The encoding of B images.

    ``codes`` (B, d) are on the unit sphere; ``generated`` (B, C, H, W) in [0, 1] are the images of these codes.
    ``errors`` (B,) are by the checkpoint's reconstruction loss; ``residuals`` (B,) are the same as shares of the error
    of a plain image of the mean colour. ``percentiles`` (B,) are the shares of training images with a smaller error,
    NaN if their errors are unknown; ``out_of_range`` (B,) bool marks images that the generator cannot reproduce.
    ``neighbours`` (B, k) are the rows of the nearest training images by angle, ``angles`` (B, k) in degrees.
    ``probabilities`` (B, K) are the weak classifier's for the generated images, None for GLO. ``trace`` (T, B, d) holds
    the best codes of every step, for a film of how they form.
    """

    codes: Codes
    generated: Floats
    errors: Floats
    residuals: Floats
    percentiles: Floats
    out_of_range: NDArray[np.bool_]
    neighbours: Labels
    angles: Floats
    probabilities: Floats | None
    trace: Floats


@dataclass(frozen=True)
class Generalisation:
    """Measures of how well unseen images fit into the latent space.

    The accuracies are those of their nearest training images' classes, by codes and, to compare, by pixels (NaN without
    images). The median errors are those of the unseen images and of the training images (NaN if unknown).
    """

    code_accuracy: float
    pixel_accuracy: float
    median_error: float
    median_training_error: float


def encoding_of(checkpoint: OpenCheckpoint, codes: Codes) -> Encoding:
    """Return the encoding of the images that the checkpoint generates from ``codes`` (B, d): these codes, without an
    error."""
    generated = checkpoint.decode(codes)
    neighbours, angles = nearest_known(checkpoint.space.codes, codes, NEIGHBOURS)
    none = np.zeros(len(codes), np.float32)
    return Encoding(
        codes=codes,
        generated=generated,
        errors=none,
        residuals=none,
        percentiles=none,
        out_of_range=none > 0,
        neighbours=neighbours,
        angles=angles,
        probabilities=checkpoint.probabilities(generated, codes),
        trace=codes[None],
    )


def vote(neighbours: Labels, labels: Labels) -> Labels:
    """Return the class of most of the labelled neighbours (B, k), the nearest one's if tied: (B,), -1 for none."""
    classes = np.full(len(neighbours), -1, dtype=np.int64)
    for row, near in enumerate(labels[neighbours].tolist()):
        own = [label for label in near if label >= 0]
        classes[row] = max(own, key=lambda label: (own.count(label), -own.index(label))) if own else -1
    return classes
