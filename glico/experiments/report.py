"""A table's results in words: what was measured, the paper's figures beside it, and the paired differences."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from glico.evaluation.statistics import (
    COMPARED,
    INTERVALS,
    MISSING,
    PairedDifference,
    estimate,
    image_differences,
    in_words,
    paired_difference,
    weight_of_one,
    with_error,
)
from glico.experiments.grid import Grid
from glico.experiments.plan import Result
from glico.experiments.table import Cell, Measure, Table
from glico.files import read_json, write_json

MEASURED = Path(__file__).parent / "measured"
LABELS = {
    "paper": "The paper's protocol",
    "scaled-down": "Scaled down, not comparable with the paper's figures",
}


@dataclass(frozen=True)
class Report:
    """What is known of a table, in words: ``notes`` say what differs from its protocol, ``about`` what the numbers
    are."""

    notes: Sequence[str]
    about: str
    measured: Grid
    compared: Grid
    chosen: Grid

    def markdown(self, table: Table) -> str:
        """All of it, for a README."""
        parts = [f"## {table.title}", f"{LABELS[table.protocol]}: {table.note}.", *table.declared, *self.notes]
        more = [grid.markdown() for grid in (self.compared, self.chosen) if grid.lines]
        return "\n\n".join([*parts, self.measured.markdown(), self.about, *more])

    def save(self, path: Path, made: str) -> None:
        """As a JSON file, which :func:`shipped` reads; ``made`` says by what it was measured, where and when."""
        write_json(path, asdict(replace(self, notes=[*self.notes, made])))


def report(table: Table, results: Sequence[Result], notes: Sequence[str] = ()) -> Report:
    """What the ``results`` say."""
    return Report(notes, about(results), measured(table, results), compared(table, results), chosen(results))


def shipped(name: str) -> Report | None:
    """What was measured for a table before it came here; None where that is nothing."""
    found: dict[str, Any] | None = read_json(MEASURED / f"{name}.json")
    if found is None:
        return None
    grids = {key: Grid(**found[key]) for key in ("measured", "compared", "chosen")}
    return Report(found["notes"], found["about"], **grids)


def about(results: Sequence[Result]) -> str:
    """What the numbers are."""
    facts = next((found for result in results for found in result.found.values() if "features" in found), None)
    said = "Mean ± standard error over seeds"
    if facts is None:
        counts = {len(hits.right) for result in results for hits in result.hits.values()}
        said = f"{said}, each tested on {weight_of_one(counts)}" if counts else said
        return f"{said}. {INTERVALS}"
    real, network = facts["reference"], facts["features"]["network"]
    compared_with = f"{facts['images']} generated images compared with the {real['images']} of the {real['part']} split"
    named = "the distance is FID" if facts["is_fid"] else "not FID, whose network is Inception v3"
    return f"{said}; {compared_with}, as {network} sees them: {named}. The intervals are of the seeds alone."


def measured(table: Table, results: Sequence[Result]) -> Grid:
    """A line per cell; the paper's columns appear, beside what was measured, where the paper prints something."""
    figures = [result.cell.figure for result in results]
    printed = {
        "accuracy": {
            "paper's top-1 (%)": [with_error(f.top1, f.error) if f else MISSING for f in figures],
            "as published (%)": [f"{f.published:g}" if f and f.published else MISSING for f in figures],
        },
        "top5": {"paper's top-5 (%)": [with_error(f.top5, f.top5_error) if f else MISSING for f in figures]},
    }
    columns = {
        "data set": [Path(result.cell.dataset).name for result in results],
        "samples per class": [str(result.cell.samples_per_class) for result in results],
        "steps": [_steps(result.cell) for result in results],
        "method": [result.cell.method.name for result in results],
    }
    if not table.lengths:
        del columns["steps"]
    for measure in table.measures:
        columns[measure.title] = [_mean(result.values(measure)) for result in results]
        beside = printed.get(measure.name, {})
        columns |= {title: words for title, words in beside.items() if {*words} != {MISSING}}
    columns["seeds"] = [f"{len(result.found)} of {len(result.seeds)}" for result in results]
    return Grid([*columns], list(zip(*columns.values(), strict=True)))


def compared(table: Table, results: Sequence[Result]) -> Grid:
    """The paired differences of the first measure that the table asks for; no line where two methods share no seed."""
    measure, lines = table.measures[0], []
    for group in dict.fromkeys(map(_group, results)):
        here = {r.cell.method.name: r for r in results if _group(r) == group}
        for first, second in table.comparisons:
            both = {first, second} <= here.keys()
            difference = _paired(here[first], here[second], measure) if both else None
            if difference is not None:
                words = in_words(difference, verdicts=measure.verdicts)
                where = [Path(group[0]).name, str(group[1]), *([f"{group[2]:,}"] if group[2] else [])]
                lines.append([*where, f"{first} − {second}", *words])
    steps = ["steps"] if table.lengths else []
    return Grid(["data set", "samples per class", *steps, "difference", measure.title, *COMPARED], lines)


def chosen(results: Sequence[Result]) -> Grid:
    """The settings that a table's search found best, one line per method and seed; no line where it does not search."""
    settings = dict.fromkeys(name for result in results for found in result.chosen.values() for name in found)
    several = any(result.cell.steps for result in results)
    steps = ["steps"] if several else []
    header = ["samples per class", *steps, "method", "seed", *(name.replace("_", " ") for name in settings)]
    lines = [
        [
            str(result.cell.samples_per_class),
            *([_steps(result.cell)] if several else []),
            result.cell.method.name,
            str(seed),
            *(_setting(found.get(name)) for name in settings),
        ]
        for result in results
        for seed, found in result.chosen.items()
    ]
    return Grid(header, lines)


def _group(result: Result) -> tuple[str, int, int | None]:
    """What two methods must have in common to be compared."""
    return result.cell.dataset, result.cell.samples_per_class, result.cell.steps


def _steps(cell: Cell) -> str:
    return MISSING if cell.steps is None else f"{cell.steps:,}"


def _paired(first: Result, second: Result, measure: Measure) -> PairedDifference | None:
    """The difference over the seeds that both have; None where there is none."""
    a, b = first.values(measure), second.values(measure)
    seeds = sorted(a.keys() & b.keys())
    if not seeds:
        return None
    images = image_differences(first.hits, second.hits, seeds) if measure.name == "accuracy" else None
    scaled = None if images is None else measure.scale * images
    return paired_difference([a[s] for s in seeds], [b[s] for s in seeds], scaled)


def _setting(value: float | Sequence[float] | None) -> str:
    if value is None:
        return MISSING
    return ", ".join(f"{one:g}" for one in value) if isinstance(value, Sequence) else f"{value:g}"


def _mean(values: dict[int, float]) -> str:
    if not values:
        return MISSING
    found = estimate(list(values.values()))
    return with_error(found.mean, found.standard_error)
