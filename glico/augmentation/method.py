"""An augmentation method: the steps that its entry in AUGMENTATIONS names, applied in order."""

from importlib import import_module

import torch

from glico.augmentation.batch import Batch
from glico.augmentation.step_context import StepContext, StepFactory
from glico.config import AUGMENTATIONS


class Augmentation:
    """The method that ``context.config`` names: a batch in, the augmented batch out."""

    def __init__(self, context: StepContext) -> None:
        self.steps = [resolve(step)(context) for step in AUGMENTATIONS[context.config.augmentation].steps]

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        for step in self.steps:
            batch = step(batch, rng)
        return batch


def resolve(step: str) -> StepFactory:
    """Return the function that "module:function" names in this package, importing the module."""
    module, function = step.split(":")
    factory: StepFactory = getattr(import_module(f"glico.augmentation.{module}"), function)
    return factory
