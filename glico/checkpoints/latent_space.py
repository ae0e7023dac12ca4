"""A checkpoint's codes and the description of their images, without its networks: all that a map needs, read without
PyTorch."""

import hashlib
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.checkpoints.schema import Entry, check_entries, check_labels, check_unit, parsed, shown_file
from glico.checkpoints.tensor_file import FORMATS, Description, open_header, read_arrays, reading
from glico.config import TrainConfig
from glico.config.data import FORMER_PREPARATION
from glico.config.limits import check
from glico.data.text import plain_text
from glico.formats import json_text
from glico.types import Images, Labels

FORMAT = "glico-checkpoint"
NEEDED = ("codes", "labels", "indices")
OPTIONAL = ("digests", "images", "snapshots", "snapshot_steps")
NETWORKS = ("generator.", "classifier.")  # prefixes of the names of their parameters


@dataclass(frozen=True)
class LatentSpace:
    """A :class:`~glico.checkpoints.checkpoint.Checkpoint` without its networks, as arrays of the same shapes.

    ``networks`` describes the networks' tensors by name, as the header of the file does.
    """

    config: TrainConfig
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    summary: Mapping[str, Any]
    networks: Mapping[str, Entry]
    codes: NDArray[np.float32]
    labels: Labels
    indices: Labels
    digests: Labels | None = None
    images: Images | None = None
    snapshots: NDArray[np.float16] | None = None
    snapshot_steps: Labels | None = None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "LatentSpace":
        """Read the file. Raises GlicoError as :meth:`Checkpoint.load` does, except for faults of the networks."""
        with reading(path, FORMATS[FORMAT]):
            about, entries = described(Path(path))
            arrays = read_arrays(path, (*NEEDED, *OPTIONAL))
            check_arrays(arrays, about)
            networks = {name: entry for name, entry in entries.items() if name.startswith(NETWORKS)}
            return cls.from_arrays(about, networks, arrays)

    @classmethod
    def from_arrays(cls, about: Description, networks: Mapping[str, Entry], arrays: Mapping[str, Any]) -> "LatentSpace":
        """Return the latent space of a header and its arrays by name."""
        return cls(**about._asdict(), networks=networks, **arrays)

    @property
    def has_classifier(self) -> bool:
        """Return whether a weak classifier was trained together with the generator."""
        return any(name.startswith("classifier.") for name in self.networks)

    @property
    def about(self) -> Description:
        """The header of the file."""
        return Description(self.config, self.class_names, self.image_shape, dict(self.summary))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that are not None, by name."""
        arrays = {name: getattr(self, name) for name in (*NEEDED, *OPTIONAL)}
        return {name: array for name, array in arrays.items() if array is not None}

    @property
    def of_test(self) -> NDArray[np.bool_]:
        """A mask (n,) of the images from the data set's test split: the unlabelled ones in transductive mode."""
        return (self.labels < 0) & (self.config.unlabelled == "test")

    def codes_at(self, snapshot: int | None) -> NDArray[np.float32]:
        """Return the last codes, or those of a snapshot: (n, d)."""
        return self.codes if snapshot is None or self.snapshots is None else self.snapshots[snapshot].astype(np.float32)


def trained_with(path: str | os.PathLike[str]) -> TrainConfig:
    """Return the configuration in a checkpoint's header, without reading the rest. Raises GlicoError if the header
    cannot be read, or is beyond a limit."""
    with reading(path, FORMATS[FORMAT]):
        header, _ = open_header(path, FORMAT)
        return TrainConfig.model_validate(FORMER_PREPARATION | parsed(header["config"], dict, "config", Path(path)))


def sample_digest(path: str | os.PathLike[str]) -> str:
    """Return a digest that identifies the small sample: class names, image shape, labels and images.

    It is equal for two checkpoints of one sample, whose rows then correspond. No network is read. Raises
    GlicoError as :meth:`LatentSpace.load` does.
    """
    with reading(path, FORMATS[FORMAT]):
        about, entries = described(Path(path))
        arrays = read_arrays(path, [name for name in ("labels", "digests") if name in entries])
        check_labels(arrays["labels"], len(about.class_names))
        digest = hashlib.sha256(json_text([about.class_names, about.image_shape]).encode())
        for array in arrays.values():
            digest.update(array.tobytes())
        return digest.hexdigest()


def config_of(path: str | os.PathLike[str]) -> TrainConfig:
    """Return how a checkpoint was trained, from its header alone. Raises GlicoError if it cannot be read."""
    with reading(path, FORMATS[FORMAT]):
        about, _ = described(Path(path))
        return about.config


def described(path: Path) -> tuple[Description, dict[str, Entry]]:
    """Return the header of a checkpoint and the entries of its tensors, with checked types and shapes except the
    networks'. Raises ValueError, or GlicoError beyond a limit."""
    header, entries = open_header(path, FORMAT)
    about = Description.read(header, TrainConfig, path)
    if not entries.keys() >= {*NEEDED}:
        raise ValueError("it has no codes, labels or indices")
    n, d = math.prod(entries["labels"].shape), about.config.dimension
    check("codes", n, shown_file(path))
    steps = math.prod(entries["snapshot_steps"].shape) if "snapshot_steps" in entries else 0
    needed = {
        "codes": ("float32", (n, d)),
        "labels": ("int64", (n,)),
        "indices": ("int64", (n,)),
        "digests": ("int64", (n,)),
        "images": ("uint8", (n, *about.image_shape)),
        "snapshots": ("float16", (steps, n, d)),
        "snapshot_steps": ("int64", (steps,)),
    }
    check_entries(entries, needed, frozenset(OPTIONAL))
    if ("snapshots" in entries) != ("snapshot_steps" in entries):
        raise ValueError("it has snapshots without their steps, or steps without snapshots")
    for name in entries:
        if name not in needed and not name.startswith(NETWORKS):
            raise ValueError(f"it has a tensor {plain_text(name, 60)!r}, which no checkpoint has")
    return about, entries


def check_arrays(arrays: Mapping[str, NDArray[Any]], about: Description) -> None:
    """Raise ValueError if labels, codes or indices have values that they cannot have."""
    check_labels(arrays["labels"], len(about.class_names))
    check_unit(arrays["codes"])
    if (arrays["indices"] < 0).any():
        raise ValueError("some of its indices are negative")
