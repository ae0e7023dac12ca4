"""Experiments as tables of cells (data set, samples per class, method), each over the same seeds."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from glico.config import ClassifyConfig, TrainConfig
from glico.errors import GlicoError
from glico.evaluation.statistics import VERDICTS

Settings = Mapping[str, Any]
Key = tuple[str, int, str]
"""Data set, samples per class, method."""

_PRINTED = re.compile(r"(\d+\.\d+)(?:±(\d+\.\d+))?(?: \((\d+)\))?")


@dataclass(frozen=True)
class Method:
    """A way to learn from the small sample: changes to the table's settings. Methods with the same ``train`` share
    their checkpoints. A ``dcgan`` has the generator of the settings, trained against a discriminator."""

    name: str
    train: Settings = field(default_factory=dict)
    classify: Settings = field(default_factory=dict)
    dcgan: bool = False


@dataclass(frozen=True)
class Measure:
    """A number in the results of runs: its name there, its column's title and factor, and the verdicts on a method with
    a
    higher and with a lower value."""

    name: str
    title: str
    scale: float = 100
    verdicts: tuple[str, str] = VERDICTS


ACCURACY = (Measure("accuracy", "top-1 (%)"), Measure("top5", "top-5 (%)"))
FIDELITY = (
    Measure("distance", "Fréchet distance", 1, ("farther", "closer")),
    Measure("kernel_distance", "kernel distance × 1000", 1000),
    Measure("precision", "precision (%)"),
    Measure("recall", "recall (%)"),
)


@dataclass(frozen=True)
class Figure:
    """The paper's printed figure, in per cent: accuracy and standard error, and top-5 if it is printed.

    ``published`` is the accuracy that the method's authors reported, if the paper quotes it (in brackets in Table I).
    """

    top1: float
    error: float | None = None
    top5: float | None = None
    top5_error: float | None = None
    published: float | None = None

    @classmethod
    def printed(cls, top1: str, top5: str = "") -> "Figure":
        """Parse a figure as the paper prints it: 22.89±0.09, 24.80 or 23.01 (22)."""
        match, top5_match = _PRINTED.fullmatch(top1), _PRINTED.fullmatch(top5)
        assert match, f"{top1} is not a printed figure"
        mean, error, published = (float(word) if word else None for word in match.groups())
        assert mean is not None
        mean5, error5, _ = (
            (float(word) if word else None for word in top5_match.groups()) if top5_match else (None, None, None)
        )
        return cls(mean, error, mean5, error5, published)


@dataclass(frozen=True)
class Cell:
    """One cell: its runs are ``Table.train_config`` and ``Table.classify_config`` for each seed. ``steps`` are the
    classifier's, if the table varies them."""

    dataset: str
    samples_per_class: int
    method: Method
    figure: Figure | None
    steps: int | None = None


@dataclass(frozen=True)
class Search:
    """A search for the classifier's settings, for every seed of a cell, on holdouts of its small sample.

    ``grid`` has the values of each setting; every combination of those that a method uses is trained once for each of
    ``splits``, the seeds of the holdouts. The best mean accuracy wins, then the lowest mean loss, then the earlier one.
    """

    grid: Mapping[str, Sequence[Any]]
    splits: tuple[int, ...]

    def candidates(self, method: Settings) -> list[dict[str, Any]]:
        """Return every combination of the grid's settings that a run of ``method`` uses, the last one changing fastest;
        an empty list if it uses none of them."""
        used = ClassifyConfig.used({**method, **dict.fromkeys(self.grid)})
        names = [name for name in self.grid if name in used]
        combinations = itertools.product(*(self.grid[name] for name in names)) if names else ()
        return [dict(zip(names, values, strict=True)) for values in combinations]


@dataclass(frozen=True)
class Table:
    """Cells as data. ``protocol`` says whether this is the paper's protocol or a scaled-down one, whose figures are
    never compared with the paper's. ``comparisons`` are pairs of method names: the paired difference first - second.

    ``measures`` are the scores of classifiers (ACCURACY) or of generated images (FIDELITY); comparisons use the first.
    ``datasets`` may be empty if the command names the data set. ``figures`` are keyed by
    data set, samples per class and method. ``declared`` lists details that the source of the protocol
    leaves open or does otherwise. ``passes`` sets the generator's training by passes over the sample of ``classes``
    instead of steps. ``lengths`` are the classifier's steps, if the table compares them.
    """

    title: str
    protocol: Literal["paper", "scaled-down"]
    note: str
    datasets: tuple[str, ...]
    samples_per_class: tuple[int, ...]
    seeds: tuple[int, ...]
    methods: tuple[Method, ...]
    comparisons: tuple[tuple[str, str], ...]
    train: Settings = field(default_factory=dict)
    classify: Settings = field(default_factory=dict)
    figures: Mapping[Key, Figure] = field(default_factory=dict)
    search: Search | None = None
    measures: tuple[Measure, ...] = ACCURACY
    declared: tuple[str, ...] = ()
    passes: int | None = None
    classes: int | None = None
    lengths: tuple[int, ...] = ()

    def cells(
        self, dataset: str | None = None, samples_per_class: Sequence[int] = (), methods: Sequence[str] = ()
    ) -> list[Cell]:
        """Return the cells, by default of the table's own ``samples_per_class``, ``methods`` and data sets.

        The paper's figures do not apply to another ``dataset``. Raises GlicoError for a method that the table does not
        have, and if the table needs a data set but none is named.
        """
        names = [method.name for method in self.methods]
        unknown = [name for name in methods if name not in names]
        if unknown:
            raise GlicoError(f"This table has no method {unknown[0]!r}: choose from {', '.join(names)}.")
        if dataset is None and not self.datasets:
            raise GlicoError("This table needs a data set: give its name or path with --dataset.")
        return [
            Cell(source, count, method, self.figures.get((source, count, method.name)), steps)
            for source in ([dataset] if dataset else self.datasets)
            for count in (samples_per_class or self.samples_per_class)
            for steps in (self.lengths or (None,))
            for method in self.methods
            if not methods or method.name in methods
        ]

    def train_config(self, cell: Cell, seed: int, **changes: Any) -> TrainConfig:
        """Return the configuration of latent optimisation for one seed of a cell; the seed also determines the small
        sample.

        An index file may have ``{seed}`` in its name: a file for each seed.
        """
        where = {"dataset": cell.dataset, "samples_per_class": cell.samples_per_class, "seed": seed}
        if changes.get("index_file"):
            where["index_file"] = str(changes["index_file"]).replace("{seed}", str(seed))
        config = TrainConfig.model_validate({**self.train, **cell.method.train, **changes, **where})
        if self.passes is None or self.classes is None:
            return config
        images = cell.samples_per_class * self.classes
        return config.model_copy(update={"steps": self.passes * -(-images // min(config.batch_size, images))})

    def classify_config(self, cell: Cell, seed: int, checkpoint: str, **changes: Any) -> ClassifyConfig:
        """Return the configuration of the classifier run for one seed of a cell, on the checkpoint of that seed."""
        length = {} if cell.steps is None else {"steps": cell.steps}
        return ClassifyConfig.model_validate(
            {**self.classify, **cell.method.classify, **length, "checkpoint": checkpoint, "seed": seed, **changes}
        )
