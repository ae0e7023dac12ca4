"""Check the header of a file of this project, before a tensor is read or a network is built."""

import json
import os
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from glico.config import Resolution
from glico.config.limits import beyond, check, limit
from glico.data.text import plain_text
from glico.files import open_regular
from glico.formats import json_text

TYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "I64": "int64", "I32": "int32", "U8": "uint8"}
UNIT = 1e-3  # how far from 1 the length of a code may be
STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """A tensor as the header describes it."""

    dtype: str | None  # by NumPy's name; None for one that this project does not use
    shape: tuple[int, ...]


def shown_file(path: str | os.PathLike[str]) -> str:
    """Return a path in a sentence: all of it, or its end."""
    text = plain_text(os.fspath(path), limit=4096)
    return text if len(text) <= 120 else f"…{text[-119:]}"


def read_header(path: Path) -> tuple[dict[str, str], dict[str, Entry]]:
    """Return the metadata and the tensors' descriptions of a .safetensors file, within the limits. Raises ValueError or
    GlicoError with the reason; reads no tensor."""
    check("checkpoint_mib", -(-path.stat().st_size // 2**20), shown_file(path))
    with open_regular(path, "checkpoint_mib") as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(8)
        if len(start) < 8:
            raise ValueError("it is not a .safetensors file")
        (length,) = struct.unpack("<Q", start)
        if length > size - 8:
            raise ValueError("its header is longer than the file")
        if length > limit("header_kib") * 2**10:
            raise beyond("header_kib", shown_file(path))
        text = file.read(length).decode("utf-8")
    header = parsed(text, dict, "its header", path)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError("the metadata of its header are not text")
    check("tensors", len(header), shown_file(path))
    entries, end = {}, 0
    for name, value in header.items():
        entries[name] = entry = _entry(name, value)
        begins, ends = value["data_offsets"]
        if entry.dtype is not None and ends - begins != prod(entry.shape) * np.dtype(entry.dtype).itemsize:
            raise ValueError(f"its tensor {plain_text(name, 60)!r} does not have the size that its shape needs")
        end = max(end, ends)
    if end != size - 8 - length:
        raise ValueError("its tensors are not as long as the file")
    return metadata, entries


def parsed(text: str, kind: type, what: str, path: Path) -> Any:
    """Return a JSON value. Raises ValueError if it is not of the type ``kind``, GlicoError if it is nested too deep."""
    brackets = re.sub(r"[^\[\]{}]", "", STRINGS.sub("", text))
    depths = accumulate(1 if bracket in "[{" else -1 for bracket in brackets)
    if max(depths, default=0) > limit("nesting"):
        raise beyond("nesting", f"{shown_file(path)}, {what},")
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise ValueError(f"{what} is not JSON: {error}") from None
    try:
        json_text(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError(f"{what} holds half of a character") from None
    if not isinstance(value, kind):
        raise ValueError(f"{what} is no {'object' if kind is dict else 'list'}")
    return value


def class_names(text: str, path: Path) -> tuple[str, ...]:
    """Return the class names of a header: texts, each once. Raises ValueError or GlicoError."""
    names = parsed(text, list, "class_names", path)
    check("classes", len(names), shown_file(path))
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError("its class_names are not one text per class")
    check("class_name", max(map(len, names)), shown_file(path))
    if len(set(names)) < len(names):
        raise ValueError("two of its classes have one name")
    return tuple(names)


def image_shape(text: str, path: Path) -> tuple[int, int, int]:
    """Return the shape (R, R, C) of a header's images, R one of the resolutions and C 1 or 3. Raises ValueError."""
    shape = parsed(text, list, "image_shape", path)
    sides, channels = shape[:2], shape[2:]
    whole = all(type(number) is int for number in shape)
    if not whole or channels not in ([1], [3]) or sides[0] != sides[1] or sides[0] not in get_args(Resolution):
        raise ValueError(f"its image_shape is {plain_text(text, 40)} and not [R, R, C]")
    height, width, depth = shape
    return height, width, depth


def check_entries(
    entries: Mapping[str, Entry], needed: Mapping[str, tuple[str, tuple[int, ...]]], optional: frozenset[str]
) -> None:
    """Raise ValueError if a tensor is missing, or has another type or shape than is ``needed``."""
    for name, (dtype, shape) in needed.items():
        entry = entries.get(name)
        if entry is None and name in optional:
            continue
        if entry is None:
            raise ValueError(f"it has no {plain_text(name, 60)}")
        if entry.dtype != dtype or entry.shape != shape:
            raise ValueError(
                f"its {plain_text(name, 60)} are {_words(entry)} but the rest needs {_words(Entry(dtype, shape))}"
            )


def check_values(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Raise ValueError if a number is NaN or infinite."""
    for name, array in arrays.items():
        flat = array.reshape(-1)
        if array.dtype.kind == "f" and not all(
            np.isfinite(flat[start : start + 2**20]).all() for start in range(0, flat.size, 2**20)
        ):
            raise ValueError(f"its {plain_text(name, 60)} are not finite")


def check_labels(labels: NDArray[np.int64], classes: int) -> None:
    """Raise ValueError if ``labels`` (n,) are not of the classes, with -1 for unlabelled; some have a class."""
    if len(labels) < 2:
        raise ValueError("it has fewer than two images")
    low, high = int(labels.min()), int(labels.max())
    if low < -1 or not 0 <= high < classes:
        raise ValueError(f"its labels are {low} to {high} and its classes {classes}")


def check_unit(codes: NDArray[np.float32]) -> None:
    """Raise ValueError if a row of ``codes`` (n, d) is not on the unit sphere."""
    for start in range(0, len(codes), 10_000):
        with np.errstate(over="ignore"):  # the sum of squares of large numbers is infinite
            norms = np.linalg.norm(codes[start : start + 10_000], axis=1)
        if not (np.abs(norms - 1) <= UNIT).all():  # nor are codes that are not finite
            raise ValueError("its codes are not on the unit sphere")


def _entry(name: str, value: Any) -> Entry:
    wrong = ValueError(f"its header describes the tensor {plain_text(name, 60)!r} wrongly")
    if len(name) > limit("name") or not isinstance(value, dict):
        raise wrong
    shape, offsets, dtype = (value.get(key) for key in ("shape", "data_offsets", "dtype"))
    if not isinstance(dtype, str) or not isinstance(shape, list) or not isinstance(offsets, list):
        raise wrong
    if not all(type(number) is int and 0 <= number < 2**48 for number in shape + offsets):
        raise wrong
    if len(offsets) != 2 or offsets[0] > offsets[1] or len(shape) > 8:
        raise wrong
    return Entry(TYPES.get(dtype), tuple(shape))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("its header says something twice")
    return values


def _words(entry: Entry) -> str:
    return f"{entry.dtype or 'of an unknown type'} {entry.shape}"
