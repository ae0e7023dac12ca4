"""Labels from a table: lines ``path,label[,split]`` as CSV or TSV, beside the images."""

import csv
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from glico.config.limits import check
from glico.data.images import Unreadable, UnreadableError, without
from glico.data.text import plain_text, reason, text_lines
from glico.data.tree import TEST, TRAIN, Labelled, Names, Tree, composed, is_image, splits
from glico.errors import GlicoError

SUFFIXES = (".csv", ".tsv")
COLUMNS = {  # what a column is, by the names that its header may have
    "path": ("path", "file", "filename", "file_name", "filepath", "image", "image_path", "img"),
    "label": ("label", "class", "category", "target", "class_name"),
    "split": ("split", "set", "subset", "partition"),
}


@dataclass(frozen=True)
class Row:
    """A line of a table: what its columns say, and where it stands, for the reader."""

    table: Names
    path: str
    label: str
    split: str
    where: str


def find_tables(tree: Tree, only: str | None = None) -> list[Names]:
    """The tables of labels at the top of a tree: .csv and .tsv files whose first line names the columns.

    ``only`` is the one file name that is looked at. Folders that hold nothing but one folder are passed through.
    """
    train, test = splits(tree)
    tops = {(), train[:-1] if test is not None else train}
    return [
        path
        for path in sorted(tree.files)
        if path[:-1] in tops
        and PurePosixPath(path[-1]).suffix.lower() in SUFFIXES
        and only in (None, path[-1])
        and _columns(next(_cells(tree, path), (0, []))[1])
    ]


def by_table(tree: Tree, tables: Sequence[Names], unreadable: Unreadable = "refuse") -> Labelled:
    """The classes of the images that tables name; images without a line are left out.

    A path starts at the table's folder or at the top; a name alone, with or without its suffix, does where one image
    has it. The split is what its column says, else the name of the table, else the first folder of the path, where
    all of these are called as splits are; with both ``test`` and ``val``, ``val`` is left out. Lines without an image,
    a class or a split that can be made out are left out where ``unreadable`` says so; else
    :class:`~glico.data.images.UnreadableError` names the first.
    """
    lookup = _Lookup(path for path in tree.files if is_image(tree, path))
    rows: list[Row] = []
    for table in tables:
        for row in _rows(tree, table):
            rows.append(row)
            check("entries", len(rows), tree.shown(table))
    split_of = _SplitOf(tree, rows)
    found: dict[Names, tuple[str, str]] = {}  # image -> label, split
    problems: dict[str, str] = {}  # where -> what is wrong there
    for row in rows:
        path, split = lookup(row), split_of(row)
        if path is None:
            problems[row.where] = f"there is no image {plain_text(row.path)!r}"
        elif not row.label:
            problems[row.where] = f"{plain_text(row.path)!r} has no label"
        elif split not in TRAIN + TEST:
            problems[row.where] = f"the split {plain_text(split)!r} is none of {', '.join(TRAIN + TEST)}"
        elif found.setdefault(path, (row.label, split)) != (row.label, split):
            problems[row.where] = f"{plain_text(row.path)!r} is there again, with another label or split"
    if problems and unreadable != "leave-out":
        where, why = next(iter(problems.items()))
        raise UnreadableError(
            f"{where}: {why}; mend it or {without(len(problems), 'label')}.", tuple(problems), "label"
        )
    test = next((name for name in TEST if any(split == name for _, split in found.values())), None)
    train_classes = _classes(found, TRAIN)
    if not train_classes:
        raise GlicoError(f"{tree.title} has no labelled training image in {', '.join(map(tree.shown, tables))}.")
    top = tables[0][:-1]
    within = top if all(path[: len(top)] == top for path in found) else ()
    return Labelled(train_classes, None if test is None else _classes(found, (test,)), within, tuple(problems))


class _Lookup:
    """The image that a row means, or None."""

    def __init__(self, images: Iterable[Names]) -> None:
        self.exact: dict[Names, Names] = {}
        self.named: dict[str, Names | None] = {}  # None where several have the name
        for path in images:
            key = tuple(map(composed, path))
            self.exact[key] = path
            for name in {key[-1], PurePosixPath(key[-1]).stem}:
                self.named[name] = None if name in self.named else path

    def __call__(self, row: Row) -> Names | None:
        parts = tuple(part for part in composed(row.path).replace("\\", "/").split("/") if part not in ("", "."))
        above = tuple(map(composed, row.table[:-1]))
        exact = self.exact.get(above + parts) or self.exact.get(parts)
        return exact or (self.named.get(parts[0]) if len(parts) == 1 else None)


class _SplitOf:
    """Which split a row belongs to: the word for it, which may be none that is known."""

    def __init__(self, tree: Tree, rows: Sequence[Row]) -> None:
        tables = {row.table: PurePosixPath(row.table[-1]).stem.lower() for row in rows}
        self.column = any(row.split for row in rows)
        self.tables = tables if set(tables.values()) <= set(TRAIN + TEST) else {}
        first = {_first(row) for row in rows}
        self.folder = first <= set(TRAIN + TEST) and bool(first & set(TRAIN)) and bool(first & set(TEST))
        if len(tables) > 1 and not self.tables:
            shown = ", ".join(tree.shown(table) for table in list(tables)[:3])
            raise GlicoError(f"{tree.title} has {len(tables)} tables of labels ({shown}): keep one of them.")

    def __call__(self, row: Row) -> str:
        if self.column:
            return row.split.lower() or TRAIN[0]
        if self.tables:
            return self.tables[row.table]
        return _first(row) if self.folder else TRAIN[0]


def _first(row: Row) -> str:
    return row.path.replace("\\", "/").partition("/")[0].lower()


def _classes(found: dict[Names, tuple[str, str]], names: tuple[str, ...]) -> dict[str, list[Names]]:
    """Class name -> images of the splits called so, both in order; classes that are numbers in theirs."""
    classes: dict[str, list[Names]] = {}
    for path in sorted(found, key=lambda path: tuple(map(composed, path))):
        label, split = found[path]
        if split in names:
            classes.setdefault(label, []).append(path)
    numbers = all(map(str.isdecimal, classes))
    return dict(sorted(classes.items(), key=lambda item: (int(item[0]) if numbers else 0, item[0])))


def _rows(tree: Tree, table: Names) -> Iterator[Row]:
    cells = _cells(tree, table)
    columns = _columns(next(cells)[1])
    for line, values in cells:
        if any(value.strip() for value in values):
            said = {name: values[at].strip() if at < len(values) else "" for name, at in columns.items()}
            label = plain_text(said["label"])
            yield Row(table, said["path"], label, said.get("split", ""), f"{tree.shown(table)}, line {line}")


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Which column is the path, the label and the split; empty where the first two are not there."""
    words = [word.strip().lower() for word in header]
    found = {
        column: next(words.index(name) for name in names if name in words)
        for column, names in COLUMNS.items()
        if set(names) & set(words)
    }
    return found if {"path", "label"} <= found.keys() else {}


def _cells(tree: Tree, table: Names) -> Iterator[tuple[int, list[str]]]:
    """The lines with their numbers, cut at commas, semicolons or tabs, whichever the first line has most of."""
    with tree.files[table]() as file:
        lines = text_lines(file, tree.shown(table))
        first = next(lines, "")
        reader = csv.reader(itertools.chain([first], lines), delimiter=max("\t,;", key=first.count))
        try:
            for values in reader:
                yield reader.line_num, values
        except csv.Error as error:
            raise GlicoError(f"{tree.shown(table)}, line {reader.line_num}: {reason(error)}.") from error
