"""Saved reports: the file format, the reports that the project ships, and those of earlier versions."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from glico.errors import GlicoError
from glico.evaluation.statistics import Estimate, PairedDifference
from glico.experiments.old_report import from_text
from glico.experiments.report import Comparison, Report, Row
from glico.experiments.table import Figure, Measure
from glico.files import read_json, write_json

MEASURED = Path(__file__).parent / "measured"


def save(report: Report, path: Path, provenance: str) -> None:
    """Write a report as JSON, which :func:`read_report` reads. ``provenance`` names command, machine and date.

    Numbers are in the unit of their measure's title; one that is unknown is null.
    """
    write_json(path, asdict(replace(report, notes=[*report.notes, provenance])))


def shipped(name: str) -> Report | None:
    """Return the report that the project ships for a table, or None."""
    path = MEASURED / f"{name}.json"
    return read_report(path) if path.exists() else None


def read_report(path: Path) -> Report:
    """Read a saved report, also one that an earlier version saved as formatted text.

    Raises GlicoError if the file holds no report.
    """
    written = read_json(path)
    try:
        if written is None:
            raise ValueError("it is not a JSON object")
        return from_text(written) if "measured" in written else _from_json(written)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise GlicoError(
            f"Cannot read the report {path}: {reason}. Save it again with glico table NAME --save FILE."
        ) from error


def _from_json(written: Mapping[str, Any]) -> Report:
    measures = [Measure(**{**each, "verdicts": tuple(each["verdicts"])}) for each in written["measures"]]
    comparisons = [
        Comparison(**{**each, "difference": PairedDifference(**_with_nan(each["difference"], keep=("agreeing",)))})
        for each in written["comparisons"]
    ]
    return Report(written["notes"], written["about"], measures, [*map(_row, written["rows"])], comparisons)


def _row(written: Mapping[str, Any]) -> Row:
    estimates = {
        name: None if each is None else Estimate(**_with_nan(each)) for name, each in written["estimates"].items()
    }
    figure = None if written["figure"] is None else Figure(**written["figure"])
    chosen = {int(seed): settings for seed, settings in written["chosen"].items()}
    return Row(**{**written, "estimates": estimates, "figure": figure, "chosen": chosen})


def _with_nan(numbers: Mapping[str, Any], keep: Sequence[str] = ()) -> dict[str, Any]:
    """Replace None by nan, except in the fields to ``keep``."""
    return {name: math.nan if number is None and name not in keep else number for name, number in numbers.items()}
