"""The configured augmentation method: its steps, by the table of glico.config.augmentations, over a batch."""

from importlib import import_module

import torch

from glico.augmentation.batch import Batch, Maker, Setting
from glico.config import AUGMENTATIONS


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
