"""The sample's images as those that new images are made from: perhaps augmented first."""

from dataclasses import dataclass

import torch
from torch import Tensor

from glico.augmentation.batch import Replace


@dataclass(frozen=True)
class Sources:
    """The sample ``images`` (n, C, H, W) uint8, and the ``steps`` that change the drawn ones, one after the other."""

    images: Tensor
    steps: tuple[Replace, ...] = ()

    def real(self, rows: Tensor) -> Tensor:
        """Return the images of ``rows`` (k,) as they are: (k, C, H, W) float32 in [0, 1]."""
        return self.images[rows.to(self.images.device, non_blocking=True)].float() / 255

    def augmented(self, rows: Tensor, rng: torch.Generator) -> Tensor:
        """Return the images of ``rows`` (k,), each augmented by itself: (k, C, H, W) float32 in [0, 1]."""
        images = self.real(rows)
        for step in self.steps:
            images = step.images(images, rng)
        return images
