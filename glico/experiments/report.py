"""A table's results as Markdown: the paper's figures, what was measured, and the paired differences."""

import math
from collections.abc import Sequence
from pathlib import Path

from glico.evaluation.statistics import Estimate, PairedDifference, estimate, paired_difference
from glico.experiments.plan import Result
from glico.experiments.table import Table

MISSING = "–"
LABELS = {
    "paper": "The paper's protocol",
    "scaled-down": "Scaled-down protocol, not to be set beside the paper's figures",
}


def markdown(table: Table, results: Sequence[Result], notes: Sequence[str] = ()) -> str:
    """The whole report; ``notes`` say what differs from the table's protocol."""
    parts = [f"## {table.title}", f"{LABELS[table.protocol]}: {table.note}.", *notes, measured(results)]
    differences = compared(table, results)
    return "\n\n".join([*parts, *([differences] if differences else [])])


def measured(results: Sequence[Result]) -> str:
    """A line a cell; the paper's columns appear where the paper prints something."""
    top1 = any(result.cell.figure is not None for result in results)
    top5 = any(result.cell.figure is not None and result.cell.figure.top5 is not None for result in results)
    header = ["data set", "samples a class", "method", "top-1 (%)", "top-5 (%)", "seeds"]
    header += ["paper's top-1 (%)"] * top1 + ["paper's top-5 (%)"] * top5
    lines = []
    for result in results:
        cell, figure = result.cell, result.cell.figure
        line = [Path(cell.dataset).name, str(cell.samples_per_class), cell.method.name]
        line += [_mean(result.accuracy), _mean(result.top5), str(len(result.accuracy))]
        line += [_figure(figure.top1, figure.error) if figure else MISSING] * top1
        line += [_figure(figure.top5, figure.top5_error) if figure else MISSING] * top5
        lines.append(line)
    return _grid(header, lines)


def compared(table: Table, results: Sequence[Result]) -> str:
    """The paired differences of top-1 accuracy that the table asks for; empty where no two methods share a seed."""
    lines = []
    for place in dict.fromkeys((result.cell.dataset, result.cell.samples_per_class) for result in results):
        here = {r.cell.method.name: r for r in results if (r.cell.dataset, r.cell.samples_per_class) == place}
        for first, second in table.comparisons:
            difference = paired(here[first], here[second]) if {first, second} <= here.keys() else None
            if difference is not None:
                lines.append([Path(place[0]).name, str(place[1]), f"{first} − {second}", *_difference(difference)])
    header = ["data set", "samples a class", "difference", "points", "95 % interval", "seeds that agree"]
    return _grid(header, lines) if lines else ""


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


def _grid(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
