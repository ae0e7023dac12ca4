"""An augmentation method: its stages, applied in order."""

from dataclasses import replace
from importlib import import_module

import torch

from glico.augmentation.batch import Batch, Replace, Step
from glico.augmentation.step_context import StepContext, StepFactory
from glico.config import augmentation_method
from glico.config.augmentations import Stage


class Augmentation:
    """The method that ``context.config`` names: a batch in, the augmented batch out."""

    def __init__(self, context: StepContext) -> None:
        self.steps = [_step(stage, context) for stage in augmentation_method(context.config.augmentation).stages]

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        for step in self.steps:
            batch = step(batch, rng)
        return batch


def _step(stage: Stage, context: StepContext) -> Step:
    """Return the step of a stage. An augmentation of its sources is one of images."""
    sources = [resolve(step)(context) for step in stage.sources]
    return resolve(stage.step)(replace(context, sources=tuple(step for step in sources if isinstance(step, Replace))))


def resolve(step: str) -> StepFactory:
    """Return the function that "module:function" names in this package, importing the module."""
    module, function = step.split(":")
    factory: StepFactory = getattr(import_module(f"glico.augmentation.{module}"), function)
    return factory
