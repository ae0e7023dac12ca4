"""Labels from tables beside the images: the class and the split of each image that a table names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum

from glico.data.image_lookup import Lookup
from glico.data.images import UnreadableError, without
from glico.data.label_table import DECISION, LabelTable
from glico.data.labelled import Labelled
from glico.data.preparation import Unreadable
from glico.data.split_names import Role, role_of
from glico.data.table_rows import Row
from glico.data.text import plain_text
from glico.data.tree import Names, Tree, composed, natural_key
from glico.errors import GlicoError

SEPARATORS = re.compile(r"\s*[|;,]\s*")


def by_table(
    tree: Tree, tables: Sequence[LabelTable], images: Lookup, unreadable: Unreadable = "refuse", group: str = ""
) -> Labelled:
    """Return the classes of the images that tables name; images without a line are left out.

    The split is that of its column, else that of the name of the table or of its folder, else that of the folders of
    the image. With both ``test`` and ``val``, ``val`` is left out. Lines without an image, a class or a known split are
    left out if ``unreadable`` says so, and else :class:`~glico.data.images.UnreadableError` names the first.
    """
    tables, notes = _one_table_or_splits(tree, tables)
    classes: dict[Names, tuple[str, Role | None]] = {}  # image -> class, split
    groups: dict[Names, str] = {}
    problems: dict[str, str] = {}  # where -> what is wrong there
    split_of = _SplitOf(tables)
    for table in tables:
        _refuse_several_classes(tree, table)
        for row in table.rows:
            if row.cells.get(DECISION) == "leave-out":
                continue
            written, label = row.cells.get(table.path_column, ""), table.class_of(row)
            paths = images.find(written, table.path)
            groups |= dict.fromkeys(paths, plain_text(row.cells.get(group, "")))
            split, word = split_of(table, row, paths[0] if paths else ())
            if len(paths) > 1 and word:
                paths = [path for path in paths if (_folder_role(path) == "train") == (split == "train")] or paths
            if not paths:
                problems[row.where] = f"there is no image {plain_text(written)!r}"
            elif len(paths) > 1:
                problems[row.where] = f"{len(paths)} images are called {plain_text(written)!r}: write the folder too"
            elif not label:
                problems[row.where] = f"{plain_text(written)!r} has no label"
            elif split is None and word:
                problems[row.where] = f"the split {plain_text(word)!r} is none of train, val and test"
            elif classes.setdefault(paths[0], (label, split)) != (label, split):
                problems[row.where] = f"{plain_text(written)!r} is there again, with another label or split"
                if table.has_boxes:
                    problems[row.where] += "; the table holds boxes, and one class per image is needed"
    if problems and unreadable != "leave-out":
        where, why = next(iter(problems.items()))
        raise UnreadableError(
            f"{where}: {why}; correct it or {without(len(problems), 'label')}.", tuple(problems), "label"
        )
    labelled = _labelled(
        tree, tables, classes, tuple(problems), [*notes, *(_read_note(tree, table) for table in tables)]
    )
    return replace(labelled, groups=groups)


class Relation(Enum):
    """The relations of a table's labels to folders that could be classes by themselves."""

    NONE = "it names none of their images"
    SAME = "the same classes"
    RENAMED = "other names for the same classes"
    CONTRADICTS = "the same names for other images"
    UNRELATED = "other classes"


def relation(tree: Tree, table: LabelTable, images: Lookup, folders: Labelled) -> tuple[Relation, str]:
    """Return the relation of a table to the folders, and the error message if they contradict each other."""
    splits = [folders.train, folders.test or {}]
    own = {path: label for split in splits for label, paths in split.items() for path in paths}
    named = [(images.find(row.cells.get(table.path_column, ""), table.path), row) for row in table.rows]
    classes = {paths[0]: table.class_of(row) for paths, row in named if len(paths) == 1}
    both = [(own[path], label, path) for path, label in classes.items() if path in own and label]
    wrong = [one for one in both if one[0].casefold() != one[1].casefold()]
    if not both or not wrong:
        return (Relation.SAME if both else Relation.NONE), ""
    pairs = {(folder, label) for folder, label, _ in both}
    if len(pairs) == len({folder for folder, _ in pairs}) == len({label for _, label in pairs}):
        return Relation.RENAMED, ""
    folder, label, path = wrong[0]
    names = {name.casefold() for name in own.values()}
    is_contradiction = table.is_guess or any(label.casefold() in names for _, label, _ in both)
    return (Relation.CONTRADICTS if is_contradiction else Relation.UNRELATED), (
        f"{tree.shown(table.path)} contradicts the folders for {len(wrong)} of {len(both)} images (the first, "
        f"{plain_text('/'.join(path))}, is in {folder}/ and is called {label!r}): take the table out to use the "
        "folders, or give the table itself as the data set to use its labels."
    )


