"""The context that a step of an augmentation is made from."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from glico.augmentation.batch import Replace, Step
from glico.augmentation.latent_sampler import LatentSampler
from glico.config import ClassifyConfig


@dataclass(frozen=True)
class Crop:
    """The crops that suit the data set: whether they are mirrored, and whether they stay inside the image, without
    padding."""

    flip: bool
    inside: bool = False


@dataclass(frozen=True)
class StepContext:
    """The configuration and the sample of a classifier run.

    ``images`` (n, C, H, W) uint8 are the sample, ``labels`` (n,) its classes, with -1 for rows that are not learned
    from, and ``mean_colour`` is (C,). ``sampler`` is for the methods that generate images. ``sources`` augment the
    images that a pair is made from.
    """

    config: ClassifyConfig
    images: Tensor
    labels: Tensor
    mean_colour: Tensor
    crop: Crop
    sampler: LatentSampler | None = None
    sources: tuple[Replace, ...] = ()


StepFactory = Callable[[StepContext], Step]
"""The function that a step of a method names."""
