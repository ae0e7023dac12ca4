"""A .safetensors file of this project: tensors, and a header that says what they are. Read without unpickling."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from glico.checkpoints.schema import Entry, check_values, class_names, image_shape, parsed, read_header, shown_file
from glico.config import Config
from glico.config.data import FORMER_PREPARATION
from glico.data.text import plain_text, reason
from glico.errors import GlicoError
from glico.files import open_regular, write_atomically
from glico.formats import json_text

if TYPE_CHECKING:
    from torch import Tensor

FORMATS = {"glico-checkpoint": "checkpoint", "glico-dcgan": "DCGAN"}  # header format name -> display name
FORMAT_VERSION = 1

Header = dict[str, str]
Value = TypeVar("Value")  # a tensor, or an array


def write_tensors(path: str | os.PathLike[str], format: str, header: Header, tensors: "Mapping[str, Tensor]") -> None:
    """Write the file at once or not at all."""
    metadata = {"format": format, "format_version": str(FORMAT_VERSION), **header}
    arrays = {name: tensor.detach().cpu().contiguous().numpy() for name, tensor in tensors.items()}
    data = save(arrays, metadata=metadata)
    write_atomically(Path(path), data, parents=True)


class Description(NamedTuple):
    """The header of a checkpoint or a DCGAN: the ``config`` that it was trained with, its classes, the shape
    (H, W, C) of its images, and as JSON values the last losses and what else describes the training."""

    config: Any
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    summary: dict[str, Any]

    def header(self) -> Header:
        """As the header has it."""
        return {
            "class_names": json_text(self.class_names),
            "image_shape": json_text(self.image_shape),
            "config": self.config.model_dump_json(),
            "summary": json_text(self.summary),
        }

    @classmethod
    def read(cls, header: Header, config: type[Config], path: Path) -> "Description":
        """From the header of the file at ``path``. Raises LookupError, ValueError or GlicoError."""
        return cls(
            config.model_validate(FORMER_PREPARATION | parsed(header["config"], dict, "config", path)),
            class_names(header["class_names"], path),
            image_shape(header["image_shape"], path),
            parsed(header["summary"], dict, "summary", path),
        )


def open_header(path: str | os.PathLike[str], format: str) -> tuple[Header, dict[str, Entry]]:
    """Return the header of a file and its entry for each tensor. No tensor is read.

    Raises GlicoError if it is another kind of file, or if a newer version of this package wrote it.
    """
    metadata, entries = read_header(Path(path))
    format_name = metadata.get("format")
    if format_name in FORMATS and format_name != format:
        raise GlicoError(
            f"{shown_file(path)} is a {FORMATS[format_name]}, not a {FORMATS[format]}. Choose another file."
        )
    if format_name != format:
        raise GlicoError(
            f"{shown_file(path)} is a safetensors file but not a {FORMATS[format]} of this project. "
            "Choose another file."
        )
    version = metadata["format_version"]
    if not version.isdecimal() or len(version) > 9:
        raise ValueError("its format version is not a number")
    if int(version) > FORMAT_VERSION:
        raise GlicoError(
            f"{shown_file(path)} has format version {version}, newer than the {FORMAT_VERSION} that this version "
            "reads: update it."
        )
    return metadata, entries


def read_arrays(path: str | os.PathLike[str], names: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """Return the tensors of a file whose header was found right, those of these ``names`` or all.

    All numbers are finite.
    """
    with open_regular(path, "checkpoint_mib"), safe_open(path, framework="np") as file:
        there = file.keys()
        arrays = {name: file.get_tensor(name) for name in there if names is None or name in names}
    check_values(arrays)
    return arrays


def read_tensors(path: str | os.PathLike[str]) -> "dict[str, Tensor]":
    """Return the same, as PyTorch's."""
    from torch import from_numpy

    return {name: from_numpy(array) for name, array in read_arrays(path).items()}


def format_of(path: str | os.PathLike[str]) -> str | None:
    """Return the format of a file, from FORMATS; None if it is not a file or has no such format."""
    try:
        return read_header(Path(path))[0].get("format")
    except (OSError, ValueError, GlicoError):
        return None


@contextmanager
def reading(path: str | os.PathLike[str], what: str) -> Iterator[None]:
    """A file that is not there or is damaged becomes a sentence, that does not repeat the file."""
    if not Path(path).is_file():
        raise GlicoError(f"There is no {what} at {shown_file(path)}. Check the path.")
    try:
        yield
    except (SafetensorError, ValidationError, LookupError, ValueError, TypeError, OSError, RecursionError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else reason(error)
        if isinstance(error, KeyError):
            why = f"it says no {why}"
        raise GlicoError(f"{shown_file(path)} is not a {what} that can be read: {plain_text(why, 130)}.") from error


def prefixed(prefix: str, tensors: Mapping[str, Value]) -> dict[str, Value]:
    """Return the ``tensors`` with ``prefix.`` before their names."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def unprefixed(prefix: str, tensors: Mapping[str, Value]) -> dict[str, Value]:
    """Return the tensors whose names begin with ``prefix.``, without it."""
    start = f"{prefix}."
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}
