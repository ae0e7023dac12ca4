"""Labels from folders: which folders are classes, which are splits of the data set, and which are neither.

Folders that hold one folder alone are passed through. Folders named like splits ("train", "seg_test", "dev") are the
splits, above the classes or inside them, and never classes. Masks, annotations, thumbnails and second copies of the
data set are set aside, and the data set says so. A layout that can be read in two ways is refused with the reason.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import PurePosixPath

from glico.config.limits import check
from glico.data.image_folders import ImageFolders
from glico.data.labelled import Labelled
from glico.data.split_names import Role, is_plain_role, is_storage, role_of
from glico.data.text import plain_text
from glico.data.tree import Names, Tree, natural_key
from glico.errors import GlicoError

Classes = dict[str, list[Names]]
SAME_NAMES = 4  # files that two folders share by name before they count as one set stored twice
COMPARED = 60  # class folders whose contents are compared
LISTED = 3


def by_folder(tree: Tree, groups_inside: bool = False) -> Labelled:
    """Label each image with the name of its folder.

    With ``groups_inside``, folders of the same name in several classes are groups, and are accepted. Raises GlicoError
    if the folders are no classes; the message says what they are.
    """
    return _Layout(tree, groups_inside).labelled()


class _Layout:
    """Decides which folders of a tree are classes and which are splits."""

    def __init__(self, tree: Tree, groups_inside: bool) -> None:
        self.tree, self.groups_inside = tree, groups_inside
        self.folders = ImageFolders(tree)
        self.notes: list[str] = []

    def labelled(self) -> Labelled:
        """Return the classes and splits. Raises GlicoError."""
        top = self.folders.descend(())
        parts = self.splits(top)
        if parts is not None:
            train, tests = parts
            classes = self.classes(train)
            return self.labelled_classes(classes, self.test_part(classes, tests), train)
        classes = self.classes(top)
        inner = self.splits_inside(top, classes)
        if inner is not None:
            return self.labelled_classes(*inner, top)
        return self.labelled_classes(classes, None, top)

    def labelled_classes(self, train: Classes, test: Classes | None, top: Names) -> Labelled:
        """Return the labels of these classes, without files that are named as masks of another image."""
        for split in (train, test or {}):
            for label, paths in split.items():
                split[label] = self.folders.without_masks(paths)
        if len(train) < 2:
            full = self.folders.inside.get(top, set())
            empty = sorted(path[-1] for path in self.tree.folders if path[:-1] == top and path not in full)
            without = f" ({', '.join(map(plain_text, empty[:LISTED]))} has no image)" if empty else ""
            raise GlicoError(
                f"{self.tree.title} has one class folder, {next(iter(train))!r}, and at least two are needed{without}."
            )
        return Labelled(train, test, top, set_aside=self.folders.set_aside, notes=tuple(self.notes))

    # Splits

    def splits(self, top: Names) -> tuple[Names, list[tuple[Role, Names]]] | None:
        """Return the folder of the training classes, and the folders of the other splits with their roles.

        Return None if the folders below ``top`` are not splits. Raises GlicoError if they are but none is for training.
        """
        inner = self.folders.parts(top)
        names = [path[-1] for path in inner]
        roles = {path: role_of(path[-1], names) for path in inner}
        training = [path for path, role in roles.items() if role == "train"]
        tests: list[tuple[Role, Names]] = [(role, path) for path, role in roles.items() if role in ("test", "val")]
        rest = [path for path, role in roles.items() if role is None]
        if not training and not tests:
            return None
        if training and not tests and self.is_class_called_train(training, inner, roles):
            return None
        if training:
            training_folder = self.only(training, "training")
            for path in inner:
                if path != training_folder and (path, roles[path]) not in [(path, role) for role, path in tests]:
                    self.folders.set_aside[path] = f"no split of the data set beside {training_folder[-1]}/"
            return self.train_top(training_folder), tests
        if len(rest) > 1 or (len(rest) == 1 and self.folders.parts(self.folders.peek(rest[0]))):
            for _, path in tests:
                self.folders.set_aside.setdefault(path, "named like a test split")
            return (top if len(rest) > 1 else self.train_top(rest[0])), tests
        folders = ", ".join(f"{path[-1]}/" for path in inner[:LISTED])
        raise GlicoError(
            f"{self.tree.shown(top)} has {folders} and no training split: name the training folder train/, or rename "
            "a class folder that is named as a split."
        )

    def is_class_called_train(
        self, training: list[Names], inner: list[Names], roles: Mapping[Names, Role | None]
    ) -> bool:
        """Return whether "train" is a vehicle: the word alone, among two or more other classes without subfolders."""
        others = [path for path in inner if path not in training]
        is_class = (
            len(training) == 1
            and training[0][-1].lower() == "train"
            and len(others) > 1
            and all(roles[path] is None and not is_storage(path[-1]) for path in others)
            and not any(self.folders.inside.get(path) for path in inner)
        )
        if is_class:
            beside = ", ".join(f"{path[-1]}/" for path in others[:LISTED])
            self.notes.append(f"The folder {training[0][-1]}/ is read as a class like {beside}.")
        return is_class

    def only(self, paths: list[Names], what: str) -> Names:
        """Return the one of several folders that has the plain name. Raises GlicoError if that does not decide."""
        plain = [path for path in paths if is_plain_role(path[-1])]
        candidates = plain if len(paths) > 1 else paths
        if len(candidates) != 1:
            folders = ", ".join(self.tree.shown(path) for path in paths[:LISTED])
            raise GlicoError(f"{self.tree.title} has {len(paths)} {what} splits ({folders}): keep one of them.")
        for path in paths:
            if path != candidates[0]:
                self.folders.set_aside[path] = f"another {what} split beside {candidates[0][-1]}/"
        return candidates[0]

    def train_top(self, top: Names) -> Names:
        """Return the folder of classes inside a training split, which may be divided again."""
        top = self.folders.descend(top)
        inner = self.splits(top)
        if inner is None:
            return top
        for role, path in inner[1]:
            self.folders.set_aside[path] = f"a {role} split inside the training split"
        return inner[0]

    def test_part(self, train: Classes, tests: list[tuple[Role, Names]]) -> Classes | None:
        """Return the classes of the test split, or of the validation split if only it has labels; None for neither."""
        known = {name.casefold(): name for name in train}
        test: Classes | None = None
        for tested in ("test", "val"):
            for path in [path for role, path in tests if role == tested]:
                if test is not None:
                    self.folders.set_aside[path] = "another split than the one tested on"
                    continue
                self.folders.set_aside.pop(path, None)
                classes = {known.get(name.casefold(), name): paths for name, paths in self.test_classes(path).items()}
                if set(classes) & set(train):
                    test = classes
                    self.notes.append(f"Tested on {'/'.join(path)}/.")
                else:
                    self.folders.set_aside[path] = "a test split without the class folders of the training split"
        if test is None:
            self.notes.append("No test split has labels: a share of each class becomes the test split.")
        return test

    def test_classes(self, path: Names) -> Classes:
        """The class folders of a test split; none if it is flat."""
        top = self.folders.descend(path)
        return {plain_text(inner[-1]): self.folders.below(inner) for inner in self.folders.parts(top)} or (
            {plain_text(top[-1]): self.folders.below(top)} if top != path else {}
        )

    # Classes

    def classes(self, top: Names) -> Classes:
        """Return each class folder's name, as plain text, and its images.

        Raises GlicoError if the folders are no classes.
        """
        inner = self.folders.parts(top)
        if not inner:
            raise GlicoError(self.no_classes(top))
        check("classes", len(inner), self.tree.title)
        if all(is_storage(path[-1]) for path in inner):
            raise GlicoError(
                f"{self.tree.shown(top)} has {_names(inner)}, whose names are those of places for images, not "
                "of classes: put the images of each class in a folder of its own, or add a table of labels "
                "(path,label)."
            )
        classes: Classes = {}
        for path in inner:
            self.folders.put_aside(path)
            label = plain_text(path[-1])
            if label in classes:
                raise GlicoError(f"{self.tree.title} has two class folders that both read {label!r}: rename one.")
            classes[label] = self.folders.below(path)
        self.refuse_parts(top, inner)
        return classes

    def no_classes(self, top: Names) -> str:
        images = self.folders.direct.get(top, [])
        remedy = "put the images of each class in one, or add a table of labels (path,label)"
        if not images:
            return f"{self.tree.shown(top)} has no class folder with images: {remedy}."
        return (
            f"{self.tree.shown(top)} has no class folder with images, but {len(images)} images in one place: {remedy}."
        )

    def refuse_parts(self, top: Names, inner: list[Names]) -> None:
        """Raise GlicoError if folders that look like classes hold the same classes, or the same files."""
        compared = inner[:COMPARED]
        held = {path: self.folders.names_inside(path) for path in compared}
        nested = {path: names for path, names in held.items() if names}
        for one, other in _pairs(list(nested)):
            shared = {name for name in nested[one] & nested[other] if role_of(name) is None}
            if len(shared) > 1 and not self.are_groups(shared, inner):
                raise GlicoError(
                    f"{self.tree.shown(one)} and {self.tree.shown(other)} hold the same folders "
                    f"({', '.join(sorted(shared, key=natural_key)[:LISTED])}), so that either may be the classes: give "
                    f"one of the two as the data set, or, if {one[-1]} and {other[-1]} are the classes, say that the "
                    "folders inside them are groups (--groups folder)."
                )
        for one, other in _pairs([path for path in compared if not held[path] and not self.groups_inside]):
            names = self.stems(one)
            if names == self.stems(other) and len(names) >= SAME_NAMES and not _are_counted(names):
                raise GlicoError(
                    f"{self.tree.shown(one)} and {self.tree.shown(other)} hold files of the same names "
                    f"({', '.join(sorted(names)[:2])}, ...), as two versions of the same images do: keep one of "
                    "the folders, and put the images of each class in a folder of its own."
                )
        inside = sorted({name for names in nested.values() for name in names if role_of(name) is None})
        if inside:
            more = ", ..." if len(inside) > LISTED else ""
            self.notes.append(
                f"Folders inside class folders ({', '.join(inside[:LISTED])}{more}) are read as part of the class."
            )

    def stems(self, folder: Names) -> set[str]:
        """Return the names of the images right in a folder, without their suffixes."""
        return {PurePosixPath(path[-1]).stem for path in self.folders.direct.get(folder, ())}

    def are_groups(self, shared: set[str], classes: list[Names]) -> bool:
        """Return whether folders inside classes are groups such as "patient 3": numbered, as the classes are not."""

        def is_numbered(name: str) -> bool:
            return any(character.isdecimal() for character in name)

        return self.groups_inside or (
            all(map(is_numbered, shared)) and not all(is_numbered(path[-1]) for path in classes)
        )

    def splits_inside(self, top: Names, classes: Classes) -> tuple[Classes, Classes | None] | None:
        """Return the splits if they are inside the class folders; None if they are not. Raises GlicoError if some
        do."""
        inside: dict[str, dict[Role, list[Names]]] = {}
        without = []
        for path in self.folders.parts(top):
            by_role: dict[Role, list[Names]] = {}
            children = self.folders.parts(self.folders.peek(path))
            names = [child[-1] for child in children]
            for child in children:
                if role := role_of(child[-1], names):
                    by_role.setdefault(role, []).append(child)
            if {"train", "test", "val"} & by_role.keys():
                inside[plain_text(path[-1])] = by_role
            else:
                without.append(path)
        if not inside:
            return None
        untrained = [label for label, by_role in inside.items() if "train" not in by_role]
        if without or untrained:
            lacking = "/".join(without[0]) if without else untrained[0]
            raise GlicoError(
                f"{self.tree.title} has splits inside its class folders ({next(iter(inside))} has "
                f"{' and '.join(sorted(next(iter(inside.values()))))}), but {lacking} has no training split: give each "
                "class the same splits."
            )
        tested: Role | None = next(
            (role for role in ("test", "val") if any(role in own for own in inside.values())), None
        )
        splits: list[Classes] = []
        for role in ("train", tested):
            folders = {label: own.get(role, []) for label, own in inside.items()} if role else {}
            images = {label: list(chain(*map(self.folders.below, tops))) for label, tops in folders.items()}
            splits.append({label: paths for label, paths in images.items() if paths})
        for own in inside.values():
            for role, tops in own.items():
                if role not in ("train", tested):
                    self.folders.set_aside |= dict.fromkeys(tops, "another split than the one tested on")
        self.notes.append("The splits are read from the folders inside the class folders.")
        return splits[0], splits[1] or None


def _pairs(paths: list[Names]) -> list[tuple[Names, Names]]:
    return [(one, other) for index, one in enumerate(paths) for other in paths[index + 1 :]]


def _names(paths: Sequence[Names]) -> str:
    shown = ", ".join(f"{path[-1]}/" for path in paths[:LISTED])
    return shown + (f" and {len(paths) - LISTED} folders more" if len(paths) > LISTED else "")


def _are_counted(stems: set[str]) -> bool:
    """Return whether the names could be those of any folder.

    They could if they are numbers, a few characters each, or one text with consecutive numbers.
    """
    if all(stem.isdecimal() or len(stem) < 4 for stem in stems):
        return True
    matches = [match for stem in stems if (match := re.fullmatch(r"(.*?)(\d+)(\D*)", stem))]
    numbers = {int(match[2]) for match in matches}
    texts = {(match[1], match[3]) for match in matches}
    return len(matches) == len(stems) and len(texts) == 1 and max(numbers) - min(numbers) + 1 == len(stems)
