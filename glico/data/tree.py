"""Images in folders, on disk or in an archive: a folder per class, or a table of labels."""

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np

from glico.config.limits import check
from glico.data.dataset import Colour, Dataset, held_out
from glico.data.images import SUFFIXES, ImageFile, Unreadable, match_colour, open_file, read_images
from glico.data.text import plain_text, shown_path
from glico.errors import GlicoError
from glico.types import Progress

Names = tuple[str, ...]  # names from the top down
TRAIN = ("train", "training")
TEST = ("test", "testing", "val", "valid", "validation")  # the first that is there is the test split
UNSUPPORTED = frozenset((".heic", ".heif"))


@dataclass(frozen=True)
class Tree:
    """What a folder or an archive holds: its ``folders``, and its ``files`` with a way to open each.

    ``title`` names it for the reader; a file's name in an error is ``title`` and its path joined.
    """

    title: str
    folders: frozenset[Names]
    files: Mapping[Names, Callable[[], BinaryIO]]

    def inside(self, top: Names) -> list[Names]:
        """The folders right below the folder ``top``."""
        depth = len(top)
        return [path for path in self.folders if len(path) == depth + 1 and path[:depth] == top]

    def shown(self, path: Names) -> str:
        """A path in it, as its owner knows it."""
        return plain_text("/".join((self.title, *path)), limit=1000)


@dataclass(frozen=True)
class Labelled:
    """Which images of a tree are of which class: in each split, class names in order with their images in order.

    ``test`` is None where the data does not say which images are held out. Names of images begin below ``top``.
    ``left_out`` tells what was to be here and is not.
    """

    train: Mapping[str, Sequence[Names]]
    test: Mapping[str, Sequence[Names]] | None
    top: Names
    left_out: tuple[str, ...] = ()


def make_tree(title: str, folders: Iterable[Names], files: Mapping[Names, Callable[[], BinaryIO]]) -> Tree:
    """A tree without what operating systems leave behind, and with every folder that a file lies in."""
    kept = {path: opener for path, opener in files.items() if not _is_junk(path)}
    every: set[Names] = set()
    for path in [*(path[:-1] for path in kept), *(path for path in folders if not _is_junk(path))]:
        while path and path not in every:
            every.add(path)
            path = path[:-1]
        check("entries", len(every) + len(kept), title)
    return Tree(title, frozenset(every), kept)


def read_tree(
    name: str,
    tree: Tree,
    labelled: Labelled,
    resolution: int,
    colour: Colour,
    test_fraction: float,
    progress: Progress | None,
    unreadable: Unreadable = "refuse",
) -> Dataset:
    """The labelled images of a tree -> a data set. Raises GlicoError if they do not make one.

    Where nothing says what the test split is, ``test_fraction`` of each class is held out, whatever the seed.
    """
    class_names = tuple(labelled.train)
    check("classes", len(class_names), tree.title)
    if len(class_names) < 2:
        raise GlicoError(f"{tree.title} has images of one class, {class_names[0]!r}, and at least two are needed.")
    tested = labelled.test or {}
    if strangers := sorted(set(tested) - set(class_names)):
        raise GlicoError(f"{tree.title} has the class {strangers[0]!r} in its test split but no training image of it.")

    sides = [[(path, label) for label, name in enumerate(class_names) for path in split.get(name, ())]
             for split in (labelled.train, tested)]  # fmt: skip
    entries = [entry for side in sides for entry in side]
    check("images", len(entries), tree.title)
    files = [ImageFile("/".join((tree.title, *path)), tree.files[path]) for path, _ in entries]
    found = read_images(files, resolution, colour, progress, unreadable)
    (images,) = match_colour(colour, found.images)
    labels = np.array([label for _, label in entries], dtype=np.int64)[found.readable]
    test = (np.arange(len(entries)) >= len(sides[0]))[found.readable]
    names = [
        "/".join(map(composed, path[len(labelled.top) :]))
        for (path, _), readable in zip(entries, found.readable, strict=True)
        if readable
    ]
    if labelled.test is None:
        test = held_out(names, labels, test_fraction)
    for label, count in enumerate(np.bincount(labels[~test], minlength=len(class_names))):
        if count == 0:
            raise GlicoError(f"{tree.title} has no readable training image of the class {class_names[label]!r}.")
    return Dataset(
        name, images[~test], labels[~test], images[test], labels[test], class_names,
        tuple(name for name, tests in zip(names, test, strict=True) if not tests),
        left_out=labelled.left_out + found.left_out,
    )  # fmt: skip


