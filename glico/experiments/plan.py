"""From a table to its runs: which there are, which are done, and what they found. The run folders are the truth."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glico.config import ClassifyConfig, TrainConfig
from glico.experiments.table import Cell, Settings, Table
from glico.places import runs_directory
from glico.runs.folder import RunFolder
from glico.runs.kinds import RunConfig, run_id, settle


@dataclass(frozen=True)
class Result:
    """What the seeds of one cell found: accuracies in [0, 1] by seed, for the seeds that are done."""

    cell: Cell
    accuracy: dict[int, float]
    top5: dict[int, float]


@dataclass(frozen=True)
class Plan:
    """The runs of some cells of a table; ``train`` and ``classify`` are changes that come from the command."""

    table: Table
    cells: Sequence[Cell]
    seeds: Sequence[int]
    train: Settings = field(default_factory=dict)
    classify: Settings = field(default_factory=dict)

    def trainings(self) -> list[TrainConfig]:
        """The latent optimisations, each once however many methods share it."""
        configs = [self._training(cell, seed) for cell in self.cells for seed in self.seeds]
        return list({config.fingerprint(): config for config in configs}.values())

    def classifications(self) -> list[ClassifyConfig]:
        """The classifier runs whose checkpoint is there."""
        configs = [self._classification(cell, seed) for cell in self.cells for seed in self.seeds]
        return [config for config in configs if config is not None]

    def results(self) -> list[Result]:
        """What is there so far, cell by cell."""
        return [self._result(cell) for cell in self.cells]

    def _training(self, cell: Cell, seed: int) -> TrainConfig:
        return self.table.train_config(cell, seed, **self.train)

    def _classification(self, cell: Cell, seed: int) -> ClassifyConfig | None:
        trained = done(self._training(cell, seed))
        if trained is None:
            return None
        checkpoint = str(trained.file("checkpoint.safetensors"))
        return self.table.classify_config(cell, seed, checkpoint, **self.classify)

    def _result(self, cell: Cell) -> Result:
        result = Result(cell, {}, {})
        for seed in self.seeds:
            config = self._classification(cell, seed)
            folder = done(config) if config is not None else None
            found = folder.result if folder is not None else None
            if found is not None:
                result.accuracy[seed], result.top5[seed] = found["accuracy"], found["top5"]
        return result


def done(config: RunConfig) -> RunFolder | None:
    """The finished run of this configuration, or None."""
    path = Path(runs_directory()) / run_id(settle(config))
    if not (path / "run.json").exists():
        return None
    folder = RunFolder.open(path)
    return folder if folder.state.status == "done" else None
