"""The one way to load any data set, known or your own."""

import difflib
import os
from pathlib import Path
from typing import get_args

from glico.config import DataConfig, Resolution
from glico.config.data import IN_MEMORY
from glico.data.archive import archive_tree, open_archive
from glico.data.dataset import TEST_FRACTION, Colour, Dataset
from glico.data.images import Unreadable
from glico.data.known import DATASETS
from glico.data.label_table import SUFFIXES as TABLE_SUFFIXES
from glico.data.label_table import by_table, find_tables
from glico.data.npz import read_npz
from glico.data.text import plain_text, shown_path
from glico.data.tree import Tree, by_folder, folder_tree, read_tree
from glico.errors import GlicoError
from glico.types import Progress

RESOLUTION = 64  # of an image folder
KINDS = "an image folder, a .zip of one, a table of labels (.csv, .tsv) beside the images, or an .npz file"
RESOLUTIONS: tuple[int, ...] = get_args(Resolution)


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
    if name == IN_MEMORY:
        raise GlicoError(
            "The checkpoint was fitted on arrays in memory, which are not stored as a data set: name a folder or file "
            "with the same images (--dataset)."
        )
    if name in DATASETS:
        known = DATASETS[name]
        return known.read(resolution or known.resolution, colour, download, progress)
    path = Path(os.path.expanduser(name))
    suffix = path.suffix.lower()

    def read(name: str, tree: Tree, table: str | None = None) -> Dataset:
        tables = find_tables(tree, table)
        if table is not None and not tables:
            raise GlicoError(f"{shown_path(path)} is not a table of labels: its first line must be path,label[,split].")
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
    names = dict.fromkeys(known.family or name for name, known in DATASETS.items())
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