def _refuse_several_classes(tree: Tree, table: LabelTable) -> None:
    """Raise GlicoError if rows have several classes each: "Effusion|Nodule", or two columns with a 1."""
    labels = [table.class_of(row) for row in table.rows]
    alone = {label for label in labels if not SEPARATORS.search(label)}

    def has_several(label: str) -> bool:
        parts = set(SEPARATORS.split(label))
        return len(parts) > 1 and (bool(table.one_hot) or parts <= alone or ("|" in label and bool(parts & alone)))

    several = [label for label in labels if has_several(label)]
    if several:
        raise GlicoError(
            f"{tree.shown(table.path)} has {len(several)} of {len(labels)} lines with several classes each (the first: "
            f"{several[0]!r}): it is a multi-label table, and one class per image is needed."
        )


def _one_table_or_splits(tree: Tree, tables: Sequence[LabelTable]) -> tuple[Sequence[LabelTable], list[str]]:
    """Return the tables to read, which are one, or one for each split. Raises GlicoError for others."""
    roles = {table.path: table.role for table in tables}
    split = [table for table in tables if roles[table.path]]
    if len(tables) > 1 and any(roles[table.path] == "train" for table in split):
        left = [table.path for table in tables if not roles[table.path]]
        notes = [f"{tree.shown(path)} is not read: it is no table of a split." for path in left]
        by_role = {roles[table.path]: table for table in reversed(split)}
        if len(by_role) == len(split):
            return split, notes
    if len(tables) > 1:
        shown = ", ".join(tree.shown(table.path) for table in tables[:3])
        raise GlicoError(f"{tree.title} has {len(tables)} tables of labels ({shown}): keep one of them.")
    return tables, []


class _SplitOf:
    """Tells the split of a row, and the word that says it."""

    def __init__(self, tables: Sequence[LabelTable]) -> None:
        self.column = any(row.cells.get(table.split) for table in tables if table.split for row in table.rows)
        self.several = len(tables) > 1

    def __call__(self, table: LabelTable, row: Row, image: Names) -> tuple[Role | None, str]:
        if self.column:
            word = row.cells.get(table.split, "").strip()
            role = role_of(word) if word else "train"
            return (role if role != "other" else None), word
        if self.several:
            return table.role, ""
        return _folder_role(image), ""


def _folder_role(image: Names) -> Role | None:
    """The split that the folders of an image say."""
    return next((role for name in image[:-1] if (role := role_of(name)) and role != "other"), None)


def _labelled(
    tree: Tree,
    tables: Sequence[LabelTable],
    classes: Mapping[Names, tuple[str, Role | None]],
    problems: tuple[str, ...],
    notes: list[str],
) -> Labelled:
    splits = {split for _, split in classes.values()}
    tested: Role | None = (
        next((split for split in ("test", "val") if split in splits), None) if splits & {"train"} else None
    )
    training = {
        path: label for path, (label, split) in classes.items() if tested is None or split == "train" or not split
    }
    testing = {path: label for path, (label, split) in classes.items() if tested and split == tested}
    if tested == "test" and "val" in splits:
        count = sum(split == "val" for _, split in classes.values())
        notes.append(f"The {count} images of the validation split are left out beside the test split.")
    train = _classes(training)
    if not train:
        raise GlicoError(
            f"{tree.title} has no labelled training image in {', '.join(tree.shown(table.path) for table in tables)}."
        )
    top = tables[0].path[:-1]
    within = top if all(path[: len(top)] == top for path in classes) else ()
    return Labelled(
        train,
        _classes(testing) if tested else None,
        within,
        problems,
        notes=tuple(notes),
        used=tuple(table.path for table in tables),
    )


def _classes(labels: Mapping[Names, str]) -> dict[str, list[Names]]:
    """Class name -> images, both in order."""
    classes: dict[str, list[Names]] = {}
    for path in sorted(labels, key=lambda path: tuple(map(composed, path))):
        classes.setdefault(labels[path], []).append(path)
    return dict(sorted(classes.items(), key=lambda item: natural_key(item[0])))


def _read_note(tree: Tree, table: LabelTable) -> str:
    return f"Labels are read from {tree.shown(table.path)}: {table.columns_note}."
