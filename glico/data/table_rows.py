"""The rows of a table beside the images: CSV, TSV, JSON Lines or a JSON list."""

import csv
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from glico.config.limits import check
from glico.data.text import reason, text_lines
from glico.data.tree import Names, Tree
from glico.errors import GlicoError

JSON_BYTES = 64 * 2**20  # of a JSON list, which is parsed as a whole


@dataclass(frozen=True)
class Row:
    """A line of a table: its cells by column, and ``where`` it is, for the reader."""

    cells: Mapping[str, str]
    where: str


def table_rows(tree: Tree, path: Names) -> Iterator[Row]:
    """Yield the rows of a table; none if the file is none. Raises GlicoError for one that cannot be read."""
    suffix = PurePosixPath(path[-1]).suffix.lower()
    read = {".jsonl": _json_lines, ".ndjson": _json_lines, ".json": _json_list}.get(suffix, _delimited)
    for count, row in enumerate(read(tree, path), 1):
        check("entries", count, tree.shown(path))
        yield row


def _delimited(tree: Tree, path: Names) -> Iterator[Row]:
    """Yield lines cut at commas, semicolons or tabs, the most frequent in the first line, which names the columns."""
    shown = tree.shown(path)
    with tree.files[path]() as file:
        lines = text_lines(file, shown)
        first = next(lines, "")
        delimiter = max("\t,;", key=first.count)
        if first.count(delimiter) == 0:
            return
        reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter)
        try:
            header = _unique(next(reader, []))
            for values in reader:
                if any(value.strip() for value in values):
                    cells = {name: value.strip() for name, value in zip(header, values, strict=False)}
                    yield Row(dict.fromkeys(header, "") | cells, f"{shown}, line {reader.line_num}")
        except csv.Error as error:
            raise GlicoError(f"{shown}, line {reader.line_num}: {reason(error)}.") from error


def _unique(header: Sequence[str]) -> list[str]:
    """Return the names of the columns; repeated and empty ones are numbered."""
    names: list[str] = []
    for number, name in enumerate(header, 1):
        own = name.strip() or f"column {number}"
        names.append(own if own not in names else f"{own} ({number})")
    return names


def _json_lines(tree: Tree, path: Names) -> Iterator[Row]:
    shown = tree.shown(path)
    with tree.files[path]() as file:
        for number, line in enumerate(text_lines(file, shown), 1):
            if line.strip():
                yield Row(_flat(_json(line, f"{shown}, line {number}")), f"{shown}, line {number}")


def _json_list(tree: Tree, path: Names) -> Iterator[Row]:
    """Yield the objects of a JSON list, as Label Studio exports them; any other JSON is no table."""
    shown = tree.shown(path)
    with tree.files[path]() as file:
        content = file.read(JSON_BYTES + 1)
    if content.lstrip()[:1] != b"[" or len(content) > JSON_BYTES:
        return
    values = _json(content.decode("utf-8-sig", "replace"), shown)
    for number, value in enumerate(values, 1):
        if isinstance(value, dict):
            yield Row(_flat(value), f"{shown}, entry {number}")


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GlicoError(f"{where} cannot be read as JSON: {reason(error)}. Correct it or save it as .csv.") from None


def _flat(value: Any) -> dict[str, str]:
    """Return the texts and numbers of a JSON object by name.

    An annotated task of Label Studio has its image and choice.
    """
    if not isinstance(value, dict):
        return {}
    data = value.get("data")
    if isinstance(data, dict) and "annotations" in value:
        return {key: str(text) for key, text in data.items()} | {"choice": "|".join(_choices(value["annotations"]))}
    cells = {}
    for key, cell in value.items():
        if isinstance(cell, list):
            cells[key] = "|".join(map(str, cell))
        elif isinstance(cell, dict):
            cells[key] = "|".join(map(str, cell["choices"])) if isinstance(cell.get("choices"), list) else ""
        else:
            cells[key] = "" if cell is None else str(cell)
    return cells


def _choices(annotations: Any) -> list[str]:
    """Return the choices of the first annotation of a task."""
    if not isinstance(annotations, list) or not annotations or not isinstance(annotations[0], dict):
        return []
    results = annotations[0].get("result")
    choices: list[str] = []
    for one in results if isinstance(results, list) else []:
        value = one.get("value") if isinstance(one, dict) else None
        if isinstance(value, dict) and isinstance(value.get("choices"), list):
            choices += map(str, value["choices"])
    return choices
