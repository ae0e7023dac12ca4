"""GLICO: learning from small samples by generative latent implicit conditional optimisation.

The public names are loaded when they are first used, so that importing the package is quick.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Checkpoint": "glico.checkpoints.checkpoint",
    "GlicoError": "glico.errors",
    "classify": "glico.runs.launch",
    "lerp": "glico.latent.paths",
    "load_dataset": "glico.data",
    "slerp": "glico.latent.paths",
    "small_sample": "glico.data",
    "train": "glico.runs.launch",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
