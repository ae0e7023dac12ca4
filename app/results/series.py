"""Series: classifier runs that differ only in their seeds, as a curve in a chart and a row in a table."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.widgets.text import plain
from glico.config import OFFERED, ClassifyConfig, DataConfig, TrainConfig, augmentation_method
from glico.evaluation.statistics import (
    COMPARED,
    Estimate,
    Hits,
    PairedDifference,
    estimate,
    image_differences,
    in_words,
    paired_difference,
    read_hits,
    with_error,
)
from glico.experiments.grid import Grid
from glico.formats import csv_text
from glico.runs.folder import RunFolder
from glico.web.palette import PALETTE

Settings = dict[str, Any]
Seeds = tuple[int, int]  # of the small sample and of the classifier: two series are paired by them
LONGEST_LIST = 5  # values; a name abbreviates a longer list
DASHES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True)
class Series:
    """``name`` says how it differs from the other series; its runs have the ``settings`` in common."""

    name: str
    colour: str
    dash: str
    runs: dict[Seeds, RunFolder]
    settings: Settings

    def scores(self, value: str = "accuracy") -> dict[Seeds, float]:
        """Return a number from the results of the finished runs."""
        results = {seeds: run.result for seeds, run in self.runs.items() if run.state.status == "done"}
        return {seeds: float(result[value]) for seeds, result in results.items() if result and value in result}

    def hits(self) -> dict[Seeds, Hits]:
        """Return which test images the finished runs classified correctly."""
        finished = {seeds: run for seeds, run in self.runs.items() if run.state.status == "done"}
        hits = {seeds: read_hits(run.file("predictions.npz")) for seeds, run in finished.items()}
        return {seeds: each for seeds, each in hits.items() if each is not None}


@dataclass(frozen=True)
class Row:
    """A series in a table: the estimate over its finished seeds, and the difference over those that the baseline has
    finished too."""

    series: Series
    estimate: Estimate | None
    difference: PairedDifference | None


def scored_on(settings: Settings) -> str:
    """Return the split on which a run's accuracy is computed: "test" or "holdout"."""
    return str(settings.get("scored_on", "test"))


def scored_images(settings: Settings) -> tuple[Any, ...]:
    """Return a key of the images on which a run's accuracy is computed: accuracies on different images have no paired
    difference."""
    dataset = settings.get("dataset") or settings.get("training dataset") or settings.get("checkpoint")
    of_sample = ("holdout_fraction", "samples_per_class") if scored_on(settings) == "holdout" else ()
    return scored_on(settings), dataset, *(settings.get(name) for name in ("test_fraction", *of_sample))


def group(runs: Sequence[RunFolder], trained: Callable[[RunFolder], TrainConfig | None]) -> list[Series]:
    """Return the series of these classifier runs, in the schema's order of methods, with distinct names and colours.

    ``trained`` returns the configuration of a run's checkpoint, or None if it is gone. Of two runs that compute the
    same, the newer counts.
    """
    groups: dict[str, tuple[Settings, dict[Seeds, RunFolder]]] = {}
    for run in sorted(runs, key=lambda run: run.created):
        training = trained(run)
        settings = common_settings(run, training)
        seeds = (training.seed if training else 0, int(run.settings["seed"]))
        groups.setdefault(repr(sorted(settings.items())), (settings, {}))[1][seeds] = run
    order = {name: place for place, name in enumerate(OFFERED)}
    ordered = sorted(groups.values(), key=lambda pair: order.get(pair[0]["augmentation"], len(order)))
    names = differing_names([settings for settings, _ in ordered])
    series: list[Series] = []
    taken: list[str] = []
    methods = [augmentation_method(name).colour for name in OFFERED]
    for name, (settings, members) in zip(names, ordered, strict=True):
        own = augmentation_method(settings["augmentation"]).colour
        spare = [colour for colour in PALETTE if colour not in taken and colour not in methods]
        colour = own if own not in taken else (spare or [c for c in PALETTE if c not in taken] or [own])[0]
        dash = DASHES[sum(one.settings["augmentation"] == settings["augmentation"] for one in series) % len(DASHES)]
        taken.append(colour)
        series.append(Series(name, colour, dash, dict(sorted(members.items())), settings))
    return series


def common_settings(run: RunFolder, training: TrainConfig | None) -> Settings:
    """Return the settings that decide what a run computes, without its seeds: its own settings, then those of its
    checkpoint's training.

    For a method that generates nothing, only the small sample of the training matters.
    """
    own = ClassifyConfig.computing(run.settings)
    del own["checkpoint"], own["seed"]
    if training is None:
        return own | {"checkpoint": sorted(run.inputs.values())}
    learned = TrainConfig if augmentation_method(own["augmentation"]).generative else DataConfig
    below = learned.computing(training.model_dump(mode="json"))
    del below["seed"]
    return own | {f"training {name}" if name in own else name: value for name, value in below.items()}


