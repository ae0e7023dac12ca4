"""The class of each image of a tree, and the data set of these images."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from glico.config.limits import check
from glico.data.dataset import Contents, Dataset, in_test_split
from glico.data.duplicates import find_duplicates
from glico.data.groups import Groups, groups_of, notes_on, split_by_group
from glico.data.images import ImageFile, ReadImages, match_colour, read_images
from glico.data.reading import Reading
from glico.data.tree import Names, Tree, composed
from glico.errors import GlicoError
from glico.types import Images, Labels, Progress
from glico.words import counted

LISTED = 5  # folders that a note names


@dataclass(frozen=True)
class Labelled:
    """The classes of a tree's images: in each split, class names in order with their images in order.

    ``test`` is None if the data has no test split. Names of images begin below ``top``.
    ``skipped`` names lines of a table that cannot be used, ``set_aside`` says of a folder why its images have no
    class, and ``notes`` are sentences on how the data was understood. ``used`` are the tables that were read,
    ``groups`` the groups of images that one of their columns names. ``decisions`` are tables of decisions on single
    images (glico.data.decisions).
    """

    train: Mapping[str, Sequence[Names]]
    test: Mapping[str, Sequence[Names]] | None
    top: Names
    skipped: tuple[str, ...] = ()
    set_aside: Mapping[Names, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    used: tuple[Names, ...] = ()
    groups: Mapping[Names, str] = field(default_factory=dict)
    decisions: tuple[Names, ...] = ()

    def images(self) -> set[Names]:
        """Return all images that have a class."""
        return {path for split in (self.train, self.test or {}) for paths in split.values() for path in paths}


def read_tree(
    name: str,
    tree: Tree,
    labelled: Labelled,
    reading: Reading,
    progress: Progress | None,
) -> Dataset:
    """Read the labelled images of a tree as a data set. Raises GlicoError if they do not make one."""
    class_names = tuple(labelled.train)
    _check_classes(tree, labelled)
    sides = [
        [(path, label) for label, name in enumerate(class_names) for path in split.get(name, ())]
        for split in (labelled.train, labelled.test or {})
    ]
    entries = [entry for side in sides for entry in side]
    check("images", len(entries), tree.title)
    files = [ImageFile("/".join((tree.title, *path)), tree.files[path]) for path, _ in entries]
    loaded = read_images(files, reading.preparation, progress, reading.unreadable)
    (images,) = match_colour(reading.preparation.colour, loaded.images)
    labels = np.array([label for _, label in entries], dtype=np.int64)[loaded.readable]
    test = (np.arange(len(entries)) >= len(sides[0]))[loaded.readable]
    readable = [path for (path, _), is_readable in zip(entries, loaded.readable, strict=True) if is_readable]
    names = ["/".join(map(composed, path[len(labelled.top) :])) for path in readable]
    grouped = _groups(readable, images, reading.groups, labelled)
    own_test = None if labelled.test is None else test
    test, is_used, notes = _split(names, labels, grouped, own_test, reading.test_fraction)
    for label, count in enumerate(np.bincount(labels[~test], minlength=len(class_names))):
        if count == 0:
            raise GlicoError(
                f"{tree.title} has no readable training image of the class {class_names[label]!r}. "
                "Add some or remove the class."
            )
    training, testing = np.flatnonzero(~test), np.flatnonzero(test & is_used)
    notes += notes_on(grouped, labels, class_names)
    return Dataset(
        name,
        images[training],
        labels[training],
        images[testing],
        labels[testing],
        class_names,
        tuple(names[row] for row in training),
        test_names=tuple(names[row] for row in testing),
        train_groups=tuple(grouped[row] for row in training) if grouped else (),
        preparation=loaded.preparation,
        choices=loaded.choices,
        contents=_contents(tree, labelled, readable, loaded, notes),
    )


def _check_classes(tree: Tree, labelled: Labelled) -> None:
    """Raise GlicoError for a single class, too many, or a class without training images."""
    class_names = tuple(labelled.train)
    check("classes", len(class_names), tree.title)
    if len(class_names) < 2:
        raise GlicoError(f"{tree.title} has images of one class, {class_names[0]!r}, and at least two are needed.")
    if strangers := sorted(set(labelled.test or {}) - set(class_names)):
        raise GlicoError(
            f"{tree.title} has the class {strangers[0]!r} in its test split but no training image of it. "
            "Add training images or remove the class."
        )


def _split(
    names: Sequence[str], labels: Labels, groups: Groups, own_test: NDArray[np.bool_] | None, fraction: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], list[str]]:
    """Return the masks (n,) of the test images and of the images that are used, and notes.

    The test images are the data set's own, without those whose groups are trained on; else a ``fraction`` of all.
    """
    is_used = np.ones(len(labels), dtype=bool)
    if own_test is None:
        if groups:
            return split_by_group(groups, labels, fraction), is_used, []
        return in_test_split(names, labels, fraction), is_used, []
    if not groups:
        return own_test, is_used, []
    trained = {group for group, is_test in zip(groups, own_test, strict=True) if group and not is_test}
    is_used = np.array([not is_test or group not in trained for group, is_test in zip(groups, own_test, strict=True)])
    count = counted(int((~is_used).sum()), "test image")
    return own_test, is_used, [] if is_used.all() else [f"{count} left out, whose groups are in the training split."]


def _groups(paths: Sequence[Names], images: Images, choice: str | None, labelled: Labelled) -> Groups:
    """Return the group of each image by the configuration's ``choice``; nothing without one."""
    if choice == "duplicates":
        return tuple(f"duplicates {group}" if group >= 0 else "" for group in find_duplicates(images).groups)
    return groups_of(paths, choice, labelled.groups) if choice else ()


