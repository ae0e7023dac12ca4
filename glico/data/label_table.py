"""Labels from a table beside the images: CSV, TSV, JSON Lines or a JSON list, in the forms in which they are published.

A table has a column that names images (paths, names with or without a suffix), and the class of each: in a column of
its own, or in one column of 0 and 1 for each class.
"""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import PurePosixPath

from glico.data.image_lookup import Lookup
from glico.data.images import UnreadableError, without
from glico.data.labelled import Labelled
from glico.data.preparation import Unreadable
from glico.data.split_names import Role, role_of, words_of
from glico.data.table_rows import Row, table_rows
from glico.data.text import plain_text
from glico.data.tree import Names, Tree, composed, natural_key
from glico.errors import GlicoError

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt")
PATH_COLUMNS = (
    "path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "img", "img_path",
    "image_name", "img_name", "image_file", "image_filename", "image_id", "img_id", "image index", "name", "id",
    "id_code", "image_url", "url",
)  # fmt: skip
LABEL_COLUMNS = (
    "class_name", "label_name", "category_name", "label", "class", "category", "target", "labels", "class_label",
    "classname", "choice", "species", "breed", "dx", "diagnosis", "disease", "finding labels", "classid", "class_id",
    "label_id", "category_id", "tag", "tags", "classes", "target_name", "annotation",
)  # fmt: skip
SPLIT_COLUMNS = ("split", "set", "subset", "partition", "fold_name", "usage", "part")
BOX_COLUMNS = frozenset(("xmin", "ymin", "xmax", "ymax", "x_min", "y_min", "x_max", "y_max", "bbox"))
GUESSED = ("probability", "prob", "confidence", "score", "prediction", "predicted", "pred")
LOOKED_AT = 100  # rows that decide what a column is
SEPARATORS = re.compile(r"\s*[|;,]\s*")
LISTED = 12
DECISION = "decision"  # the column of a table that glico.data.decisions writes


@dataclass(frozen=True)
class LabelTable:
    """A table whose columns are understood: which one names images, which say the class, which the split.

    ``one_hot`` are the columns of 0 and 1, a class each; without them ``label`` is the column of the class.
    """

    path: Names
    path_column: str
    label: str
    one_hot: tuple[str, ...]
    split: str
    rows: tuple[Row, ...]
    certain: bool = True  # that its rows name images of this data set
    is_known: bool = True  # that its column of classes is called as one

    def class_of(self, row: Row) -> str:
        """Return the class of a row, empty if it says none; several are joined by "|"."""
        if not self.one_hot:
            return plain_text(row.cells.get(self.label, ""))
        return "|".join(plain_text(name.strip()) for name in self.one_hot if _is_one(row.cells.get(name, "")))

    @property
    def columns(self) -> frozenset[str]:
        """The names of its columns."""
        return frozenset(self.rows[0].cells) if self.rows else frozenset()

    @property
    def columns_note(self) -> str:
        """Return a sentence with the columns that are read."""
        if self.one_hot:
            return f"the image from {self.path_column!r}, the class from {len(self.one_hot)} columns of 0 and 1"
        return f"the image from {self.path_column!r}, the class from {self.label!r}"


@dataclass(frozen=True)
class Scan:
    """The tables of a tree: those of ``labels``, those of ``decisions`` on single images (glico.data.decisions), and
    why each of the others is none (``ignored``)."""

    labels: tuple[LabelTable, ...]
    ignored: Mapping[Names, str]
    decisions: tuple[Names, ...] = ()


