"""GLICO: learning from small samples by generative latent implicit conditional optimisation.

The public names are loaded when they are first used, so that importing the package is quick.

Examples:
    >>> import glico
    >>> model = glico.load("checkpoints/digits-glico.safetensors")
    >>> model.interpolate(0, 5, t=[0, 0.5, 1]).shape
    (3, 16, 16, 1)
    >>> images, labels = model.sample(per_class=2, seed=0)
    >>> images.shape, labels[:3].tolist()
    ((20, 16, 16, 1), ['0', '0', '1'])
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers; a test compares with _HOMES
    from glico.api.augment import ClassMix as ClassMix
    from glico.api.augment import LatentAugment as LatentAugment
    from glico.api.classifying import ClassifierResult as ClassifierResult
    from glico.api.classifying import classify as classify
    from glico.api.encoding import Encoding as Encoding
    from glico.api.estimator import GLICO as GLICO
    from glico.api.estimator import Samples as Samples
    from glico.api.estimator import load as load
    from glico.api.measures import Structure as Structure
    from glico.api.measures import project as project
    from glico.api.measures import structure as structure
    from glico.api.showing import show as show
    from glico.checkpoints.checkpoint import Checkpoint as Checkpoint
    from glico.config import ClassifyConfig as ClassifyConfig
    from glico.config import TrainConfig as TrainConfig
    from glico.data import load_dataset as load_dataset
    from glico.data import small_sample as small_sample
    from glico.errors import GlicoError as GlicoError
    from glico.latent.paths import lerp as lerp
    from glico.latent.paths import slerp as slerp
    from glico.runs.launch import train as train

_HOMES = {
    "GLICO": "glico.api.estimator",
    "Checkpoint": "glico.checkpoints.checkpoint",
    "ClassMix": "glico.api.augment",
    "ClassifierResult": "glico.api.classifying",
    "ClassifyConfig": "glico.config",
    "Encoding": "glico.api.encoding",
    "GlicoError": "glico.errors",
    "LatentAugment": "glico.api.augment",
    "Samples": "glico.api.estimator",
    "Structure": "glico.api.measures",
    "TrainConfig": "glico.config",
    "classify": "glico.api.classifying",
    "lerp": "glico.latent.paths",
    "load": "glico.api.estimator",
    "load_dataset": "glico.data",
    "project": "glico.api.measures",
    "show": "glico.api.showing",
    "slerp": "glico.latent.paths",
    "small_sample": "glico.data",
    "structure": "glico.api.measures",
    "train": "glico.runs.launch",
}
"""The module of each public name, imported when the name is first used."""

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        try:
            return version("glico-explorer")
        except PackageNotFoundError:  # the source tree without an installation
            return "0+unknown"
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
