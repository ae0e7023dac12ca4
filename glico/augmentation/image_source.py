"""New images of chosen classes from any file with a generator: a checkpoint's latent space, or a DCGAN."""

import os
from typing import Protocol

import torch
from torch import Tensor

from glico.augmentation.latent_sampler import LatentSampler
from glico.checkpoints import dcgan
from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.dcgan import DcganFile
from glico.checkpoints.finite import check_finite
from glico.checkpoints.tensor_file import format_of
from glico.config import DataConfig

CHUNK = 256  # images generated at once


class ImageSource(Protocol):
    """Generates images; ``name`` says which method it is, and ``config`` what it learned from."""

    @property
    def name(self) -> str: ...

    @property
    def config(self) -> DataConfig: ...

    @property
    def class_names(self) -> tuple[str, ...]: ...

    @property
    def image_shape(self) -> tuple[int, int, int]: ...

    @property
    def drawable(self) -> tuple[str, ...]:
        """The names of the classes that it can generate."""

    def generate(self, labels: Tensor, rng: torch.Generator) -> Tensor:
        """Return an image of each label (k,), as (k, C, H, W) float32 in [0, 1] on the CPU; ``rng`` is on the CPU."""


class LatentSource:
    """Section IV-B: a code of the class, sampled uniformly, and a step from it towards another one."""

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self.config, self.name = checkpoint.config, checkpoint.config.objective.upper()
        self.class_names, self.image_shape = checkpoint.class_names, checkpoint.image_shape
        self.sampler = LatentSampler.from_checkpoint(checkpoint, device=device)
        sizes = self.sampler.pairs.sizes.tolist()  # of the classes up to the last that has an image
        self.drawable = tuple(name for name, size in zip(self.class_names, sizes, strict=False) if size)

    def generate(self, labels: Tensor, rng: torch.Generator) -> Tensor:
        return check_finite(
            self.sampler.sample(self.sampler.pairs.of_classes(labels, rng), rng).images.cpu(), "generator"
        )


class DcganSource:
    """The conditional DCGAN: an image of the class from noise."""

    name = "DCGAN"

    def __init__(self, file: DcganFile, device: torch.device) -> None:
        self.config, self.class_names, self.image_shape = file.config, file.class_names, file.image_shape
        self.network, self.device = file.network(device), device
        self.drawable = self.class_names

    @torch.no_grad()
    def generate(self, labels: Tensor, rng: torch.Generator) -> Tensor:
        parts = labels.split(CHUNK)
        images = [self.network.generate(part.to(self.device), rng).float().cpu() for part in parts]
        return check_finite(torch.cat(images), "generator")


def open_source(path: str | os.PathLike[str], device: torch.device) -> ImageSource:
    """Return the generator in a file, ready on ``device``. Raises GlicoError if it is not a file with one."""
    if format_of(path) == dcgan.FORMAT:
        return DcganSource(DcganFile.load(path), device)
    return LatentSource(Checkpoint.load(path), device)
