"""The known data sets as a table, and the one way to load any data set, known or your own."""

import difflib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, get_args

from glico.config import DataConfig, Resolution
from glico.data import medmnist
from glico.data.archive import archive_tree, open_archive
from glico.data.cifar import cifar_folder, read_cifar
from glico.data.cub import is_cub_here, read_cub
from glico.data.dataset import Dataset, Progress
from glico.data.digits import read_digits
from glico.data.folder import folder_tree
from glico.data.images import Colour, Unreadable
from glico.data.label_table import SUFFIXES as TABLE_SUFFIXES
from glico.data.label_table import by_table, find_tables
from glico.data.npz import read_npz
from glico.data.split import TEST_FRACTION
from glico.data.text import plain_text, shown_path
from glico.data.tree import Tree, by_folder, read_tree
from glico.errors import GlicoError

RESOLUTION = 64  # of an image folder
KINDS = "an image folder, a .zip of one, a table of labels (.csv, .tsv) beside the images, or an .npz file"
RESOLUTIONS: tuple[int, ...] = get_args(Resolution)


class Reader(Protocol):
    """Reads a known data set at a resolution; fetches it first where it may."""

    def __call__(self, resolution: int, colour: Colour, download: bool, progress: Progress | None) -> Dataset: ...


@dataclass(frozen=True)
class Known:
    """A data set with a name: a line for the reader, its own resolution, how to read it, whether it is here."""

    description: str
    resolution: int
    read: Reader
    is_available: Callable[[], bool]


def _digits(resolution: int, colour: Colour, download: bool, progress: Progress | None) -> Dataset:
    return read_digits(resolution, colour, progress)


def _cifar(name: str, description: str) -> Known:
    return Known(
        f"{description}; a download of 170 MB", 32, partial(read_cifar, name), lambda: cifar_folder(name).is_dir()
    )


def _medmnist() -> dict[str, Known]:
    return {
        name: Known(
            f"MedMNIST's {description}; a download of its own", medmnist.RESOLUTION,
            partial(medmnist.read_medmnist, name), partial(medmnist.is_medmnist_here, name),
        )
        for name, description in medmnist.NAMES.items()
    }  # fmt: skip


DATASETS: dict[str, Known] = {
    "digits": Known(
        "1797 handwritten digits, grey, 8 x 8 enlarged; comes with scikit-learn", 16, _digits, lambda: True
    ),
    "cifar10": _cifar("cifar10", "60 000 photographs of 10 classes, 32 x 32"),
    "cifar100": _cifar("cifar100", "60 000 photographs of 100 classes, 32 x 32"),
    "cifair10": _cifar("cifair10", "CIFAR-10 with a test split that repeats no training image"),
    "cifair100": _cifar("cifair100", "CIFAR-100 with a test split that repeats no training image"),
    "cub200": Known(
        "11 788 photographs of 200 species of birds, the shorter side 256 pixels; a download of 1.1 GB", 256,
        partial(read_cub, boxes=False), is_cub_here,
    ),
    "cub200-boxes": Known(
        "the same, each cut to the box around its bird first", 256, partial(read_cub, boxes=True), is_cub_here,
    ),
    **(_medmnist() if medmnist.is_installed() else {}),
}  # fmt: skip


def load_dataset(
    name_or_path: str | os.PathLike[str],
    resolution: int | None = None,
    colour: Colour = "auto",
    download: bool = False,
    progress: Progress | None = None,
    test_fraction: float = TEST_FRACTION,
    unreadable: Unreadable = "refuse",
) -> Dataset:
    """A known data set by its name, or by its path an image folder, a .zip of one, a table of labels, or an .npz file.

    ``resolution`` is the side R of the images, by default the data set's own; images are (n, R, R, C) uint8, C = 1
    for grey and 3 for RGB (glico.data.images has the rule). ``test_fraction`` of each class is held out where the
    data has no test split. Images and labels that cannot be read are left out where ``unreadable`` says so. Nothing
    is fetched unless ``download``. Raises GlicoError with one sentence.
    """
    name = os.fspath(name_or_path)
    if resolution is not None and resolution not in RESOLUTIONS:
        raise GlicoError(
            f"A resolution of {resolution} pixels is not offered; choose from {', '.join(map(str, RESOLUTIONS))}."
        )
    if name in DATASETS:
        known = DATASETS[name]
        return known.read(resolution or known.resolution, colour, download, progress)
    path = Path(os.path.expanduser(name))
    suffix = path.suffix.lower()

    def read(name: str, tree: Tree, table: str | None = None) -> Dataset:
        tables = find_tables(tree, table)
        if table is not None and not tables:
            raise GlicoError(f"{shown_path(path)} is no table of labels: its first line must be path,label or more.")
        labelled = by_table(tree, tables, unreadable) if tables else by_folder(tree)
        return read_tree(name, tree, labelled, resolution or RESOLUTION, colour, test_fraction, progress, unreadable)

    if name and os.path.isdir(path):  # os.path's answer to a path that cannot be looked at is no, not an error
        return read(path.resolve().name, folder_tree(path))
    if os.path.isfile(path) and suffix in TABLE_SUFFIXES:
        return read(path.stem, folder_tree(path.parent), path.name)
    if os.path.isfile(path) and suffix == ".npz":
        return read_npz(path, resolution, colour, test_fraction, progress)
    if os.path.isfile(path) and suffix == ".zip":
        with open_archive(path, "a .zip file") as archive:
            return read(path.stem, archive_tree(archive, path))
    if os.path.isfile(path):
        raise GlicoError(f"{shown_path(path)} is not a data set: that is {KINDS}.")
    names = [name for name in DATASETS if name not in medmnist.NAMES]
    names += ["MedMNIST's"] * medmnist.is_installed()
    close = difflib.get_close_matches(name.lower(), DATASETS, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    raise GlicoError(
        f"There is no data set {plain_text(name)!r}: it is neither a known name "
        f"({', '.join(names)}) nor a file or folder.{hint}"
    )


def load_configured(config: DataConfig, progress: Progress | None = None) -> Dataset:
    """The data set that a configuration names, prepared as it says. Raises GlicoError."""
    return load_dataset(
        config.dataset, config.resolution, config.colour, config.download, progress, config.test_fraction,
        config.unreadable,
    )  # fmt: skip
