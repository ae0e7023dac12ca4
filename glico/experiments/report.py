"""A table's results as numbers: the mean of every cell, the paper's figures and the paired differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glico.evaluation.statistics import (
    INTERVALS,
    Estimate,
    PairedDifference,
    estimate,
    image_differences,
    paired_difference,
    weight_of_one,
)
from glico.experiments.plan import Result
from glico.experiments.table import Figure, Measure, Settings, Table


@dataclass(frozen=True)
class Row:
    """The results of one cell of a table.

    ``estimates`` holds an estimate for each measure, by the measure's name and in the unit of its title; None if no
    seed has finished. ``seeds`` is the planned number of seeds. ``figure`` is the paper's figure for this cell.
    ``chosen`` holds the settings that the table's search chose for each seed.
    """

    dataset: str
    samples_per_class: int
    steps: int | None
    method: str
    estimates: Mapping[str, Estimate | None]
    seeds: int
    figure: Figure | None = None
    chosen: Mapping[int, Settings] = field(default_factory=dict)

    @property
    def finished(self) -> int:
        """The number of seeds that have finished."""
        return max((estimate.count for estimate in self.estimates.values() if estimate is not None), default=0)


@dataclass(frozen=True)
class Comparison:
    """The paired difference ``method`` - ``baseline`` in the table's first measure, over the seeds that both have."""

    dataset: str
    samples_per_class: int
    steps: int | None
    method: str
    baseline: str
    difference: PairedDifference


@dataclass(frozen=True)
class Report:
    """The results of a table. ``notes`` say how it differs from the table's protocol, ``about`` explains the numbers.

    :mod:`glico.experiments.report_text` formats it, :mod:`glico.experiments.report_file` saves and reads it.
    """

    notes: Sequence[str]
    about: str
    measures: Sequence[Measure]
    rows: Sequence[Row]
    comparisons: Sequence[Comparison]


def report(table: Table, results: Sequence[Result], notes: Sequence[str] = ()) -> Report:
    """Summarise the ``results`` of a table."""
    rows = [
        Row(
            Path(result.cell.dataset).name,
            result.cell.samples_per_class,
            result.cell.steps,
            result.cell.method.name,
            {measure.name: _estimate(result, measure) for measure in table.measures},
            len(result.seeds),
            result.cell.figure,
            dict(result.chosen),
        )
        for result in results
    ]
    return Report(notes, _about(results), table.measures, rows, _comparisons(table, results))


def _about(results: Sequence[Result]) -> str:
    """Explain the numbers of a report in a few sentences."""
    facts = next((scores for result in results for scores in result.scores.values() if "features" in scores), None)
    sentence = "Mean ± standard error over seeds"
    if facts is None:
        counts = {len(hits.right) for result in results for hits in result.hits.values()}
        sentence = f"{sentence}, each tested on {weight_of_one(counts)}" if counts else sentence
        return f"{sentence}. {INTERVALS}"
    real, network = facts["reference"], facts["features"]["network"]
    compared_with = f"{facts['images']} generated images compared with the {real['images']} of the {real['part']} split"
    distance = "the distance is FID" if facts["is_fid"] else "not FID, whose network is Inception v3"
    return f"{sentence}; {compared_with}, as {network} sees them: {distance}. The intervals are of the seeds alone."


def _comparisons(table: Table, results: Sequence[Result]) -> list[Comparison]:
    """Return the table's comparisons, without those whose methods share no seed."""
    comparisons = []
    for group in dict.fromkeys(map(_group, results)):
        by_method = {result.cell.method.name: result for result in results if _group(result) == group}
        dataset, samples_per_class, steps = group
        for method, baseline in table.comparisons:
            if {method, baseline} <= by_method.keys():
                difference = _paired(by_method[method], by_method[baseline], table.measures[0])
                if difference is not None:
                    name = Path(dataset).name
                    comparisons.append(Comparison(name, samples_per_class, steps, method, baseline, difference))
    return comparisons


def _group(result: Result) -> tuple[str, int, int | None]:
    """Return the attributes that two methods must share to be compared: data set, samples per class and steps."""
    return result.cell.dataset, result.cell.samples_per_class, result.cell.steps


def _paired(method: Result, baseline: Result, measure: Measure) -> PairedDifference | None:
    """Return the difference over the seeds that both have, or None if they share none."""
    a, b = method.values(measure), baseline.values(measure)
    seeds = sorted(a.keys() & b.keys())
    if not seeds:
        return None
    images = image_differences(method.hits, baseline.hits, seeds) if measure.name == "accuracy" else None
    scaled = None if images is None else measure.scale * images
    return paired_difference([a[s] for s in seeds], [b[s] for s in seeds], scaled)


def _estimate(result: Result, measure: Measure) -> Estimate | None:
    values = list(result.values(measure).values())
    return estimate(values) if values else None
