"""Two images of a class moved into each other by their fields and fused, without a generator; and its control.

The pairs and the values of t are those of latent sampling, as in :mod:`glico.augmentation.controls`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from glico.augmentation.controls import ClassJoin, joined
from glico.augmentation.step_context import StepContext
from glico.latent.morphs import sample_fields
from glico.latent.pairs import Pair, Pairs
from glico.morph.frames import Moving, moved


@dataclass(frozen=True)
class Morph:
    """The frame at t of the morph between the two images: ``moving`` holds the fields of the sample's rows."""

    moving: Moving

    def __call__(self, a: Tensor, b: Tensor, pair: Pair, rng: torch.Generator) -> Tensor:
        return moved(self.moving, torch.stack([a, b], dim=1), torch.stack([pair.i, pair.j], dim=1), pair.t)


@dataclass(frozen=True)
class Warp:
    """The same, but the two images are moved by the fields of two others of their class: nothing of them coincides."""

    moving: Moving
    pairs: Pairs

    def __call__(self, a: Tensor, b: Tensor, pair: Pair, rng: torch.Generator) -> Tensor:
        other = self.pairs.partners(pair.i, rng)
        fields = torch.stack([other, self.pairs.partners(other, rng)], dim=1)
        return moved(self.moving, torch.stack([a, b], dim=1), fields, pair.t)


def class_morph(context: StepContext) -> ClassJoin:
    """Return the step that computes the frame at t of the morph between the two images."""
    return joined(Morph(moving_of(context)), context)


def class_warp(context: StepContext) -> ClassJoin:
    """Return the control of :func:`class_morph`: the two images are moved by the fields of two others."""
    pairs = Pairs(context.labels, context.config.interpolation_factors, context.config.drawn_from)
    return joined(Warp(moving_of(context), pairs), context)


def moving_of(context: StepContext) -> Moving:
    """Return the fields of the sample: found from the labelled images alone, once, and kept on disk."""
    images = context.images.permute(0, 2, 3, 1).cpu().numpy()
    knots = sample_fields(images, context.labels.cpu().numpy())
    return Moving(knots.to(context.images.device), *context.images.shape[-2:])
