"""The one way to load any data set, known or your own."""

import difflib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, Unpack, get_args
from urllib.parse import urlsplit
from urllib.request import url2pathname

from glico.config import DataConfig, Resolution
from glico.config.data import IN_MEMORY
from glico.data.archive import archive_tree, open_archive
from glico.data.dataset import Dataset
from glico.data.decisions import parse_decisions, read_decisions, with_decisions
from glico.data.duplicates import without_duplicates
from glico.data.known import DATASETS
from glico.data.label_table import SUFFIXES as TABLE_SUFFIXES
from glico.data.labelled import read_tree
from glico.data.labels import find_labels
from glico.data.npz import read_npz
from glico.data.preparation import Colour
from glico.data.reading import Reading, ReadOptions
from glico.data.text import plain_text, shown_path
from glico.data.tree import Tree, folder_tree
from glico.errors import GlicoError
from glico.types import Progress

AnyDataConfig = TypeVar("AnyDataConfig", bound=DataConfig)

RESOLUTION = 64  # of an image folder
KINDS = (
    "an image folder, a .zip of one, a table of labels (.csv, .tsv, .jsonl, .json) beside the images, or an .npz file"
)
RESOLUTIONS: tuple[int, ...] = get_args(Resolution)
PACKED = re.compile(r"\.(tar(\.\w+)?|tgz|tbz2?|txz|gz|bz2|xz|7z|rar)$", re.IGNORECASE)


def load_dataset(
    name_or_path: str | os.PathLike[str],
    resolution: int | None = None,
    colour: Colour = "auto",
    download: bool = False,
    progress: Progress | None = None,
    **options: Unpack[ReadOptions],
) -> Dataset:
    """Return a known data set by its name, or another by its path: a folder, a .zip of one, a table or an .npz file.

    ``resolution`` is the side R of the images, by default the data set's own; images are (n, R, R, C) uint8, C = 1
    for grey and 3 for RGB (glico.data.images has the rule). Nothing is downloaded unless ``download`` is true.
    ``options`` are those of :class:`ReadOptions`. Raises GlicoError.
    """
    name = written_path(os.fspath(name_or_path))
    if resolution is not None and resolution not in RESOLUTIONS:
        raise GlicoError(
            f"A resolution of {resolution} pixels is not offered; choose from {', '.join(map(str, RESOLUTIONS))}."
        )
    if name == IN_MEMORY:
        raise GlicoError(
            "The checkpoint was fitted on arrays in memory, which are not stored as a data set: name a folder or file "
            "with the same images (--dataset)."
        )
    reading = Reading.from_options(resolution or 0, colour, options)
    if reading.groups and (name in DATASETS or name.lower().endswith(".npz")):
        raise GlicoError(f"{plain_text(name)} has no groups: they are of image folders and tables of labels alone.")
    if name in DATASETS:
        known = DATASETS[name]
        prepared = replace(reading.preparation, resolution=resolution or known.resolution)
        return _with_note(known.read(prepared, download, progress), name)
    return _read_path(name, reading, progress)


def _read_path(name: str, reading: Reading, progress: Progress | None) -> Dataset:
    """Read the data set at a path. Raises GlicoError if there is none."""
    path = Path(os.path.expanduser(name))
    suffix = path.suffix.lower()

    is_folder = bool(name) and os.path.isdir(path)  # os.path says no to a path that cannot be looked at
    if not is_folder and not os.path.isfile(path):
        raise _unknown(name)
    if not is_folder and suffix == ".npz":
        return read_npz(path, reading.preparation, reading.test_fraction, progress)
    if is_folder or suffix in (*TABLE_SUFFIXES, ".zip"):
        with opened_tree(path) as tree:
            title = path.resolve().name if is_folder else path.stem
            table = None if is_folder or suffix == ".zip" else path.name
            labelled = find_labels(tree, table, reading.unreadable, reading.groups)
            dataset = read_tree(title, tree, labelled, reading.at_least(RESOLUTION), progress)
            for place in labelled.decisions:
                with tree.files[place]() as file:
                    dataset = with_decisions(dataset, parse_decisions(file, tree.shown(place)), tree.shown(place))
            return dataset
    if PACKED.search(path.name):
        raise GlicoError(f"{shown_path(path)} is an archive of a kind that is not read: unpack it, or pack it as .zip.")
    raise GlicoError(f"{shown_path(path)} is not a data set: that is {KINDS}.")


@contextmanager
def opened_tree(path: Path) -> Iterator[Tree]:
    """The files of a data set at ``path``: a folder, a .zip of one, or a table beside its images. Raises GlicoError."""
    if path.suffix.lower() == ".zip" and not path.is_dir():
        with open_archive(path, "a .zip file") as archive:
            yield archive_tree(archive, path)
    else:
        yield folder_tree(path if path.is_dir() else path.parent)


def _unknown(name: str) -> GlicoError:
    """Build the error for a name that is neither known nor a path, with the nearest known name."""
    names = dict.fromkeys(known.family or name for name, known in DATASETS.items())
    close = difflib.get_close_matches(name.lower(), DATASETS, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return GlicoError(
        f"There is no data set {plain_text(name)!r}: it is neither a known name "
        f"({', '.join(names)}) nor a file or folder.{hint}"
    )


def load_configured(config: DataConfig, progress: Progress | None = None) -> Dataset:
    """Return the data set that a configuration names, prepared as it says. Raises GlicoError."""
    dataset = load_dataset(
        config.dataset,
        config.resolution,
        config.colour,
        config.download,
        progress,
        test_fraction=config.test_fraction,
        unreadable=config.unreadable,
        fit=config.fit,
        value_range=config.value_range,
        ground=config.ground,
        groups=config.groups,
    )
    return as_configured(dataset, config)


def as_configured(dataset: Dataset, config: DataConfig) -> Dataset:
    """Return a data set that was read by ``config`` without its duplicates, if that leaves them out, and with its
    decisions on single images. Raises GlicoError."""
    if config.duplicates == "leave-out":
        dataset = without_duplicates(dataset)
    if config.decisions is None:
        return dataset
    path = Path(config.decisions).expanduser()
    return with_decisions(dataset, read_decisions(path), shown_path(path))


def settled_config(config: AnyDataConfig, dataset: Dataset) -> AnyDataConfig:
    """Return ``config`` with the choices that it left to the data set as that settled them.

    It belongs in files: the same images are prepared alike ever after, whatever is added to the data set.
    """
    return config if dataset.preparation is None else config.model_copy(update=dataset.preparation.settings())


def written_path(written: str) -> str:
    """Return a path as it is meant: without quotation marks around it, and from a file:// address."""
    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if text.lower().startswith("file://"):
        return url2pathname(urlsplit(text).path)
    return text


def _with_note(dataset: Dataset, name: str) -> Dataset:
    """Return a known data set, with a note if a folder or file of the same name is here and is not meant."""
    if not os.path.exists(name):
        return dataset
    kind = "folder" if os.path.isdir(name) else "file"
    note = f"{name!r} is the known data set of that name and not the {kind} here, which is ./{name}."
    return replace(dataset, contents=replace(dataset.contents, notes=(*dataset.contents.notes, note)))
