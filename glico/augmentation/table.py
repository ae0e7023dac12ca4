"""The augmentation methods by name, each a sequence of steps over a batch."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from glico.augmentation.batch import Batch, Operation, Replace, Step
from glico.augmentation.erasing import Cutout, RandomErasing
from glico.augmentation.latent_draws import LatentDraws, LatentSampler
from glico.augmentation.mixing import CutMix, Mixup
from glico.augmentation.policies import ByPolicy, auto_augment, rand_augment, trivial_augment
from glico.augmentation.standard import CropAndFlip
from glico.config import ClassifyConfig
from glico.errors import GlicoError


@dataclass(frozen=True)
class Setting:
    """What steps are made from: the configuration, whether to flip, the sample's mean colour (C,), the latent sampler
    for the methods that draw, and whether crops are from inside the image."""

    config: ClassifyConfig
    flip: bool
    mean_colour: Tensor
    sampler: LatentSampler | None = None
    inside: bool = False


def _standard(setting: Setting) -> Step:
    return CropAndFlip(setting.flip, setting.inside)


def _replaced(operation: Operation, setting: Setting) -> Step:
    return Replace(operation, setting.config.replace_probability)


def _latent(setting: Setting) -> Step:
    if setting.sampler is None:
        raise GlicoError("Drawing from the latent space needs a checkpoint with a generator.")
    return LatentDraws(setting.sampler, setting.config.replace_probability, setting.config.least_confidence)


def _mixup(setting: Setting) -> Step:
    return Mixup(setting.config.mix_alpha, setting.config.replace_probability)


def _cutmix(setting: Setting) -> Step:
    return CutMix(setting.config.mix_alpha, setting.config.replace_probability)


# Drawn images come first, so that they are cropped and flipped like true ones ("in all the experiments", section IV-C).
AUGMENTATIONS: dict[str, Callable[[Setting], tuple[Step, ...]]] = {
    "none": lambda s: (),
    "standard": lambda s: (_standard(s),),
    "cutout": lambda s: (_standard(s), _replaced(Cutout(s.config.cutout_side, s.mean_colour), s)),
    "random-erasing": lambda s: (_standard(s), _replaced(RandomErasing(s.mean_colour), s)),
    "mixup": lambda s: (_standard(s), _mixup(s)),
    "cutmix": lambda s: (_standard(s), _cutmix(s)),
    "autoaugment": lambda s: (_standard(s), _replaced(ByPolicy(auto_augment), s)),
    "randaugment": lambda s: (_standard(s), _replaced(ByPolicy(rand_augment), s)),
    "trivialaugment": lambda s: (_standard(s), _replaced(ByPolicy(trivial_augment), s)),
    "glico": lambda s: (_latent(s), _standard(s)),
    "glico+autoaugment": lambda s: (_latent(s), _standard(s), _replaced(ByPolicy(auto_augment), s)),
}


class Augmentation:
    """The method that ``setting.config`` names: a batch in, the augmented batch out."""

    def __init__(self, setting: Setting) -> None:
        self.steps = AUGMENTATIONS[setting.config.augmentation](setting)

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        for step in self.steps:
            batch = step(batch, generator)
        return batch
