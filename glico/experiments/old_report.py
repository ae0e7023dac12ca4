"""Reports that earlier versions saved as formatted text: "27.48 ± 0.53", "1,000", "8 of 10"."""

from collections.abc import Mapping
from itertools import groupby
from math import nan
from typing import Any

from glico.evaluation.statistics import COMPARED, MISSING, Estimate, PairedDifference
from glico.experiments.report import Comparison, Report, Row
from glico.experiments.table import ACCURACY, FIDELITY, Figure, Settings

Line = Mapping[str, str]
Cell = tuple[int, int | None, str]
"""Samples per class, steps, method."""


def from_text(written: Mapping[str, Any]) -> Report:
    """Convert it; its numbers keep the two decimals that were saved.

    Raises LookupError, TypeError, ValueError or AttributeError if the text is not that of a report.
    """
    measured, compared, chosen = (_lines(written[name]) for name in ("measured", "compared", "chosen"))
    titles = written["measured"]["header"]
    measures = [measure for measure in (*ACCURACY, *FIDELITY) if measure.title in titles]
    settings = {cell: dict(map(_choice, lines)) for cell, lines in groupby(chosen, _cell)}
    rows = [
        Row(
            line["data set"],
            *_cell(line),
            {measure.name: _estimate(line, measure.title) for measure in measures},
            int(line["seeds"].split(" of ")[1]),
            _figure(line),
            settings.get(_cell(line), {}),
        )
        for line in measured
    ]
    counts = {(row.samples_per_class, row.steps, row.method): row.finished for row in rows}
    comparisons = [_comparison(line, measures[0].title, counts) for line in compared]
    return Report(written["notes"], written["about"], measures, rows, comparisons)


def _lines(grid: Mapping[str, Any]) -> list[dict[str, str]]:
    return [dict(zip(grid["header"], line, strict=True)) for line in grid["lines"]]


def _cell(line: Line) -> Cell:
    steps = line.get("steps", MISSING).replace(",", "")
    return int(line["samples per class"]), None if steps == MISSING else int(steps), line.get("method", "")


def _estimate(line: Line, title: str) -> Estimate | None:
    if line[title] == MISSING:
        return None
    return Estimate(*_mean_and_error(line[title]), count=int(line["seeds"].split(" of ")[0]))


def _figure(line: Line) -> Figure | None:
    """Return the paper's figure."""
    top1, top5 = (line.get(f"paper's {title} (%)", MISSING) for title in ("top-1", "top-5"))
    if top1 == MISSING:
        return None
    mean, error, mean5, error5 = map(_number_if_any, (*_words(top1), *_words(top5)))
    assert mean is not None
    return Figure(mean, error, mean5, error5, _number_if_any(line.get("as published (%)", MISSING)))


def _comparison(line: Line, title: str, counts: Mapping[Cell, int]) -> Comparison:
    method, baseline = line["difference"].split(" − ")
    samples_per_class, steps, _ = _cell(line)
    interval, _, agree = (line[column] for column in COMPARED)
    low, high = (nan, nan) if interval == MISSING else map(_number, interval.split(" to "))
    agreeing, count = None, min(counts[samples_per_class, steps, name] for name in (method, baseline))
    if agree != MISSING:
        agreeing, count = map(int, agree.split(" of "))
    difference = PairedDifference(*_mean_and_error(line[title]), low, high, agreeing, count)
    return Comparison(line["data set"], samples_per_class, steps, method, baseline, difference)


def _choice(line: Line) -> tuple[int, Settings]:
    """Return a seed and the settings that were chosen for it."""
    settings = {
        name.replace(" ", "_"): _setting(word)
        for name, word in line.items()
        if name not in ("samples per class", "steps", "method", "seed") and word != MISSING
    }
    return int(line["seed"]), settings


def _setting(words: str) -> float | list[float]:
    numbers = [float(word) for word in words.split(", ")]
    return numbers if len(numbers) > 1 else numbers[0]


def _mean_and_error(words: str) -> tuple[float, float]:
    mean, error = _words(words)
    return _number(mean), nan if error == MISSING else _number(error)


def _words(words: str) -> tuple[str, str]:
    """Mean and error; a word that is left out is MISSING."""
    mean, _, error = words.partition(" ± ")
    return mean, error or MISSING


def _number(word: str) -> float:
    return float(word.replace("−", "-"))


def _number_if_any(word: str) -> float | None:
    return None if word == MISSING else _number(word)
