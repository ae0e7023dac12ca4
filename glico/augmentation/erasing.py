"""Parts of images painted over: Cutout [12] and Random Erasing [13]."""

from dataclasses import dataclass

import torch
from torch import Tensor

from glico.augmentation.batch import Replace, Step
from glico.augmentation.masks import paint, rectangle
from glico.augmentation.step_context import StepContext

ERASED_AREA = (0.02, 0.33)  # [13], also the authors' code
ERASED_RATIO = (0.3, 3.3)
ATTEMPTS = 10  # rectangles that are tried until one fits


@dataclass(frozen=True)
class Cutout:
    """Cutout [12]: a square of ``side`` (fraction of the image's), centred anywhere, becomes the mean colour.

    Like the original it may reach over the edge, so that parts of it fall outside. ``fill`` is (C,).
    """

    side: float
    fill: Tensor

    def __call__(self, images: Tensor, rng: torch.Generator) -> Tensor:
        count, _, height, width = images.shape
        length = max(1, round(self.side * height))
        device = rng.device
        centre = torch.rand(2, count, generator=rng, device=device)
        top = (centre[0] * height).long() - length // 2
        left = (centre[1] * width).long() - length // 2
        extent = torch.full((count,), length, device=device)
        return paint(images, rectangle(top, left, extent, extent, height, width), self.fill)


@dataclass(frozen=True)
class RandomErasing:
    """Random Erasing [13]: a rectangle of random area, ratio and position becomes the mean colour, ``fill`` (C,).

    The mean colour is the authors' code's choice (value 0 after standardising).
    """

    fill: Tensor

    def __call__(self, images: Tensor, rng: torch.Generator) -> Tensor:
        count, _, height, width = images.shape
        device = rng.device
        area, ratio = torch.rand(2, count, ATTEMPTS, generator=rng, device=device)
        area = height * width * (ERASED_AREA[0] + (ERASED_AREA[1] - ERASED_AREA[0]) * area)
        low, high = torch.tensor(ERASED_RATIO, device=device).log()
        ratio = (low + (high - low) * ratio).exp()
        high_side = (area * ratio).sqrt().round()
        wide_side = (area / ratio).sqrt().round()
        fits = (high_side < height) & (wide_side < width)
        first = fits.int().argmax(dim=1, keepdim=True)  # 0 if none fits
        h, w = (side.gather(1, first).squeeze(1).long() * fits.any(dim=1) for side in (high_side, wide_side))
        corner = torch.rand(2, count, generator=rng, device=device)
        top = (corner[0] * (height - h + 1)).long()
        left = (corner[1] * (width - w + 1)).long()
        return paint(images, rectangle(top, left, h, w, height, width), self.fill)


def cutout(context: StepContext) -> Step:
    """Cutout of each image with the configured probability."""
    return Replace(Cutout(context.config.cutout_side, context.mean_colour), context.config.replace_probability)


def random_erasing(context: StepContext) -> Step:
    """Random Erasing of each image with the configured probability."""
    return Replace(RandomErasing(context.mean_colour), context.config.replace_probability)