def _contents(
    tree: Tree, labelled: Labelled, read: Sequence[Names], images: ReadImages, notes: Sequence[str]
) -> Contents:
    used = labelled.images()
    known = {*tree.images, *labelled.used, *labelled.decisions}
    unread = [path for path in tree.files if path not in known]
    return Contents(
        read=tree.suffixes(read),
        unread=tree.suffixes(unread),
        unused=len(tree.images - used),
        skipped=labelled.skipped + images.skipped,
        notes=(*labelled.notes, *_unused(tree, labelled, used), *_empty_folders(tree, labelled), *images.notes, *notes),
        cautions=images.cautions,
    )


def _unused(tree: Tree, labelled: Labelled, used: Collection[Names]) -> list[str]:
    """Return a sentence for each reason that images have no class."""
    busy = {path[:depth] for path in used for depth in range(len(path))}  # folders that hold used images
    why: dict[str, Counter[str]] = {}
    for path in sorted(tree.images - set(used)):
        folders = [path[:depth] for depth in range(1, len(path))]
        parent = next((each for each in (*folders, path) if each in labelled.set_aside), None)
        folder = (path[:-1] if parent == path else parent) or next(
            (folder for folder in folders if folder not in busy), path[:-1]
        )
        reason = labelled.set_aside[parent] if parent else "no class"
        why.setdefault(reason, Counter())["/".join((*folder, "")) or "the top folder"] += 1
    return [f"Left out ({reason}): {_listed(counts)}." for reason, counts in why.items()]


def _empty_folders(tree: Tree, labelled: Labelled) -> list[str]:
    """Return a sentence on the topmost folders below which there is no image."""
    full = {path[:depth] for path in tree.images for depth in range(len(path))}
    empty = sorted(
        folder for folder in tree.folders if folder not in full and (folder[:-1] in full or len(folder) == 1)
    )
    if not empty:
        return []
    names = ", ".join("/".join(folder) for folder in empty[:LISTED])
    more = f" and {len(empty) - LISTED} more" if len(empty) > LISTED else ""
    return [f"Left out (no image inside): {names}{more}."]


def _listed(counts: Mapping[str, int]) -> str:
    shown = [f"{folder} ({count} image{'s'[: count > 1]})" for folder, count in list(counts.items())[:LISTED]]
    return ", ".join(shown) + (f" and {len(counts) - LISTED} folders more" if len(counts) > LISTED else "")
