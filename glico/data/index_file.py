"""A small sample that is given instead of sampled: a text file that names its images."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from glico.data.dataset import Dataset
from glico.data.text import plain_text, text_lines
from glico.errors import GlicoError
from glico.files import open_regular
from glico.types import Labels


def read_indices(path: str, dataset: Dataset) -> Labels:
    """Indices (n,) into the training split, class after class, of the images that a file names, one per line.

    A line is an index from 0, or a file of the training split as its folder has it, with or without its ending; the
    image's class may follow, by number or name, after a space or a tab. "FOLDER/NAME LABEL" is the form of the small-
    data benchmarks' fixed splits (deic, gem). Where the publisher numbers its images, a line "NUMBER 1" names one and
    "NUMBER 0" none: the form of CUB-200's train_test_split.txt and of Barz and Denzler's splits [29]. Raises GlicoError
    that names a wrong line.
    """
    positions = _positions(dataset.train_names)
    lines: dict[int, int] = {}  # index -> its line
    for number, line in enumerate(_lines(path), 1):
        try:
            index = _index(line.strip(), dataset, positions)
        except ValueError as error:
            raise GlicoError(f"{path}, line {number}: {plain_text(str(error), limit=300)}.") from None
        if index is not None and index in lines:
            raise GlicoError(f"{path}, line {number}: the image of line {lines[index]} again; each is named once.")
        if index is not None:
            lines[index] = number
    if not lines:
        raise GlicoError(f"{path} names no image of {dataset.name}: it needs one per line.")
    indices = np.array(sorted(lines), dtype=np.int64)
    return indices[np.argsort(dataset.train_labels[indices], kind="stable")]


def _lines(path: str) -> Iterator[str]:
    try:
        with open_regular(Path(path).expanduser(), "text_mib") as file:
            yield from text_lines(file, path)
    except OSError as error:
        raise GlicoError(
            f"The index file {path} cannot be read as text: {error.strerror}. Check its path and permissions."
        ) from error


def _positions(names: Sequence[str]) -> dict[str, int]:
    """Return the position of each file in the training split by its name, and by its stem if no other file has it."""
    stems = [name.removesuffix(PurePosixPath(name).suffix) for name in names]
    counts = Counter(stems)
    bare = {stem: position for position, stem in enumerate(stems) if counts[stem] == 1}
    return bare | {name: position for position, name in enumerate(names)}


def _index(line: str, dataset: Dataset, positions: dict[str, int]) -> int | None:
    """Return the image that a line names, or None. Raises ValueError with the reason if it is wrong."""
    if not line:
        return None
    first, last = line.rsplit(maxsplit=1) if len(line.split()) > 1 else ("", line)
    if dataset.train_ids is not None and first.isdecimal():
        if last not in ("0", "1"):
            raise ValueError(f"image {first} is followed by {last!r}, and 0 (no) or 1 (yes) is needed")
        if last == "0":
            return None
        places_of_id: list[int] = np.flatnonzero(dataset.train_ids == int(first)).tolist()
        if not places_of_id:
            raise ValueError(f"image {first} is not in the training split of {dataset.name}")
        return places_of_id[0]
    name, label = (line, None) if line in positions or not first else (first, last)
    index = int(name) if name.isdecimal() else positions.get(name, -1)
    if not 0 <= index < len(dataset.train_labels):
        known = f"an index from 0 to {len(dataset.train_labels) - 1}" + " or one of its files" * bool(positions)
        raise ValueError(f"{name!r} is not a training image of {dataset.name}: it takes {known}")
    own = int(dataset.train_labels[index])
    if label is not None and label not in (str(own), dataset.class_names[own]):
        raise ValueError(f"{name!r} is of class {own} ({dataset.class_names[own]}), not {label}")
    return index
