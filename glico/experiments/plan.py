"""The runs of a table: which there are, which are done, and their results, all read from the run folders."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glico.config import ClassifyConfig, DcganConfig, RunConfig, TrainConfig, augmentation_method
from glico.evaluation.statistics import Hits, estimate, read_hits
from glico.experiments.table import Cell, Measure, Settings, Table
from glico.runs.folder import RunFolder


@dataclass(frozen=True)
class Result:
    """The results of one cell for its ``seeds``.

    ``scores`` holds the numbers of each finished seed's result, by name, and ``hits`` the images that its classifier
    got right. ``chosen`` are the settings that were best for each seed, if the table searches for some.
    """

    cell: Cell
    seeds: Sequence[int]
    scores: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    chosen: dict[int, Settings] = field(default_factory=dict)
    hits: dict[int, Hits] = field(default_factory=dict)

    def values(self, measure: Measure) -> dict[int, float]:
        """Return the measure by seed, in the unit of its title."""
        return {seed: measure.scale * scores[measure.name] for seed, scores in self.scores.items()}


@dataclass(frozen=True)
class Plan:
    """The runs of some cells of a table. ``train`` and ``classify`` are the command's changes."""

    table: Table
    cells: Sequence[Cell]
    seeds: Sequence[int]
    train: Settings = field(default_factory=dict)
    classify: Settings = field(default_factory=dict)

    def stages(self) -> list[Callable[[], Sequence[RunConfig]]]:
        """Return the runs stage by stage. The runs of a stage are known once those before it are done."""
        return [self.trainings, self.candidates, self.classifications]

    def measure(self) -> list[str]:
        """Measure what the runs do not measure themselves: nothing here. Return a sentence for each failure."""
        return []

    def trainings(self) -> list[TrainConfig | DcganConfig]:
        """Return the generators, each once even if several methods share it."""
        configs = [self._training(cell, seed) for cell in self.cells for seed in self.seeds]
        configs += [
            self._training(cell, seed, split)
            for cell in self.cells
            for seed in self.seeds
            for split in self._unseen(cell)
        ]
        return list({config.fingerprint(): config for config in configs}.values())

    def candidates(self) -> list[ClassifyConfig]:
        """Return the classifier runs that settings are chosen by, if their checkpoint exists."""
        return [config for cell in self.cells for seed in self.seeds for config in self._candidates(cell, seed)]

    def classifications(self) -> list[ClassifyConfig]:
        """Return the classifier runs that are tested, if their checkpoint exists and their settings are chosen."""
        configs = [self._classification(cell, seed) for cell in self.cells for seed in self.seeds]
        return [config for config in configs if config is not None]

    def results(self) -> list[Result]:
        """Return the results so far, cell by cell."""
        return [self._result(cell) for cell in self.cells]

    def sizes(self) -> tuple[int, int]:
        """Return the numbers of generators and of classifier runs, done or not."""
        runs = sum(1 + len(self._choices(cell)) * len(self._splits) for cell in self.cells)
        return len(self.trainings()), runs * len(self.seeds)

    def statuses(self) -> Counter[str]:
        """Count the plan's runs by status. A run without a folder is "missing"."""
        counts = Counter(_status(config) for stage in self.stages() for config in stage())
        counts["missing"] += sum(self.sizes()) - counts.total()
        return counts

    def _training(self, cell: Cell, seed: int, holdout: int | None = None) -> TrainConfig | DcganConfig:
        """Return the generator of a seed, or the one trained without the holdout of a split."""
        return self.table.train_config(cell, seed, **self.train, holdout=holdout)

    def _unseen(self, cell: Cell) -> tuple[int, ...]:
        """Return the splits that need a generator trained without their holdout.

        These are all splits if settings are chosen for a method that generates from the latent space, else none.
        """
        method = augmentation_method(self.table.classify_config(cell, 0, "").augmentation)
        return self._splits if method.generative and self._choices(cell) else ()

    @property
    def _splits(self) -> tuple[int, ...]:
        return self.table.search.splits if self.table.search else ()

    def _choices(self, cell: Cell) -> list[dict[str, Any]]:
        """Return the settings that are compared for a cell, or none if there is nothing to choose."""
        search = self.table.search
        return search.candidates(self.table.classify_config(cell, 0, "").model_dump()) if search else []

    def _candidates(self, cell: Cell, seed: int) -> list[ClassifyConfig]:
        configs = [
            self._candidate(cell, seed, settings, split) for settings in self._choices(cell) for split in self._splits
        ]
        return [config for config in configs if config is not None]

    def _candidate(self, cell: Cell, seed: int, settings: Settings, split: int) -> ClassifyConfig | None:
        checkpoint = self._checkpoint(cell, seed, split if split in self._unseen(cell) else None)
        if checkpoint is None:
            return None
        changes = {**settings, **self.classify, "scored_on": "holdout"}
        return self.table.classify_config(cell, split, checkpoint, **changes)

    def _chosen(self, cell: Cell, seed: int) -> Settings | None:
        """Return the settings of the best candidate, {} without candidates, None if one of them is missing."""
        choices = self._choices(cell)
        if not choices:
            return {}
        scores: list[tuple[float, float]] = []
        for settings in choices:
            configs = [self._candidate(cell, seed, settings, split) for split in self._splits]
            runs = [finished_run(config) for config in configs if config is not None]
            finished = [run.result for run in runs if run is not None]
            results = [result for result in finished if result is not None]
            if len(results) < len(self._splits):
                return None
            accuracy, loss = (estimate([result[name] for result in results]).mean for name in ("accuracy", "loss"))
            scores.append((-accuracy, loss))
        return choices[scores.index(min(scores))]

    def _checkpoint(self, cell: Cell, seed: int, holdout: int | None = None) -> str | None:
        trained = finished_run(self._training(cell, seed, holdout))
        return None if trained is None else str(trained.file("checkpoint.safetensors"))

    def _classification(self, cell: Cell, seed: int) -> ClassifyConfig | None:
        checkpoint = self._checkpoint(cell, seed)
        chosen = self._chosen(cell, seed) if checkpoint is not None else None
        if checkpoint is None or chosen is None:
            return None
        return self.table.classify_config(cell, seed, checkpoint, **chosen, **self.classify)

    def _result(self, cell: Cell) -> Result:
        result = Result(cell, self.seeds)
        for seed in self.seeds:
            config = self._classification(cell, seed)
            if config is None:
                continue
            if choices := self._choices(cell):
                result.chosen[seed] = {name: getattr(config, name) for name in choices[0]}
            folder = finished_run(config)
            scores = folder.result if folder is not None else None
            if folder is None or scores is None:
                continue
            result.scores[seed] = scores
            if (right := read_hits(folder.file("predictions.npz"))) is not None:
                result.hits[seed] = right
        return result


def finished_run(config: RunConfig) -> RunFolder | None:
    """Return the finished run of this configuration, or None."""
    folder = _folder(config)
    return folder if folder is not None and folder.state.status == "done" else None


def _folder(config: RunConfig) -> RunFolder | None:
    folder = RunFolder.for_config(config)
    return folder if folder.file("run.json").exists() else None


def _status(config: RunConfig) -> str:
    folder = _folder(config)
    return "missing" if folder is None else folder.state.status