def of_a_method(name: str) -> bool:
    """Return whether a setting belongs to some augmentation method, so that runs that differ in it are compared."""
    conditional = name in ClassifyConfig.names() and "augmentation" in ClassifyConfig.conditions(name)
    return name == "augmentation" or conditional


def differ_in_method_only(one: Series, other: Series) -> bool:
    """Return whether all settings that two series share are equal, except those of an augmentation method."""
    shared = one.settings.keys() & other.settings.keys()
    return all(of_a_method(name) or one.settings[name] == other.settings[name] for name in shared)


def differing_names(all_settings: Sequence[Settings]) -> list[str]:
    """Return a name for each: its method, and every setting in which they differ.

    A path is shortened to its file name, unless two names would be equal.
    """
    fields = dict.fromkeys(name for settings in all_settings for name in settings if name != "augmentation")
    differing = [
        name for name in fields if len({repr(settings[name]) for settings in all_settings if name in settings}) > 1
    ]

    def name(settings: Settings, whole_paths: bool) -> str:
        words = [f"{f.replace('_', ' ')} {_as_text(settings[f], whole_paths)}" for f in differing if f in settings]
        return " · ".join([settings["augmentation"], *words])

    short = [name(settings, False) for settings in all_settings]
    return short if len(set(short)) == len(short) else [name(settings, True) for settings in all_settings]


def table(series: Sequence[Series], baseline: Series | None) -> list[Row]:
    """Return a row for each series, with its difference from the baseline unless it was scored on other images."""
    reference, right = (baseline.scores(), baseline.hits()) if baseline else ({}, {})
    images = scored_images(baseline.settings) if baseline else None
    rows = []
    for one in series:
        scores = one.scores()
        shared = sorted(scores.keys() & reference.keys())
        difference = None
        if one is not baseline and shared and scored_images(one.settings) == images:
            by_image = image_differences(one.hits(), right, shared)
            difference = paired_difference([scores[s] for s in shared], [reference[s] for s in shared], by_image)
        rows.append(Row(one, estimate(list(scores.values())) if scores else None, difference))
    return rows


def _as_text(value: Any, whole_paths: bool) -> str:
    """Return a setting's value; for a long list, its length and a few letters of its digest."""
    if isinstance(value, str) and not whole_paths:
        return Path(value).name
    if not isinstance(value, list):
        return str(value)
    if len(value) <= LONGEST_LIST:
        return str(value or "all")
    return f"{len(value)} ({hashlib.sha256(repr(value).encode()).hexdigest()[:4]})"


HEADER = ("method", "seeds", "accuracy", "difference from the baseline", *COMPARED)


def cells(row: Row) -> list[str]:
    """Return a row's cells as text, in per cent: mean ± standard error, difference, interval and verdict, agreement."""
    texts = [row.series.name, "0", *[""] * (len(HEADER) - 2)]
    if row.estimate:
        texts[1:3] = [str(row.estimate.count), with_error(100 * row.estimate.mean, 100 * row.estimate.standard_error)]
    if row.difference:
        texts[3:] = in_words(row.difference, 100)
    return texts


def to_csv(rows: Sequence[Row]) -> str:
    """Return the numbers in [0, 1], a column each, as CSV."""
    table: list[list[object]] = [
        [
            "method",
            "seeds",
            "accuracy",
            "standard_error",
            "difference",
            "difference_standard_error",
            "low",
            "high",
            "shown",
            "seeds_agreeing",
            "seeds_shared",
        ]
    ]
    for row in rows:
        e, d = row.estimate, row.difference
        own = [e.count, e.mean, e.standard_error] if e else [0, "", ""]
        paired = [d.mean, d.standard_error, d.low, d.high, d.verdict, d.agreeing, d.count] if d else [""] * 7
        table.append([row.series.name, *own, *paired])
    return csv_text(table)


def to_markdown(rows: Sequence[Row]) -> str:
    """Return a Markdown table, in per cent."""
    return Grid(HEADER, [[plain(name), *rest] for name, *rest in map(cells, rows)]).markdown() + "\n"


def to_latex(rows: Sequence[Row]) -> str:
    """Return a LaTeX table (booktabs), in per cent."""
    return Grid(HEADER, [cells(row) for row in rows]).latex() + "\n"
