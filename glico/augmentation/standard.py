"""The standard augmentation of every experiment (section IV-C): random crop after padding, horizontal flip."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.augmentation.batch import Batch

PADDING = 1 / 8  # of the side: 4 of 32 pixels, the authors' code


@dataclass(frozen=True)
class CropAndFlip:
    """Pad with black, crop at a random place, mirror every other image if ``flip``: one gather for the batch."""

    flip: bool

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        count, side = len(batch.images), batch.images.shape[-1]
        padding = max(1, round(PADDING * side))
        device = generator.device
        corner = torch.randint(0, 2 * padding + 1, (2, count), generator=generator, device=device)
        mirrored = torch.rand(count, generator=generator, device=device) < (0.5 if self.flip else 0.0)
        batch.images = crop_and_flip(batch.images, corner[0], corner[1], mirrored, padding)
        return batch


def crop_and_flip(images: Tensor, top: Tensor, left: Tensor, mirrored: Tensor, padding: int) -> Tensor:
    """Crop ``images`` (B, C, H, W), padded with zeros, at ``top``, ``left`` (B,); then mirror where ``mirrored``."""
    _, _, height, width = images.shape
    along = torch.arange(width, device=left.device)
    rows = top[:, None] + torch.arange(height, device=top.device)  # (B, H)
    columns = left[:, None] + torch.where(mirrored[:, None], along.flip(0), along)  # (B, W)
    rows, columns = rows.to(images.device), columns.to(images.device)
    image = torch.arange(len(images), device=images.device)[:, None, None]
    padded = F.pad(images, [padding] * 4).permute(0, 2, 3, 1)
    return padded[image, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
