"""The standard augmentation of every experiment (section IV-C): random crop after padding, horizontal flip."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.augmentation.batch import Batch, Setting, Step

PADDING = 1 / 8  # of the side: 4 of 32 pixels, the authors' code
INSIDE = 7 / 8


@dataclass(frozen=True)
class CropAndFlip:
    """Crop at a random place, mirror every other image if ``flip``: one gather for the batch.

    Images are padded with black and keep their size, or are cropped ``inside``: to 7/8 of their side, unpadded.
    """

    flip: bool
    inside: bool = False

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        batch.images = self.images(batch.images, generator)
        return batch

    def images(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """(B, C, R, R) -> (B, C, S, S)."""
        count, resolution = len(images), images.shape[-1]
        padding = 0 if self.inside else max(1, round(PADDING * resolution))
        side = cropped_side(resolution) if self.inside else resolution
        device = generator.device
        corner = torch.randint(0, resolution + 2 * padding - side + 1, (2, count), generator=generator, device=device)
        mirrored = torch.rand(count, generator=generator, device=device) < (0.5 if self.flip else 0.0)
        return cropped(images, corner[0], corner[1], mirrored, padding, side)


def crop_and_flip(setting: Setting) -> Step:
    """The crops and flips that suit the data set."""
    return CropAndFlip(setting.flip, setting.inside)


def cropped_side(resolution: int) -> int:
    """The side of a crop from inside: 224 of 256 pixels (section IV-C, CUB-200)."""
    return round(INSIDE * resolution)


def cropped(images: Tensor, top: Tensor, left: Tensor, mirrored: Tensor, padding: int, side: int) -> Tensor:
    """Crop ``images`` (B, C, R, R), padded with zeros, to ``side`` at ``top``, ``left`` (B,); then mirror where
    ``mirrored``."""
    along = torch.arange(side, device=left.device)
    rows = top[:, None] + along  # (B, S)
    columns = left[:, None] + torch.where(mirrored[:, None], along.flip(0), along)  # (B, S)
    rows, columns = (places.to(images.device, non_blocking=True) for places in (rows, columns))
    image = torch.arange(len(images), device=images.device)[:, None, None]
    padded = F.pad(images, [padding] * 4).permute(0, 2, 3, 1)
    return padded[image, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
