"""The standard augmentation of every experiment (section IV-C): random crop after padding, horizontal flip."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.augmentation.batch import Batch
from glico.augmentation.step_context import StepContext

PADDING = 1 / 8  # of the side: 4 of 32 pixels, the authors' code
INSIDE = 7 / 8
AREA, RATIO = (0.875, 1.0), (3 / 4, 4 / 3)  # the authors' code, and torchvision's default
ATTEMPTS = 10  # crops that are tried until one fits, torchvision's


@dataclass(frozen=True)
class CropAndFlip:
    """Crop at a random position, mirror every other image if ``flip``: one gather for the batch.

    Images are padded with black and keep their size, or are cropped ``inside``: to 7/8 of their side, unpadded.
    """

    flip: bool
    inside: bool = False

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        batch.images = self.images(batch.images, rng)
        return batch

    def images(self, images: Tensor, rng: torch.Generator) -> Tensor:
        """(B, C, R, R) -> (B, C, S, S)."""
        count, resolution = len(images), images.shape[-1]
        padding = 0 if self.inside else max(1, round(PADDING * resolution))
        side = cropped_side(resolution) if self.inside else resolution
        device = rng.device
        corner = torch.randint(0, resolution + 2 * padding - side + 1, (2, count), generator=rng, device=device)
        mirrored = torch.rand(count, generator=rng, device=device) < (0.5 if self.flip else 0.0)
        return cropped(images, corner[0], corner[1], mirrored, padding, side)


@dataclass(frozen=True)
class ResizedCropAndFlip:
    """The authors' code for CUB-200: torchvision's RandomResizedCrop of AREA of the image, in shapes of RATIO, to 7/8
    of the side; mirrored every other time if ``flip``."""

    flip: bool

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        batch.images = self.images(batch.images, rng)
        return batch

    def images(self, images: Tensor, rng: torch.Generator) -> Tensor:
        """(B, C, R, R) -> (B, C, S, S)."""
        count, resolution = len(images), images.shape[-1]
        device = rng.device
        drawn = torch.rand(2, count, ATTEMPTS, generator=rng, device=device)
        area = AREA[0] + (AREA[1] - AREA[0]) * drawn[0]
        low, high = torch.tensor(RATIO, device=device).log()
        ratio = (low + (high - low) * drawn[1]).exp()
        shapes = torch.stack(
            [(area / ratio).sqrt(), (area * ratio).sqrt()]
        )  # (2, B, tries): h, w as shares of the side
        shapes = (shapes * resolution).round()
        fits = (shapes <= resolution).all(dim=0)  # (B, tries)
        first = fits.int().argmax(dim=1)
        size = shapes[:, torch.arange(count, device=device), first]  # (2, B)
        size = torch.where(fits.any(dim=1), size, resolution)  # the whole image where none fits
        corner = (torch.rand(2, count, generator=rng, device=device) * (resolution - size + 1)).floor()
        mirrored = torch.rand(count, generator=rng, device=device) < (0.5 if self.flip else 0.0)

        # From a square of [-1, 1] to the crop's: scale and shift of each axis, x first.
        scale, shift = size / resolution, (2 * corner + size) / resolution - 1
        matrix = torch.zeros(count, 2, 3, device=device)
        matrix[:, 0, 0] = torch.where(mirrored, -scale[1], scale[1])
        matrix[:, 1, 1] = scale[0]
        matrix[:, :, 2] = shift.flip(0).T
        side = cropped_side(resolution)
        grid = F.affine_grid(matrix, [count, 1, side, side], align_corners=False).to(images)
        return F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)


def crop_and_flip(context: StepContext) -> CropAndFlip | ResizedCropAndFlip:
    """Return the crops and flips that suit the data set, or that are configured."""
    if context.config.crop == "resized":
        return ResizedCropAndFlip(context.crop.flip)
    return CropAndFlip(context.crop.flip, context.crop.inside)


def cropped_side(resolution: int) -> int:
    """Return the side of a crop from inside: 224 of 256 pixels (section IV-C, CUB-200)."""
    return round(INSIDE * resolution)


def cropped(images: Tensor, top: Tensor, left: Tensor, mirrored: Tensor, padding: int, side: int) -> Tensor:
    """Crop ``images`` (B, C, R, R), padded with zeros, to ``side`` at ``top``, ``left`` (B,); then mirror where
    ``mirrored``."""
    along = torch.arange(side, device=left.device)
    rows = top[:, None] + along  # (B, S)
    columns = left[:, None] + torch.where(mirrored[:, None], along.flip(0), along)  # (B, S)
    rows, columns = (index.to(images.device, non_blocking=True) for index in (rows, columns))
    image = torch.arange(len(images), device=images.device)[:, None, None]
    padded = F.pad(images, [padding] * 4).permute(0, 2, 3, 1)
    return padded[image, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