def find_tables(tree: Tree, images: Lookup, only: str | None = None) -> Scan:
    """Return the tables of labels in a tree, and why each of its other tables is none.

    ``only`` is the one file name that is looked at.
    """
    labels: list[LabelTable] = []
    ignored: dict[Names, str] = {}
    decisions: list[Names] = []
    for path in sorted(tree.files):
        suffix = PurePosixPath(path[-1]).suffix.lower()
        if suffix not in SUFFIXES or only not in (None, path[-1]) or path in tree.images:
            continue
        try:
            table = _understood(tree, path, images)
        except GlicoError as error:
            if only is not None:
                raise
            table = str(error).rstrip(".") if suffix in (".csv", ".tsv", ".jsonl", ".ndjson") else ""
        if isinstance(table, LabelTable) and only is None and _has_only_decisions(table):
            decisions.append(path)
        elif isinstance(table, LabelTable):
            labels.append(table)
        elif table:
            ignored[path] = table
    return Scan(tuple(labels), ignored, tuple(decisions))


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
                if _has_boxes(table):
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
    own = {path: label for split in (folders.train, folders.test or {}) for label, paths in split.items()
           for path in paths}  # fmt: skip
    classes = {paths[0]: table.class_of(row) for row in table.rows
               if len(paths := images.find(row.cells.get(table.path_column, ""), table.path)) == 1}  # fmt: skip
    both = [(own[path], label, path) for path, label in classes.items() if path in own and label]
    wrong = [one for one in both if one[0].casefold() != one[1].casefold()]
    if not both or not wrong:
        return (Relation.SAME if both else Relation.NONE), ""
    pairs = {(folder, label) for folder, label, _ in both}
    if len(pairs) == len({folder for folder, _ in pairs}) == len({label for _, label in pairs}):
        return Relation.RENAMED, ""
    folder, label, path = wrong[0]
    names = {name.casefold() for name in own.values()}
    is_contradiction = _is_guess(table) or any(label.casefold() in names for _, label, _ in both)
    return (Relation.CONTRADICTS if is_contradiction else Relation.UNRELATED), (
        f"{tree.shown(table.path)} contradicts the folders for {len(wrong)} of {len(both)} images (the first, "
        f"{plain_text('/'.join(path))}, is in {folder}/ and is called {label!r}): take the table out to use the "
        "folders, or give the table itself as the data set to use its labels."
    )


# What the columns are


def _understood(tree: Tree, path: Names, images: Lookup) -> LabelTable | str:
    """Return the table at ``path`` as one of labels, or why it is none; empty if it is not about images at all."""
    reader = table_rows(tree, path)
    rows = list(itertools.islice(reader, LOOKED_AT))
    if not rows:
        return ""
    columns = list(rows[0].cells)
    if role_of(_stem(path)) == "other" and "submission" in words_of(_stem(path)):
        return "it is a sample submission, whose labels are not true"
    path_column = _path_column(rows, columns, images, path)
    known = _known(columns, PATH_COLUMNS)
    label_known = _known(columns, LABEL_COLUMNS)
    if path_column is not None or (known and label_known):
        rows += reader
    if path_column is None:
        if known and label_known and PurePosixPath(path[-1]).suffix.lower() in (".csv", ".tsv"):
            return LabelTable(path, known[0], label_known[0], (), _split_column(columns), tuple(rows), certain=False)
        return "it names no image of this data set" if label_known else ""
    split = _split_column(columns)
    rest = [column for column in columns if column not in (path_column, split)]
    labels = [column for column in _known(rest, LABEL_COLUMNS) if any(row.cells.get(column) for row in rows)]
    one_hot = () if labels else _one_hot(rows, rest)
    if one_hot:
        return LabelTable(path, path_column, "", one_hot, split, tuple(rows))
    if labels:
        label = next((column for column in labels if not _are_numbers(rows, column)), labels[0])
        return LabelTable(path, path_column, label, (), split, tuple(rows))
    if len(rest) == 1 and _could_be_classes(rows, rest[0]):
        return LabelTable(path, path_column, rest[0], (), split, tuple(rows), is_known=False)
    return (
        f"its columns are {', '.join(map(plain_text, columns[:LISTED]))}{', ...' if len(columns) > LISTED else ''}, "
        f"of which {plain_text(path_column)} names images and none is known to be the class: call that one label"
    )


def _path_column(rows: Sequence[Row], columns: Sequence[str], images: Lookup, table: Names) -> str | None:
    """Return the column that names images of the tree: a known one first, then the one with most of them."""
    looked_at = rows[:LOOKED_AT]
    hits = {}
    for column in columns:
        written = [row.cells.get(column, "") for row in looked_at]
        hits[column] = sum(bool(text and images.find(text, table)) for text in written)
    known = [column for column in _known(columns, PATH_COLUMNS) if hits[column]]
    if known:
        return max(known, key=lambda column: (hits[column], -known.index(column)))
    texts = [column for column in columns if not _are_numbers(looked_at, column)]  # a price of 3 is no image 3.png
    best = max(texts, key=lambda column: hits[column], default=None)
    return best if best is not None and 2 * hits[best] > len(looked_at) else None


