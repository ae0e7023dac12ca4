"""The codes of new images, with the error of each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glico.api.arrays import Photographs, photographs
from glico.checkpoints.checkpoint import Checkpoint
from glico.data.preparation import Preparation
from glico.latent.encode import Encoder
from glico.latent.encoded import STEPS
from glico.pixels import to_uint8
from glico.types import Images, Progress


@dataclass(frozen=True)
class Encoding:
    """The codes of B images, and how well the generator reproduces each image.

    Attributes:
        codes: (B, d) float32, on the unit sphere.
        reconstructions: (B, H, W, C) uint8, the images that the generator makes of the codes.
        errors: (B,) float32, by the reconstruction loss that the model was trained with.
        residuals: (B,) float32, the errors as shares of the error of a uniform image of the mean colour.
        percentiles: (B,) float32 in [0, 1], the share of training images with a smaller error; NaN if unknown.
        out_of_range: (B,) bool, True if the generator cannot reproduce the image.
        neighbours: (B, k) int64, rows of the nearest training images by angle, nearest first.
        angles: (B, k) float32, the angles to them in degrees.
        probabilities: (B, K) float32 by the weak classifier, for the reconstructions; None for GLO.
    """

    codes: NDArray[np.float32]
    reconstructions: Images
    errors: NDArray[np.float32]
    residuals: NDArray[np.float32]
    percentiles: NDArray[np.float32]
    out_of_range: NDArray[np.bool_]
    neighbours: NDArray[np.int64]
    angles: NDArray[np.float32]
    probabilities: NDArray[np.float32] | None

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.codes)

    def __repr__(self) -> str:
        """Say how many images there are and how many of them are out of range."""
        count = int(self.out_of_range.sum())
        return f"Encoding({len(self)} images, median error {np.median(self.errors):.4f}, {count} out of range)"


def encode_images(
    checkpoint: Checkpoint, images: Photographs, steps: int | None, seed: int, progress: Progress | None
) -> Encoding:
    """Find the codes of new ``images``; see :meth:`glico.GLICO.encode`."""
    prepared = photographs(images, Preparation.from_config(checkpoint.config, checkpoint.image_shape))

    def report(fraction: float, _: object) -> None:
        if progress is not None:
            progress(fraction, "searching codes")

    encoding = Encoder(checkpoint).encode(prepared, STEPS if steps is None else steps, seed, report)
    return Encoding(
        codes=encoding.codes,
        reconstructions=to_uint8(encoding.generated),
        errors=encoding.errors,
        residuals=encoding.residuals,
        percentiles=encoding.percentiles,
        out_of_range=encoding.out_of_range,
        neighbours=encoding.neighbours,
        angles=encoding.angles,
        probabilities=encoding.probabilities,
    )
