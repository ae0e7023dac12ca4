"""The batch that augmentations work on, and the rule of section IV-B: each image is replaced with a probability.

What is random is drawn on the random generator's own device. With a generator on the CPU every decision is known
to the host, so a GPU is never waited for (copies to it are ``non_blocking``), and the same seed decides the same on
every machine.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from glico.config import AUGMENTATIONS, ClassifyConfig

if TYPE_CHECKING:
    from glico.augmentation.latent_sampler import LatentSampler


@dataclass
class Batch:
    """``images`` (B, C, H, W) float in [0, 1], ``targets`` (B, K) class probabilities, ``indices`` (B,) their rows in
    the sample (on the random generator's device), ``generated`` (B,) bool: made by a generator or of two others,
    ``refused`` (B,) bool: true images that stayed because what was generated for them was rejected."""

    images: Tensor
    targets: Tensor
    indices: Tensor
    generated: Tensor
    refused: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.refused = torch.zeros_like(self.generated)


@dataclass(frozen=True)
class Setting:
    """What steps are made from: the configuration, the sample's ``images`` (n, C, H, W) uint8, its ``labels`` (n,) with
    -1 for rows that are not learned from and its mean colour (C,), whether to flip, the latent sampler for the methods
    that draw, and whether crops are from inside the image."""

    config: ClassifyConfig
    images: Tensor
    labels: Tensor
    mean_colour: Tensor
    flip: bool
    sampler: "LatentSampler | None" = None
    inside: bool = False


Step = Callable[[Batch, torch.Generator], Batch]
"""Changes a batch, which it may write on."""

Maker = Callable[[Setting], Step]
"""What an entry of the table names."""

Operation = Callable[[Tensor, torch.Generator], Tensor]
"""(k, C, H, W) images -> (k, C, H, W) augmented ones."""


def choose(count: int, probability: float, rng: torch.Generator) -> Tensor:
    """The rows of a batch of ``count`` images that are replaced, each independently: (k,) int64, ascending."""
    drawn = torch.rand(count, generator=rng, device=rng.device)
    return (drawn < probability).nonzero().squeeze(1)


@dataclass(frozen=True)
class Replace:
    """Section IV-B for the comparisons: each image is replaced with ``probability`` by its augmented image."""

    operation: Operation
    probability: float

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        chosen = choose(len(batch.images), self.probability, rng).to(batch.images.device, non_blocking=True)
        if len(chosen):
            batch.images[chosen] = self.operation(batch.images[chosen], rng)
        return batch


class Augmentation:
    """The method that ``setting.config`` names: a batch in, the augmented batch out."""

    def __init__(self, setting: Setting) -> None:
        self.steps = [maker(step)(setting) for step in AUGMENTATIONS[setting.config.augmentation].steps]

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        for step in self.steps:
            batch = step(batch, rng)
        return batch


def maker(step: str) -> Maker:
    """What makes the step that an entry of the table calls "module:function"."""
    module, function = step.split(":")
    made: Maker = getattr(import_module(f"glico.augmentation.{module}"), function)
    return made