def _known(columns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return those of ``columns`` that are called by one of ``names``, in the order of the names."""
    by_name = {column.strip().lower().replace(" ", "_"): column for column in reversed(columns)}
    return [by_name[key] for name in names if (key := name.replace(" ", "_")) in by_name]


def _split_column(columns: Sequence[str]) -> str:
    return next(iter(_known(columns, SPLIT_COLUMNS)), "")


def _one_hot(rows: Sequence[Row], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that hold nothing but 0 and 1, if there are two or more and most rows have a 1."""
    binary = [
        column for column in columns
        if all(_is_one(row.cells.get(column, "")) or _is_zero(row.cells.get(column, "")) for row in rows)
    ]  # fmt: skip
    marked = sum(any(_is_one(row.cells.get(column, "")) for column in binary) for row in rows)
    return tuple(binary) if len(binary) > 1 and 2 * marked > len(rows) else ()


def _could_be_classes(rows: Sequence[Row], column: str) -> bool:
    """Return whether a column has few enough values to be classes.

    Measurements and descriptions are nearly all different.
    """
    values = Counter(row.cells.get(column, "") for row in rows)
    return len(values) > 1 and (len(values) <= 20 or 2 * len(values) <= len(rows))


def _are_numbers(rows: Sequence[Row], column: str) -> bool:
    return all(_number(row.cells.get(column, "0") or "0") is not None for row in rows)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_one(text: str) -> bool:
    return _number(text) == 1 or text.strip().lower() == "true"


def _is_zero(text: str) -> bool:
    return _number(text) == 0 or text.strip().lower() in ("false", "")


def _has_boxes(table: LabelTable) -> bool:
    return bool(table.rows) and bool(BOX_COLUMNS & {column.strip().lower() for column in table.rows[0].cells})


def _has_only_decisions(table: LabelTable) -> bool:
    """Whether every row is a decision on an image; a table of all labels has rows without one."""
    return DECISION in table.columns and all(row.cells.get(DECISION) for row in table.rows)


def _is_guess(table: LabelTable) -> bool:
    """Return whether a table looks like the predictions of a classifier."""
    columns = {column.strip().lower() for column in (table.rows[0].cells if table.rows else {})}
    return role_of(_stem(table.path)) == "other" or bool(columns & set(GUESSED))


def _refuse_several_classes(tree: Tree, table: LabelTable) -> None:
    """Raise GlicoError if rows have several classes each: "Effusion|Nodule", or two columns with a 1."""
    labels = [table.class_of(row) for row in table.rows]
    alone = {label for label in labels if not SEPARATORS.search(label)}
    several = [label for label in labels if len(parts := set(SEPARATORS.split(label))) > 1
               and (bool(table.one_hot) or parts <= alone or ("|" in label and parts & alone))]  # fmt: skip
    if several:
        raise GlicoError(
            f"{tree.shown(table.path)} has {len(several)} of {len(labels)} lines with several classes each (the first: "
            f"{several[0]!r}): it is a multi-label table, and one class per image is needed."
        )


# Which split a row belongs to


def _one_table_or_splits(tree: Tree, tables: Sequence[LabelTable]) -> tuple[Sequence[LabelTable], list[str]]:
    """Return the tables to read, which are one, or one for each split. Raises GlicoError for others."""
    roles = {table.path: _table_role(table.path) for table in tables}
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


def _table_role(path: Names) -> Role | None:
    """Return the split that a table's name says, or that of its folder: train/metadata.csv."""
    return role_of(_stem(path)) or next((role for name in reversed(path[:-1]) if (role := role_of(name))), None)


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
            return _table_role(table.path), ""
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
        train, _classes(testing) if tested else None, within, problems, notes=tuple(notes),
        used=tuple(table.path for table in tables),
    )  # fmt: skip


def _classes(labels: Mapping[Names, str]) -> dict[str, list[Names]]:
    """Class name -> images, both in order."""
    classes: dict[str, list[Names]] = {}
    for path in sorted(labels, key=lambda path: tuple(map(composed, path))):
        classes.setdefault(labels[path], []).append(path)
    return dict(sorted(classes.items(), key=lambda item: natural_key(item[0])))


def _read_note(tree: Tree, table: LabelTable) -> str:
    return f"Labels are read from {tree.shown(table.path)}: {table.columns_note}."


def _stem(path: Names) -> str:
    return PurePosixPath(path[-1]).stem
