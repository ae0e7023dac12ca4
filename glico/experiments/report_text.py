"""A report as text: tables for the terminal, the results page, Markdown, LaTeX and CSV."""

from collections.abc import Sequence

from glico.evaluation.statistics import COMPARED, MISSING, Estimate, in_words, with_error
from glico.experiments.grid import Grid
from glico.experiments.report import Report, Row
from glico.experiments.table import Figure, Measure, Table

LABELS = {
    "paper": "The paper's protocol",
    "scaled-down": "Scaled down, not comparable with the paper's figures",
}


def markdown(report: Report, table: Table) -> str:
    """Return the whole report, for a terminal or a README."""
    parts = [f"## {table.title}", f"{LABELS[table.protocol]}: {table.note}.", *table.declared, *report.notes]
    more = [grid.markdown() for grid in (compared(report), chosen(report)) if grid.lines]
    return "\n\n".join([*parts, measured(report).markdown(), report.about, *more])


def measured(report: Report) -> Grid:
    """Return a line for each cell. If the paper prints a figure for one of them, a column holds the paper's figures."""
    rows = report.rows
    columns = {
        "data set": [row.dataset for row in rows],
        "samples per class": [str(row.samples_per_class) for row in rows],
        "steps": [_steps(row.steps) for row in rows],
        "method": [row.method for row in rows],
    }
    if not _has_steps(report):
        del columns["steps"]
    for measure in report.measures:
        columns[measure.title] = [_estimate(row.estimates.get(measure.name)) for row in rows]
        columns |= {title: words for title, words in _printed(measure, rows).items() if {*words} != {MISSING}}
    columns["seeds"] = [f"{row.finished} of {row.seeds}" for row in rows]
    return Grid([*columns], list(zip(*columns.values(), strict=True)))


def compared(report: Report) -> Grid:
    """Return a line for each paired difference."""
    measure, has_steps = report.measures[0], _has_steps(report)
    lines = [
        [
            row.dataset,
            str(row.samples_per_class),
            *([_steps(row.steps)] if has_steps else []),
            f"{row.method} − {row.baseline}",
            *in_words(row.difference, verdicts=measure.verdicts),
        ]
        for row in report.comparisons
    ]
    steps = ["steps"] if has_steps else []
    return Grid(["data set", "samples per class", *steps, "difference", measure.title, *COMPARED], lines)


def chosen(report: Report) -> Grid:
    """Return the settings that a table's search chose, a line for each method and seed; none without a search."""
    settings = dict.fromkeys(name for row in report.rows for choice in row.chosen.values() for name in choice)
    has_steps = _has_steps(report)
    steps = ["steps"] if has_steps else []
    header = ["samples per class", *steps, "method", "seed", *(name.replace("_", " ") for name in settings)]
    lines = [
        [
            str(row.samples_per_class),
            *([_steps(row.steps)] if has_steps else []),
            row.method,
            str(seed),
            *(_setting(choice.get(name)) for name in settings),
        ]
        for row in report.rows
        for seed, choice in row.chosen.items()
    ]
    return Grid(header, lines)


def _printed(measure: Measure, rows: Sequence[Row]) -> dict[str, list[str]]:
    """Return the columns of the paper's figures for a measure."""
    figures = [row.figure for row in rows]
    if measure.name == "accuracy":
        return {
            "paper's top-1 (%)": [with_error(f.top1, f.error) if f else MISSING for f in figures],
            "as published (%)": [_published(f) for f in figures],
        }
    if measure.name == "top5":
        return {"paper's top-5 (%)": [with_error(f.top5, f.top5_error) if f else MISSING for f in figures]}
    return {}


def _published(figure: Figure | None) -> str:
    return f"{figure.published:g}" if figure and figure.published else MISSING


def _has_steps(report: Report) -> bool:
    """Return whether the table compares training lengths."""
    return any(row.steps is not None for row in report.rows)


def _steps(steps: int | None) -> str:
    return MISSING if steps is None else f"{steps:,}"


def _estimate(estimate: Estimate | None) -> str:
    return MISSING if estimate is None else with_error(estimate.mean, estimate.standard_error)


def _setting(value: float | Sequence[float] | None) -> str:
    if value is None:
        return MISSING
    return ", ".join(f"{one:g}" for one in value) if isinstance(value, Sequence) else f"{value:g}"
