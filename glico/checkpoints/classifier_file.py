"""The header of the file of a classifier that a run trained, read without PyTorch; and how it can be exported."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from glico.checkpoints.schema import Entry, class_names, image_shape, parsed, read_header
from glico.checkpoints.tensor_file import reading
from glico.config import DataConfig
from glico.config.data import FORMER_PREPARATION
from glico.data.preparation import Preparation
from glico.errors import how_to_get

DEPLOYED_FITS = ("crop", "squash")  # preparations that an exported file contains
NO_ONNX = f"One more package is needed to write a classifier as ONNX: {how_to_get('onnx')}."


@dataclass(frozen=True)
class ClassifierFile:
    """A trained classifier and its input: the ``name`` of its network, ``image_shape`` (H, W, C), its classes'
    names, and the ``preparation`` of its training images.

    ``side`` is that of the centre that it looks at; None for all of an image. ``entries`` describes its tensors.
    """

    name: str
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    preparation: Preparation
    side: int | None
    entries: Mapping[str, Entry]

    @classmethod
    def read(cls, path: Path) -> "ClassifierFile":
        """Read the header of a run's classifier.safetensors. Raises GlicoError if it is not there or is damaged."""
        with reading(path, "trained classifier"):
            header, entries = read_header(path)
            shape = image_shape(header["image_shape"], path)
            names = class_names(header["class_names"], path)
            side = json.loads(header.get("side", "null"))
            if side is not None and not (type(side) is int and 1 <= side <= shape[0]):
                raise ValueError("its side is not a number of pixels of its images")
            choices = FORMER_PREPARATION | parsed(header.get("preparation", "{}"), dict, "preparation", path)
            preparation = Preparation.from_config(DataConfig.model_validate(choices), shape)
            return cls(header["classifier"], shape, names, preparation, side, entries)

    @property
    def is_deployable(self) -> bool:
        """Whether an exported file can prepare images as the training images were."""
        return self.preparation.fit in DEPLOYED_FITS


def can_write_onnx() -> bool:
    """Return whether the packages that write ONNX are installed."""
    return bool(find_spec("onnx") and find_spec("onnxscript"))
