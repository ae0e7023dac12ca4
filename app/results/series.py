"""Classifier runs that differ in nothing but their seeds, taken together: a line in a chart, a row in a table."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.widgets.text import plain
from glico.config import AUGMENTATIONS, GENERATIVE, ClassifyConfig, DataConfig, TrainConfig
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
Seeds = tuple[int, int]  # of the small sample and of the classifier: what two series are paired by
LONGEST_LIST = 5  # values of a list that are written out in a name
DASHES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True)
class Series:
    """``name`` says how it differs from the series beside it; ``settings`` is what its runs have in common."""

    name: str
    colour: str
    dash: str
    runs: dict[Seeds, RunFolder]
    settings: Settings

    def scores(self, value: str = "accuracy") -> dict[Seeds, float]:
        """A number from the results of the finished runs."""
        results = {seeds: run.result for seeds, run in self.runs.items() if run.state.status == "done"}
        return {seeds: float(result[value]) for seeds, result in results.items() if result and value in result}

    def hits(self) -> dict[Seeds, Hits]:
        """Which test images the finished runs got right."""
        finished = {seeds: run for seeds, run in self.runs.items() if run.state.status == "done"}
        hits = {seeds: read_hits(run.file("predictions.npz")) for seeds, run in finished.items()}
        return {seeds: found for seeds, found in hits.items() if found is not None}


@dataclass(frozen=True)
class Row:
    """A series in a table: over its finished seeds, and against the baseline over those that both have finished."""

    series: Series
    estimate: Estimate | None
    difference: PairedDifference | None


def network(settings: Settings) -> str:
    """A run's classifier, and whether it started from pretrained weights."""
    return settings["classifier"] + (", pretrained" if settings.get("pretrained") else "")


def scored_on(settings: Settings) -> str:
    """What a run's accuracy is taken on: "test" or "holdout"."""
    return str(settings.get("scored_on", "test"))


def scored_images(settings: Settings) -> tuple[Any, ...]:
    """What names the images that a run's accuracy is taken on: two accuracies on others have no paired difference."""
    dataset = settings.get("dataset") or settings.get("training dataset") or settings.get("checkpoint")
    of_sample = ("holdout_fraction", "samples_per_class") if scored_on(settings) == "holdout" else ()
    return scored_on(settings), dataset, *(settings.get(name) for name in ("test_fraction", *of_sample))


def group(runs: Sequence[RunFolder], trained: Callable[[RunFolder], TrainConfig | None]) -> list[Series]:
    """The series of these classifier runs, in the schema's order of methods, with telling names and colours.

    ``trained`` gives the configuration that a run's checkpoint was trained with, or None where it is gone. Of two
    runs that compute the same, the newer counts.
    """
    found: dict[str, tuple[Settings, dict[Seeds, RunFolder]]] = {}
    for run in sorted(runs, key=lambda run: run.created):
        training = trained(run)
        settings = common_settings(run, training)
        seeds = (training.seed if training else 0, int(run.settings["seed"]))
        found.setdefault(repr(sorted(settings.items())), (settings, {}))[1][seeds] = run
    order = list(AUGMENTATIONS)
    ordered = sorted(found.values(), key=lambda pair: order.index(pair[0]["augmentation"]))
    names = differing_names([settings for settings, _ in ordered])
    series: list[Series] = []
    taken: list[str] = []
    methods = [method.colour for method in AUGMENTATIONS.values()]
    for name, (settings, members) in zip(names, ordered, strict=True):
        own = AUGMENTATIONS[settings["augmentation"]].colour
        spare = [colour for colour in PALETTE if colour not in taken and colour not in methods]
        colour = own if own not in taken else (spare or [c for c in PALETTE if c not in taken] or [own])[0]
        dash = DASHES[sum(one.settings["augmentation"] == settings["augmentation"] for one in series) % len(DASHES)]
        taken.append(colour)
        series.append(Series(name, colour, dash, dict(sorted(members.items())), settings))
    return series


def common_settings(run: RunFolder, training: TrainConfig | None) -> Settings:
    """What a run computes, without its seeds: its own settings, then how its checkpoint was trained.

    Of the training only the small sample matters to a method that draws nothing from the latent space.
    """
    own = ClassifyConfig.computing(run.settings)
    del own["checkpoint"], own["seed"]
    if training is None:
        return own | {"checkpoint": sorted(run.inputs.values())}
    learned = TrainConfig if own["augmentation"] in GENERATIVE else DataConfig
    below = learned.computing(training.model_dump(mode="json"))
    del below["seed"]
    return own | {f"training {name}" if name in own else name: value for name, value in below.items()}


def differing_names(all_settings: Sequence[Settings]) -> list[str]:
    """A name for each: its method, and every setting in which those that have it differ.

    Of a path only the file's name is said, unless two names would be the same.
    """
    fields = dict.fromkeys(name for settings in all_settings for name in settings if name != "augmentation")
    differing = [
        name for name in fields if len({repr(settings[name]) for settings in all_settings if name in settings}) > 1
    ]

    def name(settings: Settings, whole_paths: bool) -> str:
        words = [f"{f.replace('_', ' ')} {_spelt(settings[f], whole_paths)}" for f in differing if f in settings]
        return " · ".join([settings["augmentation"], *words])

    short = [name(settings, False) for settings in all_settings]
    return short if len(set(short)) == len(short) else [name(settings, True) for settings in all_settings]


def table(series: Sequence[Series], baseline: Series | None) -> list[Row]:
    """A row a series; the baseline has no difference to itself, nor has one that was scored on other images."""
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


def _spelt(value: Any, whole_paths: bool) -> str:
    """A setting's value; a long list is its length and the letters that tell it from another."""
    if isinstance(value, str) and not whole_paths:
        return Path(value).name
    if not isinstance(value, list):
        return str(value)
    if len(value) <= LONGEST_LIST:
        return str(value or "all")
    return f"{len(value)} ({hashlib.sha256(repr(value).encode()).hexdigest()[:4]})"


HEADER = ("method", "seeds", "accuracy", "difference to the baseline", *COMPARED)


def cells(row: Row) -> list[str]:
    """A row's cells in words, in per cent: the mean ± its standard error, the difference, its interval and what it
    shows, agreement."""
    method = [row.series.name, "0", *[""] * (len(HEADER) - 2)]
    if row.estimate:
        method[1:3] = [str(row.estimate.count), with_error(100 * row.estimate.mean, 100 * row.estimate.standard_error)]
    if row.difference:
        method[3:] = in_words(row.difference, 100)
    return method


def to_csv(rows: Sequence[Row]) -> str:
    """Numbers as they are, in [0, 1], one column each."""
    table: list[list[object]] = [
        ["method", "seeds", "accuracy", "standard_error", "difference", "difference_standard_error", "low", "high",
         "shown", "seeds_agreeing", "seeds_shared"]
    ]  # fmt: skip
    for row in rows:
        e, d = row.estimate, row.difference
        own = [e.count, e.mean, e.standard_error] if e else [0, "", ""]
        paired = [d.mean, d.standard_error, d.low, d.high, d.verdict, d.agreeing, d.count] if d else [""] * 7
        table.append([row.series.name, *own, *paired])
    return csv_text(table)


def to_markdown(rows: Sequence[Row]) -> str:
    """A table for a README, in per cent."""
    return Grid(HEADER, [[plain(name), *rest] for name, *rest in map(cells, rows)]).markdown() + "\n"


def to_latex(rows: Sequence[Row]) -> str:
    """A table for a paper (booktabs), in per cent."""
    return Grid(HEADER, [cells(row) for row in rows]).latex() + "\n"
