"""The columns of a table of labels: which one names the images, which says the class, and which the split."""

from collections import Counter
from collections.abc import Sequence

from glico.data.image_lookup import Lookup
from glico.data.table_rows import Row
from glico.data.tree import Names

PATH_COLUMNS = (
    "path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "img", "img_path",
    "image_name", "img_name", "image_file", "image_filename", "image_id", "img_id", "image_index", "name", "id",
    "id_code", "image_url", "url",
)  # fmt: skip
LABEL_COLUMNS = (
    "class_name", "label_name", "category_name", "label", "class", "category", "target", "labels", "class_label",
    "classname", "choice", "species", "breed", "dx", "diagnosis", "disease", "finding_labels", "classid", "class_id",
    "label_id", "category_id", "tag", "tags", "classes", "target_name", "annotation",
)  # fmt: skip
SPLIT_COLUMNS = ("split", "set", "subset", "partition", "fold_name", "usage", "part")
LOOKED_AT = 100  # rows that decide what a column is


def path_column(rows: Sequence[Row], columns: Sequence[str], images: Lookup, table: Names) -> str | None:
    """Return the column that names images of the tree: a known one first, then the one with most of them."""
    looked_at = rows[:LOOKED_AT]
    hits = {}
    for column in columns:
        written = [row.cells.get(column, "") for row in looked_at]
        hits[column] = sum(bool(text and images.find(text, table)) for text in written)
    known = [column for column in known_columns(columns, PATH_COLUMNS) if hits[column]]
    if known:
        return max(known, key=lambda column: (hits[column], -known.index(column)))
    texts = [column for column in columns if not are_numbers(looked_at, column)]  # a price of 3 is no image 3.png
    best = max(texts, key=lambda column: hits[column], default=None)
    return best if best is not None and 2 * hits[best] > len(looked_at) else None


def known_columns(columns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return those of ``columns`` that have one of these ``names``, in the order of the names."""
    by_name = {column.strip().lower().replace(" ", "_"): column for column in reversed(columns)}
    return [by_name[name] for name in names if name in by_name]


def split_column(columns: Sequence[str]) -> str:
    """Return the column that says the split, empty if there is none."""
    return next(iter(known_columns(columns, SPLIT_COLUMNS)), "")


def one_hot_columns(rows: Sequence[Row], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that hold nothing but 0 and 1, if there are two or more and most rows have a 1."""
    binary = [column for column in columns if _is_binary(rows, column)]
    marked = sum(any(is_one(row.cells.get(column, "")) for column in binary) for row in rows)
    return tuple(binary) if len(binary) > 1 and 2 * marked > len(rows) else ()


def could_be_classes(rows: Sequence[Row], column: str) -> bool:
    """Return whether a column has few enough values to be classes.

    Measurements and descriptions are nearly all different.
    """
    values = Counter(row.cells.get(column, "") for row in rows)
    return len(values) > 1 and (len(values) <= 20 or 2 * len(values) <= len(rows))


def are_numbers(rows: Sequence[Row], column: str) -> bool:
    """Return whether every cell of a column is a number or empty."""
    return all(_number(row.cells.get(column, "0") or "0") is not None for row in rows)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def is_one(text: str) -> bool:
    """Return whether a cell marks a row's class."""
    return _number(text) == 1 or text.strip().lower() == "true"


def _is_binary(rows: Sequence[Row], column: str) -> bool:
    cells = (row.cells.get(column, "") for row in rows)
    return all(is_one(cell) or _number(cell) == 0 or cell.strip().lower() in ("false", "") for cell in cells)