def by_folder(tree: Tree) -> Labelled:
    """The class of an image is the folder that it lies in. Raises GlicoError if that is not so.

    Folders that hold nothing but one folder are passed through. ``train/`` beside ``test/`` (or ``val/``) are the
    splits.
    """
    train_top, test_top = splits(tree)
    train = _classes(tree, train_top)
    if len(train) < 2:
        raise GlicoError(f"{tree.title} has one class folder, {next(iter(train))!r}, and at least two are needed.")
    return Labelled(train, _classes(tree, test_top) if test_top is not None else None, train_top)


def splits(tree: Tree) -> tuple[Names, Names | None]:
    """The folder that holds the training split's folders, and the test split's if there is one."""
    top: Names = ()
    while True:
        inner = tree.inside(top)
        by_name = {path[-1].lower(): path for path in inner}
        train = next((by_name[name] for name in TRAIN if name in by_name), None)
        test = next((by_name[name] for name in TEST if name in by_name), None)
        if train is not None and test is not None and set(by_name) <= {*TRAIN, *TEST}:
            return train, test
        if len(inner) != 1 or not tree.inside(inner[0]):
            return top, None
        top = inner[0]


def is_image(tree: Tree, path: Names) -> bool:
    """Whether a file has an image's name. Raises GlicoError for a kind that is not read."""
    suffix = PurePosixPath(path[-1]).suffix.lower()
    if suffix in UNSUPPORTED:
        raise GlicoError(f"{tree.shown(path)} is a HEIC image, which is not read: save it as JPEG or PNG.")
    return suffix in SUFFIXES


def composed(name: str) -> str:
    """A file's name in Unicode's composed form, whatever the system wrote."""
    return unicodedata.normalize("NFC", name)


def _classes(tree: Tree, top: Names) -> dict[str, list[Names]]:
    """Each class folder's name, as plain text, and its images in the order of their names."""
    inside: dict[Names, list[Names]] = {path: [] for path in tree.inside(top)}
    for path in tree.files:
        folder = path[: len(top) + 1]
        if folder in inside and is_image(tree, path):
            inside[folder].append(path)
    if not any(inside.values()):
        raise GlicoError(f"{tree.shown(top)} has no class folder with images: put the images of each class in one.")
    check("classes", len(inside), tree.title)
    classes: dict[str, list[Names]] = {}
    for folder, paths in sorted(inside.items()):
        label = plain_text(folder[-1])
        if label in classes:
            raise GlicoError(f"{tree.title} has two class folders that both read {label!r}: rename one.")
        if not paths:
            raise GlicoError(f"{tree.shown(folder)} has no image: a class folder needs some ({_suffixes()}).")
        classes[label] = sorted(paths, key=lambda path: tuple(map(composed, path)))
    return dict(sorted(classes.items()))


def _is_junk(path: Names) -> bool:
    """Hidden files (.DS_Store, ._name) and folders, the Mac's resource forks, Windows' thumbnails."""
    return any(name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini") for name in path)


def _suffixes() -> str:
    return ", ".join(sorted(SUFFIXES))


def folder_tree(directory: Path) -> Tree:
    """What lies below ``directory``, links followed. Raises GlicoError for a folder that cannot be read, a loop, or
    more than a limit lets in."""
    shown = shown_path(directory)
    folders: list[tuple[str, ...]] = []
    files = {}

    def fail(error: OSError) -> None:
        raise GlicoError(f"The folder {error.filename} cannot be read: {error.strerror}.")

    for here, inner, names in os.walk(directory, followlinks=True, onerror=fail):
        path = Path(here).relative_to(directory).parts
        check("depth", len(path), shown)
        above = [directory.joinpath(*path[:depth]) for depth in range(len(path))]
        if any(os.path.samefile(here, folder) for folder in above):
            raise GlicoError(f"The folder {here} is a link to a folder above it: take the link out.")
        folders += [(*path, name) for name in inner]
        for name in names:
            file = Path(here, name)
            if file.is_file() or file.is_symlink():  # a broken link is reported when it is opened; a pipe is no file
                files[*path, name] = partial(open_file, file)
        check("entries", len(folders) + len(files), shown)
    return make_tree(shown, folders, files)
