"""Text that other programs read: JSON that any parser takes, and CSV that no spreadsheet runs."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")  # how a cell begins that a spreadsheet takes for a formula
NUMBER = re.compile(r"[+-]?[\d,]*\.?\d+(e[+-]?\d+)?( ?%)?( (±|to) [+-]?[\d,]*\.?\d+)?", re.IGNORECASE)
SEPARATORS = re.compile(r'[",;\t\r\n]')
QUOTE = '"'


def json_text(value: Any, **options: Any) -> str:
    """Return ``value`` as JSON. NaN and the infinities, which JSON does not have, become null.

    ``options`` are those of :func:`json.dumps`.
    """
    try:
        return json.dumps(value, allow_nan=False, **options)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False, **options)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Return ``rows`` as comma-separated values, a line each.

    Numbers, and text that is one, stay as they are. Other text that a spreadsheet would run as a formula gets an
    apostrophe before it, so that it stays text.
    """
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows)


def without_formula(value: Any) -> Any:
    """Return ``value``, with an apostrophe before a text that a spreadsheet would run as a formula."""
    runs = isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value)
    return f"'{value}" if runs else value


def _cell(value: Any) -> str:
    """Return a cell, in quotes also if it holds a separator of other countries' spreadsheets, which the csv module does
    not quote: the text after it would be a cell of its own."""
    text = "" if value is None else str(without_formula(value))
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if SEPARATORS.search(text) else text
