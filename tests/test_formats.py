"""Files for other programs: JSON that any parser takes, CSV that no spreadsheet runs."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glico.files import write_json
from glico.formats import csv_text, json_text

ROOT = Path(__file__).parents[1]
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@given(JSON_VALUES)
def test_json_is_read_by_any_parser(value: Any) -> None:
    """The text has no NaN and no infinity, and a value without them comes back unchanged."""
    read = json.loads(json_text(value), parse_constant=refuse)
    if "NaN" not in json.dumps(value) and "Infinity" not in json.dumps(value):
        assert read == value


def test_json_has_null_for_what_is_no_number(tmp_path: Path) -> None:
    """It is so within lists, tuples, dictionaries, and in a file."""
    value = {"a": [1.5, math.nan], "b": (math.inf, {"c": -math.inf}), "d": float(np.float64("nan"))}
    assert json_text(value) == '{"a": [1.5, null], "b": [null, {"c": null}], "d": null}'
    write_json(tmp_path / "file.json", value)
    assert json.loads((tmp_path / "file.json").read_text(), parse_constant=refuse)["d"] is None


@pytest.mark.parametrize("module", ["json.dumps", "csv.writer", "csv.DictWriter", "json.dump("])
def test_formats_are_written_in_one_place(module: str) -> None:
    """JSON and CSV are written by glico/formats.py alone."""
    sources = [path for folder in ("glico", "app") for path in (ROOT / folder).rglob("*.py")]
    writers = [str(path.relative_to(ROOT)) for path in sources if module in path.read_text("utf-8")]
    assert writers in ([], ["glico/formats.py"])


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "-"]
)
def test_csv_runs_no_formula(text: str) -> None:
    """Text that a spreadsheet would run begins with an apostrophe."""
    ((cell, number),) = csv.reader(io.StringIO(csv_text([[text, 1]]), newline=""))
    assert (cell, number) == (f"'{text}", "1")


def test_csv_cell_cannot_begin_another() -> None:
    """A name with the separator of another country's spreadsheet stays one cell there, too."""
    for separator in ";\t,":
        line = csv_text([[f"cats{separator}=1+1", 2]])
        assert next(csv.reader(io.StringIO(line), delimiter=separator))[0].startswith(f"cats{separator}=1+1")


@pytest.mark.parametrize("value", [-0.5, 0, 12, -3, 1e-7, "-0.5", "+2", "1,000", "-1e-05", "-0.56 ± 0.40", "12 %"])
def test_csv_keeps_numbers(value: float | str) -> None:
    """Numbers, also negative ones and those with an error, are written as they are."""
    assert next(csv.reader(io.StringIO(csv_text([[value]])))) == [str(value)]


@given(st.lists(st.lists(st.text("ab=-+@;,\t\"' é1.", max_size=6), min_size=2, max_size=3), min_size=1, max_size=4))
def test_csv_is_read_back(rows: list[list[str]]) -> None:
    """Every cell comes back, with at most an apostrophe before it."""
    read = list(csv.reader(io.StringIO(csv_text(rows), newline="")))
    assert [len(row) for row in read] == [len(row) for row in rows]
    for row, other in zip(rows, read, strict=True):
        assert all(cell in (text, f"'{text}") for text, cell in zip(row, other, strict=True))
