"""Tables of labels beside the images: CSV, TSV, JSON Lines or a JSON list, in the forms in which they are published.

A table has a column that names images (paths, names with or without a suffix), and the class of each: in a column of
its own, or in one column of 0 and 1 for each class.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from glico.data.image_lookup import Lookup
from glico.data.label_columns import (
    LABEL_COLUMNS,
    LOOKED_AT,
    PATH_COLUMNS,
    are_numbers,
    could_be_classes,
    is_one,
    known_columns,
    one_hot_columns,
    path_column,
    split_column,
)
from glico.data.split_names import Role, role_of, words_of
from glico.data.table_rows import Row, table_rows
from glico.data.text import plain_text
from glico.data.tree import Names, Tree
from glico.errors import GlicoError

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt")
BOX_COLUMNS = frozenset(("xmin", "ymin", "xmax", "ymax", "x_min", "y_min", "x_max", "y_max", "bbox"))
GUESSED = frozenset(("probability", "prob", "confidence", "score", "prediction", "predicted", "pred"))
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
    is_known: bool = True  # that its column of classes has a usual name for one

    def class_of(self, row: Row) -> str:
        """Return the class of a row, empty if it says none; several are joined by "|"."""
        if not self.one_hot:
            return plain_text(row.cells.get(self.label, ""))
        return "|".join(plain_text(name.strip()) for name in self.one_hot if is_one(row.cells.get(name, "")))

    @property
    def columns(self) -> frozenset[str]:
        """The names of its columns."""
        return frozenset(self.rows[0].cells) if self.rows else frozenset()

    @property
    def role(self) -> Role | None:
        """The split that its name says, or that of its folder: train/metadata.csv."""
        folders = (role for name in reversed(self.path[:-1]) if (role := role_of(name)))
        return role_of(_stem(self.path)) or next(folders, None)

    @property
    def has_boxes(self) -> bool:
        """Whether it marks places in images."""
        return bool(BOX_COLUMNS & self._plain_columns)

    @property
    def is_guess(self) -> bool:
        """Whether it looks like the predictions of a classifier."""
        return role_of(_stem(self.path)) == "other" or bool(GUESSED & self._plain_columns)

    @property
    def has_only_decisions(self) -> bool:
        """Whether every row is a decision on an image; a table of all labels has rows without one."""
        return DECISION in self.columns and all(row.cells.get(DECISION) for row in self.rows)

    @property
    def _plain_columns(self) -> frozenset[str]:
        return frozenset(column.strip().lower() for column in self.columns)

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
        if isinstance(table, LabelTable) and only is None and table.has_only_decisions:
            decisions.append(path)
        elif isinstance(table, LabelTable):
            labels.append(table)
        elif table:
            ignored[path] = table
    return Scan(tuple(labels), ignored, tuple(decisions))


def _understood(tree: Tree, path: Names, images: Lookup) -> LabelTable | str:
    """Return the table at ``path`` as one of labels, or why it is none; empty if it is not about images at all."""
    reader = table_rows(tree, path)
    rows = list(itertools.islice(reader, LOOKED_AT))
    if not rows:
        return ""
    columns = list(rows[0].cells)
    if role_of(_stem(path)) == "other" and "submission" in words_of(_stem(path)):
        return "it is a sample submission, whose labels are not true"
    images_column = path_column(rows, columns, images, path)
    known = known_columns(columns, PATH_COLUMNS)
    label_known = known_columns(columns, LABEL_COLUMNS)
    if images_column is not None or (known and label_known):
        rows += reader
    if images_column is None:
        if known and label_known and PurePosixPath(path[-1]).suffix.lower() in (".csv", ".tsv"):
            return LabelTable(path, known[0], label_known[0], (), split_column(columns), tuple(rows), certain=False)
        return "it names no image of this data set" if label_known else ""
    split = split_column(columns)
    rest = [column for column in columns if column not in (images_column, split)]
    labels = [column for column in known_columns(rest, LABEL_COLUMNS) if any(row.cells.get(column) for row in rows)]
    one_hot = () if labels else one_hot_columns(rows, rest)
    if one_hot:
        return LabelTable(path, images_column, "", one_hot, split, tuple(rows))
    if labels:
        label = next((column for column in labels if not are_numbers(rows, column)), labels[0])
        return LabelTable(path, images_column, label, (), split, tuple(rows))
    if len(rest) == 1 and could_be_classes(rows, rest[0]):
        return LabelTable(path, images_column, rest[0], (), split, tuple(rows), is_known=False)
    return (
        f"its columns are {', '.join(map(plain_text, columns[:LISTED]))}{', ...' if len(columns) > LISTED else ''}, "
        f"of which {plain_text(images_column)} names images and none is known to be the class: call that one label"
    )


def _stem(path: Names) -> str:
    return PurePosixPath(path[-1]).stem
