"""A .safetensors file of this project: tensors, and a header that says what they are. Read without unpickling."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from glico.errors import GlicoError
from glico.files import replacing, writing

FORMATS = {"glico-checkpoint": "checkpoint", "glico-dcgan": "DCGAN"}  # what the header says, and what people do
FORMAT_VERSION = 1

Header = dict[str, str]


def write_tensors(path: str | os.PathLike[str], format: str, header: Header, tensors: dict[str, Tensor]) -> None:
    """Write the file at once or not at all: under another name first, then renamed into place."""
    path = Path(path)
    metadata = {"format": format, "format_version": str(FORMAT_VERSION), **header}
    data = save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, metadata=metadata)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            partial.write_bytes(data)


def read_tensors(path: str | os.PathLike[str], format: str, device: str = "cpu") -> tuple[Header, dict[str, Tensor]]:
    """The header, and the tensors by name on ``device``.

    Raises GlicoError if it is another kind of file, or if a newer version of this package wrote it.
    """
    with safe_open(path, framework="pt", device=device) as file:
        header = file.metadata() or {}
        found = header.get("format")
        if found in FORMATS and found != format:
            raise GlicoError(f"{path} holds a {FORMATS[found]}, and a {FORMATS[format]} is needed.")
        if found != format:
            raise GlicoError(f"{path} is a safetensors file but not a {FORMATS[format]} of this project.")
        version = int(header["format_version"])
        if version > FORMAT_VERSION:
            raise GlicoError(
                f"{path} has format version {version}, newer than the {FORMAT_VERSION} that this version reads: "
                "update it."
            )
        return header, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (a safe_open is no dict)


def format_of(path: str | os.PathLike[str]) -> str | None:
    """Which of FORMATS a file is; None where it is no file, or none of them."""
    try:
        with safe_open(path, framework="pt") as file:
            return (file.metadata() or {}).get("format")
    except (OSError, SafetensorError):
        return None


@contextmanager
def reading(path: str | os.PathLike[str], format: str) -> Iterator[None]:
    """A file that is not there or is damaged becomes a sentence."""
    if not Path(path).is_file():
        raise GlicoError(f"There is no {FORMATS[format]} at {path}.")
    try:
        yield
    except (SafetensorError, ValidationError, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise GlicoError(f"{path} is not a {FORMATS[format]} that can be read: {reason}.") from error


def prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors with ``prefix.`` before their names."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def unprefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with ``prefix.``, without it."""
    start = f"{prefix}."
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}
