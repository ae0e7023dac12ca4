"""A table's results in words: what was measured, the paper's figures beside it, and the paired differences."""

import math
from collections.abc import Sequence
from pathlib import Path

from glico.evaluation.statistics import Estimate, PairedDifference, estimate, paired_difference
from glico.experiments.grid import Grid
from glico.experiments.plan import Result
from glico.experiments.table import Table

MISSING = "–"
PRINTED = ("paper's top-1 (%)", "as published (%)", "paper's top-5 (%)")
LABELS = {
    "paper": "The paper's protocol",
    "scaled-down": "Scaled-down protocol, not to be set beside the paper's figures",
}


def markdown(table: Table, results: Sequence[Result], notes: Sequence[str] = ()) -> str:
    """The whole report; ``notes`` say what differs from the table's protocol."""
    grids = [measured(results), compared(table, results), chosen(results)]
    parts = [f"## {table.title}", f"{LABELS[table.protocol]}: {table.note}.", *notes]
    return "\n\n".join([*parts, *(grid.markdown() for grid in grids if grid.lines)])


def measured(results: Sequence[Result]) -> Grid:
    """A line a cell; the paper's columns appear, beside what was measured, where the paper prints something."""
    figures = [result.cell.figure for result in results]
    columns = {
        "data set": [Path(result.cell.dataset).name for result in results],
        "samples a class": [str(result.cell.samples_per_class) for result in results],
        "method": [result.cell.method.name for result in results],
        "top-1 (%)": [_mean(result.accuracy) for result in results],
        "paper's top-1 (%)": [_figure(f.top1, f.error) if f else MISSING for f in figures],
        "as published (%)": [f"{f.published:g}" if f and f.published else MISSING for f in figures],
        "top-5 (%)": [_mean(result.top5) for result in results],
        "paper's top-5 (%)": [_figure(f.top5, f.top5_error) if f else MISSING for f in figures],
        "seeds": [f"{len(result.accuracy)} of {len(result.seeds)}" for result in results],
    }
    kept = {name: words for name, words in columns.items() if name not in PRINTED or {*words} != {MISSING}}
    return Grid([*kept], list(zip(*kept.values(), strict=True)))


def compared(table: Table, results: Sequence[Result]) -> Grid:
    """The paired differences of top-1 accuracy that the table asks for; no line where two methods share no seed."""
    lines = []
    for place in dict.fromkeys((result.cell.dataset, result.cell.samples_per_class) for result in results):
        here = {r.cell.method.name: r for r in results if (r.cell.dataset, r.cell.samples_per_class) == place}
        for first, second in table.comparisons:
            difference = paired(here[first], here[second]) if {first, second} <= here.keys() else None
            if difference is not None:
                lines.append([Path(place[0]).name, str(place[1]), f"{first} − {second}", *_difference(difference)])
    return Grid(["data set", "samples a class", "difference", "points", "95 % interval", "seeds that agree"], lines)


def chosen(results: Sequence[Result]) -> Grid:
    """The settings that a table's search found best, a line a method and seed; no line where it does not search."""
    settings = next((found for result in results for found in result.chosen.values()), {})
    header = ["samples a class", "method", "seed", *(name.replace("_", " ") for name in settings)]
    lines = [
        [str(result.cell.samples_per_class), result.cell.method.name, str(seed), *(f"{v:g}" for v in found.values())]
        for result in results
        for seed, found in result.chosen.items()
    ]
    return Grid(header, lines)


def paired(first: Result, second: Result) -> PairedDifference | None:
    """The difference of top-1 accuracy over the seeds that both have; None where there is none."""
    seeds = sorted(first.accuracy.keys() & second.accuracy.keys())
    if not seeds:
        return None
    return paired_difference([first.accuracy[s] for s in seeds], [second.accuracy[s] for s in seeds])


def _mean(values: dict[int, float]) -> str:
    if not values:
        return MISSING
    found: Estimate = estimate(list(values.values()))
    return _figure(100 * found.mean, 100 * found.standard_error)


def _figure(mean: float | None, error: float | None) -> str:
    if mean is None:
        return MISSING
    return f"{mean:.2f}" if error is None or math.isnan(error) else f"{mean:.2f} ± {error:.2f}"


def _difference(found: PairedDifference) -> list[str]:
    interval = MISSING if math.isnan(found.low) else f"{100 * found.low:+.2f} to {100 * found.high:+.2f}"
    error = "" if math.isnan(found.standard_error) else f" ± {100 * found.standard_error:.2f}"
    return [f"{100 * found.mean:+.2f}{error}", interval, f"{found.agreeing} of {found.count}"]
