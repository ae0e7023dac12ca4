"""Images in folders, a folder a class, wherever the folders lie: on disk or in an archive."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np

from glico.data.dataset import Dataset, Progress
from glico.data.images import SUFFIXES, Colour, Source, match_colour, read_images
from glico.data.split import held_out
from glico.data.text import plain_text
from glico.errors import GlicoError

Path = tuple[str, ...]  # names from the top down
TRAIN = ("train", "training")
TEST = ("test", "testing", "val", "valid", "validation")  # the first that is there is the test part
UNSUPPORTED = frozenset((".heic", ".heif"))


@dataclass(frozen=True)
class Tree:
    """What a folder or an archive holds: its ``folders``, and its ``files`` with a way to open each.

    ``title`` names it for the reader; a file's name in an error is ``title`` and its path joined.
    """

    title: str
    folders: frozenset[Path]
    files: Mapping[Path, Callable[[], BinaryIO]]


def make_tree(title: str, folders: Iterable[Path], files: Mapping[Path, Callable[[], BinaryIO]]) -> Tree:
    """A tree without what operating systems leave behind, and with every folder that a file lies in."""
    kept = {path: opener for path, opener in files.items() if not _is_junk(path)}
    above = {path[:depth] for path in kept for depth in range(1, len(path))}
    given = {path[:depth] for path in folders if not _is_junk(path) for depth in range(1, len(path) + 1)}
    return Tree(title, frozenset(above | given), kept)


def read_tree(
    name: str, tree: Tree, resolution: int, colour: Colour, test_fraction: float, progress: Progress | None
) -> Dataset:
    """A tree of images -> a data set. Raises GlicoError if it is not a folder a class with images in each.

    Folders that hold nothing but one folder are passed through. ``train/`` beside ``test/`` (or ``val/``) are the
    parts; without them ``test_fraction`` of each class is held out, whatever the seed.
    """
    train_top, test_top = _parts(tree)
    train = _classes(tree, train_top)
    test = _classes(tree, test_top) if test_top is not None else {}
    class_names = tuple(sorted(train))
    if len(class_names) < 2:
        raise GlicoError(f"{tree.title} has one class folder, {class_names[0]!r}, and at least two are needed.")
    if strangers := sorted(set(test) - set(train)):
        raise GlicoError(f"{tree.title} has the class {strangers[0]!r} in its test part but not in its training part.")

    paths = [path for label in class_names for path in train[label]]
    test_paths = [path for label in class_names for path in test.get(label, [])]
    labels = np.repeat(np.arange(len(class_names)), [len(train[label]) for label in class_names])
    test_labels = np.repeat(np.arange(len(class_names)), [len(test.get(label, [])) for label in class_names])
    images = read_images([_source(tree, path) for path in paths + test_paths], resolution, colour, progress)
    (images,) = match_colour(colour, images)
    train_images, test_images = images[: len(paths)], images[len(paths) :]
    names = ["/".join(map(_composed, path[len(train_top) :])) for path in paths]
    if test_top is None:
        test_mask = held_out(names, labels, test_fraction)
        train_images, test_images = images[~test_mask], images[test_mask]
        labels, test_labels = labels[~test_mask], labels[test_mask]
        names = [name for name, tests in zip(names, test_mask, strict=True) if not tests]
    return Dataset(name, train_images, labels, test_images, test_labels, class_names, tuple(names))


def _parts(tree: Tree) -> tuple[Path, Path | None]:
    """The folder that holds the training part's class folders, and the test part's if there is one."""
    top: Path = ()
    while True:
        inner = [path for path in tree.folders if _is_child(path, top)]
        by_name = {path[-1].lower(): path for path in inner}
        train = next((by_name[name] for name in TRAIN if name in by_name), None)
        test = next((by_name[name] for name in TEST if name in by_name), None)
        if train is not None and test is not None and set(by_name) <= {*TRAIN, *TEST}:
            return train, test
        if len(inner) != 1 or not any(_is_child(path, inner[0]) for path in tree.folders):
            return top, None
        top = inner[0]


def _classes(tree: Tree, top: Path) -> dict[str, list[Path]]:
    """Each class folder's name, as plain text, and its images in the order of their names."""
    inside: dict[Path, list[Path]] = {path: [] for path in tree.folders if _is_child(path, top)}
    for path in tree.files:
        suffix = PurePosixPath(path[-1]).suffix.lower()
        folder = path[: len(top) + 1]
        if folder in inside and suffix in UNSUPPORTED:
            raise GlicoError(f"{_title(tree, path)} is a HEIC image, which is not read: save it as JPEG or PNG.")
        if folder in inside and suffix in SUFFIXES:
            inside[folder].append(path)
    if not any(inside.values()):
        raise GlicoError(f"{_title(tree, top)} has no class folder with images: put the images of each class in one.")
    classes: dict[str, list[Path]] = {}
    for folder, paths in sorted(inside.items()):
        label = plain_text(folder[-1])
        if label in classes:
            raise GlicoError(f"{tree.title} has two class folders that both read {label!r}: rename one.")
        if not paths:
            raise GlicoError(f"{_title(tree, folder)} has no image: a class folder needs some ({_suffixes()}).")
        classes[label] = sorted(paths, key=lambda path: tuple(map(_composed, path)))
    return classes


def _source(tree: Tree, path: Path) -> Source:
    return "/".join((tree.title, *path)), tree.files[path]


def _is_child(path: Path, top: Path) -> bool:
    return len(path) == len(top) + 1 and path[: len(top)] == top


def _title(tree: Tree, path: Path) -> str:
    return plain_text("/".join((tree.title, *path)), limit=1000)


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _is_junk(path: Path) -> bool:
    """Hidden files (.DS_Store, ._name) and folders, the Mac's resource forks, Windows' thumbnails."""
    return any(name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini") for name in path)


def _suffixes() -> str:
    return ", ".join(sorted(SUFFIXES))
