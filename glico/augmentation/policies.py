"""AutoAugment, RandAugment and TrivialAugment: which operation each image gets, how strong, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from glico.augmentation.batch import Replace, Step
from glico.augmentation.operations import OPERATIONS
from glico.augmentation.step_context import StepContext

NAMES = list(OPERATIONS)
IDENTITY = NAMES.index("Identity")

# The CIFAR-10 policy of AutoAugment [11], 25 pairs of (operation, probability, magnitude from 0 to 9).
CIFAR_POLICY = (
    (("Invert", 0.1, 0), ("Contrast", 0.2, 6)),
    (("Rotate", 0.7, 2), ("TranslateX", 0.3, 9)),
    (("Sharpness", 0.8, 1), ("Sharpness", 0.9, 3)),
    (("ShearY", 0.5, 8), ("TranslateY", 0.7, 9)),
    (("AutoContrast", 0.5, 0), ("Equalize", 0.9, 0)),
    (("ShearY", 0.2, 7), ("Posterize", 0.3, 7)),
    (("Color", 0.4, 3), ("Brightness", 0.6, 7)),
    (("Sharpness", 0.3, 9), ("Brightness", 0.7, 9)),
    (("Equalize", 0.6, 0), ("Equalize", 0.5, 0)),
    (("Contrast", 0.6, 7), ("Sharpness", 0.6, 5)),
    (("Color", 0.7, 7), ("TranslateX", 0.5, 8)),
    (("Equalize", 0.3, 0), ("AutoContrast", 0.4, 0)),
    (("TranslateY", 0.4, 3), ("Sharpness", 0.2, 6)),
    (("Brightness", 0.9, 6), ("Color", 0.2, 8)),
    (("Solarize", 0.5, 2), ("Invert", 0.0, 0)),
    (("Equalize", 0.2, 0), ("AutoContrast", 0.6, 0)),
    (("Equalize", 0.2, 0), ("Equalize", 0.6, 0)),
    (("Color", 0.9, 9), ("Equalize", 0.6, 0)),
    (("AutoContrast", 0.8, 0), ("Solarize", 0.2, 8)),
    (("Brightness", 0.1, 3), ("Color", 0.7, 0)),
    (("Solarize", 0.4, 5), ("AutoContrast", 0.9, 0)),
    (("TranslateY", 0.9, 9), ("TranslateY", 0.7, 9)),
    (("AutoContrast", 0.9, 0), ("Solarize", 0.8, 3)),
    (("Equalize", 0.8, 0), ("Invert", 0.1, 0)),
    (("TranslateY", 0.7, 9), ("AutoContrast", 0.9, 0)),
)


class Range(NamedTuple):
    """Magnitudes of an operation from the weakest to the strongest; ``signed`` ones change sign half of the time."""

    weakest: float
    strongest: float
    signed: bool
    whole: bool = False


Space = Mapping[str, Range]


def space(shear: float, translate: float, rotate: float, enhance: float, bits: int) -> Space:
    """Return the magnitudes of all operations that have one; ``bits`` are what posterising takes away at the most."""
    geometric = {"ShearX": shear, "ShearY": shear, "TranslateX": translate, "TranslateY": translate, "Rotate": rotate}
    enhancers = dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), enhance)
    signed = {name: Range(0, strongest, True) for name, strongest in (geometric | enhancers).items()}
    return signed | {"Posterize": Range(8, 8 - bits, False, whole=True), "Solarize": Range(1, 0, False)}


def usual_space(side: int) -> Space:
    """AutoAugment's and RandAugment's, as in torchvision."""
    return space(shear=0.3, translate=150 / 331 * side, rotate=30, enhance=0.9, bits=4)


def wide_space(side: int) -> Space:
    """TrivialAugment's "wide" one; its 32 pixels of translation are cut to the image's side."""
    return space(shear=0.99, translate=min(32, side), rotate=135, enhance=0.99, bits=6)


class Choice(NamedTuple):
    """The operations on each image: ``operation`` (k, s) indices into NAMES and ``magnitude`` (k, s), s in order."""

    operation: Tensor
    magnitude: Tensor


class Policy(Protocol):
    """Draws a choice for ``count`` images of ``side`` pixels."""

    def __call__(self, count: int, side: int, rng: torch.Generator) -> Choice: ...


def auto_augment(count: int, side: int, rng: torch.Generator) -> Choice:
    """AutoAugment [11], CIFAR policy: one pair per image, each operation with its own probability."""
    policy = torch.tensor([[(NAMES.index(name), p, level) for name, p, level in pair] for pair in CIFAR_POLICY])
    pair = torch.randint(0, len(CIFAR_POLICY), (count,), generator=rng, device=rng.device)
    name, probability, level = policy.to(pair.device)[pair].unbind(dim=2)  # (k, 2)
    happens = torch.rand(count, 2, generator=rng, device=pair.device) < probability
    operation = torch.where(happens, name.long(), IDENTITY)
    return Choice(operation, _magnitudes(usual_space(side), operation, level / 9, rng))


def rand_augment(count: int, side: int, rng: torch.Generator) -> Choice:
    """RandAugment (Cubuk et al., 2020): two operations per image at magnitude 9 of 30 (torchvision's defaults)."""
    operation = _any_operation((count, 2), rng)
    level = torch.full((count, 2), 9 / 30, device=operation.device)
    return Choice(operation, _magnitudes(usual_space(side), operation, level, rng))


def rand_augment_uniform(count: int, side: int, rng: torch.Generator) -> Choice:
    """RandAugment that samples a new uniform magnitude for each operation, as RandMSAugment does (arXiv 2311.16508)."""
    operation = _any_operation((count, 2), rng)
    level = torch.rand(count, 2, generator=rng, device=operation.device)
    return Choice(operation, _magnitudes(usual_space(side), operation, level, rng))


def trivial_augment(count: int, side: int, rng: torch.Generator) -> Choice:
    """TrivialAugment (Mueller and Hutter, 2021): one operation per image, its magnitude uniform over 31 levels."""
    operation = _any_operation((count, 1), rng)
    level = torch.randint(0, 31, (count, 1), generator=rng, device=operation.device) / 30
    return Choice(operation, _magnitudes(wide_space(side), operation, level, rng))


@dataclass(frozen=True)
class ByPolicy:
    """An augmentation of images (k, C, H, W): each gets the operations that ``policy`` draws for it."""

    policy: Policy

    def __call__(self, images: Tensor, rng: torch.Generator) -> Tensor:
        choice = self.policy(len(images), images.shape[-1], rng)
        images = images.clone()
        for operation, magnitude in zip(choice.operation.unbind(1), choice.magnitude.unbind(1), strict=True):
            for number in operation[operation != IDENTITY].unique().tolist():
                rows = (operation == number).nonzero().squeeze(1)
                strength = magnitude[rows].to(images.device, non_blocking=True)
                rows = rows.to(images.device, non_blocking=True)
                images[rows] = OPERATIONS[NAMES[number]](images[rows], strength)
        return images


def autoaugment(context: StepContext) -> Step:
    """AutoAugment of each image with the configured probability."""
    return Replace(ByPolicy(auto_augment), context.config.replace_probability)


def randaugment(context: StepContext) -> Step:
    """RandAugment of each image with the configured probability."""
    return Replace(ByPolicy(rand_augment), context.config.replace_probability)


def randaugment_uniform(context: StepContext) -> Step:
    """RandAugment with uniform magnitudes, of each image with the configured probability."""
    return Replace(ByPolicy(rand_augment_uniform), context.config.replace_probability)


def trivialaugment(context: StepContext) -> Step:
    """TrivialAugment of each image with the configured probability."""
    return Replace(ByPolicy(trivial_augment), context.config.replace_probability)


def _any_operation(shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Uniform over all operations but Invert, which RandAugment and TrivialAugment leave out."""
    return torch.randint(0, NAMES.index("Invert"), shape, generator=rng, device=rng.device)


def _magnitudes(space: Space, operation: Tensor, level: Tensor, rng: torch.Generator) -> Tensor:
    """Magnitudes in the operations' own units for ``level`` in [0, 1]; 0 for operations without one."""
    ranges = torch.tensor([space.get(name, Range(0, 0, False)) for name in NAMES], device=operation.device)
    weakest, strongest, signed, whole = ranges[operation].unbind(dim=-1)
    magnitude = weakest + (strongest - weakest) * level
    magnitude = torch.where(whole > 0, magnitude.round(), magnitude)
    negative = torch.rand(operation.shape, generator=rng, device=operation.device) < 0.5
    return torch.where((signed > 0) & negative, -magnitude, magnitude)
