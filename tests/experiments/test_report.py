"""Reports are numbers: saved as numbers, formatted where they are shown, and read from the files of any version."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from glico.errors import GlicoError
from glico.evaluation.statistics import Estimate, PairedDifference, in_words
from glico.experiments.grid import Grid
from glico.experiments.plan import Result
from glico.experiments.report import Comparison, Report, Row, report
from glico.experiments.report_file import MEASURED, read_report, save, shipped
from glico.experiments.report_text import chosen, compared, measured
from glico.experiments.table import ACCURACY, Cell, Figure, Method, Table

# As version 0.1 saved them: text, with U+2212 for minus and commas in thousands.
OLD: dict[str, Any] = {
    "notes": ["Measured by an earlier version."],
    "about": "Mean ± standard error over seeds.",
    "measured": {
        "header": [
            "data set",
            "samples per class",
            "steps",
            "method",
            "top-1 (%)",
            "paper's top-1 (%)",
            "as published (%)",
            "top-5 (%)",
            "paper's top-5 (%)",
            "seeds",
        ],
        "lines": [
            ["birds", "10", "300", "standard", "22.50", "–", "–", "63.02", "–", "2 of 4"],
            ["birds", "10", "1,000", "standard", "27.48 ± 0.53", "23.01", "22", "70.10 ± 0.20", "–", "4 of 4"],
            [
                "birds",
                "10",
                "1,000",
                "GLICO",
                "30.04 ± 0.10",
                "43.84 ± 0.25",
                "–",
                "71.00 ± 0.30",
                "70.73 ± 0.07",
                "3 of 4",
            ],
            ["birds", "10", "1,000", "GLO", "–", "–", "–", "–", "–", "0 of 4"],
        ],
    },
    "compared": {
        "header": [
            "data set",
            "samples per class",
            "steps",
            "difference",
            "top-1 (%)",
            "95 % interval",
            "shown",
            "seeds that agree",
        ],
        "lines": [
            ["birds", "10", "300", "GLICO, lerp − standard", "+1.00", "–", "cannot tell", "2 of 2"],
            ["birds", "10", "1,000", "GLICO − standard", "+2.56 ± 0.40", "+1.65 to +3.48", "helps", "3 of 3"],
            ["birds", "10", "1,000", "standard − GLICO", "−0.50 ± 0.04", "−0.61 to −0.39", "hurts", "2 of 3"],
            ["birds", "10", "1,000", "GLICO − standard", "+0.00 ± 0.12", "−0.41 to +0.41", "cannot tell", "–"],
        ],
    },
    "chosen": {
        "header": ["samples per class", "steps", "method", "seed", "learning rate", "interpolation factors"],
        "lines": [
            ["10", "1,000", "standard", "0", "0.03", "–"],
            ["10", "1,000", "GLICO", "0", "0.1", "0.1, 0.2, 0.3"],
            ["10", "1,000", "GLICO", "1", "0.0005", "0.4"],
        ],
    },
}
OLD["measured"]["lines"].insert(0, ["birds", "10", "300", "GLICO, lerp", "23.50", "–", "–", "64.02", "–", "2 of 4"])


def as_text(grid: Grid) -> dict[str, Any]:
    return {"header": list(grid.header), "lines": [list(line) for line in grid.lines]}


def written(path: Path, record: dict[str, Any]) -> Path:
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def values_of(record: Any) -> Iterator[Any]:
    """Every value in the ``rows`` and ``comparisons`` of a saved report that is no name."""
    if isinstance(record, dict):
        for key, value in record.items():
            if key not in ("dataset", "method", "baseline"):
                yield from values_of(value)
    elif isinstance(record, list):
        for value in record:
            yield from values_of(value)
    else:
        yield record


def test_old_report_reads_as_the_same_tables(tmp_path: Path) -> None:
    """A report saved as text is converted to numbers that format to the same text."""
    result = read_report(written(tmp_path / "old.json", OLD))
    assert as_text(measured(result)) == OLD["measured"]
    assert as_text(compared(result)) == OLD["compared"]
    assert as_text(chosen(result)) == OLD["chosen"]
    assert (result.notes, result.about) == (OLD["notes"], OLD["about"])
    assert result.rows[3].estimates["accuracy"] == Estimate(30.04, 0.1, 3)
    assert result.rows[3].figure == Figure(43.84, 0.25, 70.73, 0.07)
    assert result.comparisons[2].difference == PairedDifference(-0.5, 0.04, -0.61, -0.39, 2, 3)


def test_old_report_converts_once(tmp_path: Path) -> None:
    """A converted report, saved and read again, is the same report."""
    result = read_report(written(tmp_path / "old.json", OLD))
    save(result, tmp_path / "new.json", "Converted.")
    again = read_report(tmp_path / "new.json")
    assert as_text(measured(again)) == OLD["measured"]
    assert as_text(compared(again)) == OLD["compared"]
    assert as_text(chosen(again)) == OLD["chosen"]
    assert [*again.notes] == [*OLD["notes"], "Converted."]


def test_report_is_saved_as_numbers(tmp_path: Path) -> None:
    """Nothing is rounded, and an unknown number is null."""
    scores = {0: {"accuracy": 1 / 3}, 1: {"accuracy": 2 / 3}}
    method = Method("GLICO", classify={"augmentation": "glico"})
    table = Table("T", "scaled-down", "n", ("d",), (5,), (0, 1), (method,), (), measures=ACCURACY[:1])
    cells = table.cells()
    results = [Result(cells[0], (0, 1, 2), scores, {0: {"interpolation_factors": (0.1, 0.2)}})]
    result = report(table, [*results, Result(Cell("/home/me/d", 7, method, None), (0, 1, 2))], ["Changed."])
    save(result, tmp_path / "report.json", "Measured here.")
    record = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    first, second = record["rows"]
    assert first["estimates"]["accuracy"] == {"mean": pytest.approx(50), "standard_error": None, "count": 2}
    assert first["chosen"] == {"0": {"interpolation_factors": [0.1, 0.2]}}
    assert (second["dataset"], second["estimates"]) == ("d", {"accuracy": None}), "no path leaves this machine"
    again = read_report(tmp_path / "report.json")
    assert [*again.notes] == ["Changed.", "Measured here."]
    assert as_text(measured(again)) == as_text(measured(result))
    assert as_text(chosen(again)) == as_text(chosen(result))


def test_difference_of_two_seeds_survives_saving(tmp_path: Path) -> None:
    """An interval that is not known is nan after reading, as before, and is shown as missing."""
    difference = PairedDifference(0.0, math.nan, math.nan, math.nan, None, 2)
    row = Row("d", 5, None, "GLICO", {"accuracy": Estimate(50.0, math.nan, 2)}, 3)
    result = Report([], "", ACCURACY[:1], [row], [Comparison("d", 5, None, "GLICO", "standard", difference)])
    save(result, tmp_path / "report.json", "here")
    (again,) = read_report(tmp_path / "report.json").comparisons
    assert math.isnan(again.difference.low)
    assert again.difference.agreeing is None
    assert in_words(again.difference) == ["+0.00", "–", "cannot tell", "–"]


@pytest.mark.parametrize("file", sorted(MEASURED.glob("*.json")), ids=lambda file: file.stem)
def test_shipped_report_holds_only_numbers(file: Path) -> None:
    record = json.loads(file.read_text(encoding="utf-8"))
    assert {type(value) for part in ("rows", "comparisons") for value in values_of(record[part])} <= {
        int,
        float,
        type(None),
    }
    assert shipped(file.stem) is not None


@pytest.mark.parametrize(
    "record",
    [
        {"rows": []},
        {**OLD, "measured": {"header": ["method"], "lines": [["GLICO", "too long"]]}},
        {**OLD, "compared": {**OLD["compared"], "lines": [["birds", "10", "300", "one name", "1", "–", "–", "–"]]}},
        {"notes": [], "about": "", "measures": [], "rows": [{"method": "GLICO"}], "comparisons": []},
    ],
)
def test_damaged_report_is_refused_in_one_sentence(tmp_path: Path, record: dict[str, Any]) -> None:
    path = written(tmp_path / "damaged.json", record)
    with pytest.raises(GlicoError, match=r"Cannot read the report .*damaged.json: .* Save it again"):
        read_report(path)
    path.write_text("[1, 2", encoding="utf-8")
    with pytest.raises(GlicoError, match="it is not a JSON object"):
        read_report(path)


def test_table_without_report_has_none() -> None:
    assert shipped("cifar10") is None
