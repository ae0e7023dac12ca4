"""Trainings that started from a checkpoint with decisions on single images, and the classifier runs on both."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from glico.config import ClassifyConfig, TrainConfig
from glico.runs.folder import RunFolder
from glico.runs.kinds import KINDS

METHODS, SEEDS = ("standard", "glico"), (0, 1, 2)  # of the first comparison

Key = tuple[str, int]
"""The settings of a classifier run without its checkpoint and seed, as text, and the seed."""


@dataclass(frozen=True)
class Retraining:
    """A finished training ``after`` that started with decisions from the checkpoint at ``before``."""

    before: Path
    after: RunFolder

    @cached_property
    def config(self) -> TrainConfig:
        """The configuration of the training. Raises GlicoError if another version made it."""
        config: TrainConfig = self.after.config
        return config

    @property
    def checkpoint(self) -> Path:
        """The path of the new checkpoint."""
        return self.after.file(KINDS["train"].output)


@dataclass(frozen=True)
class Pairs:
    """Classifier runs on both checkpoints of a retraining, by what they compute."""

    before: dict[Key, RunFolder]
    after: dict[Key, RunFolder]

    def finished(self) -> list[Key]:
        """Return the keys of the runs that have finished on both checkpoints."""
        return [key for key, run in self.before.items() if key in self.after and _done(run) and _done(self.after[key])]

    def missing(self, retraining: Retraining) -> list[ClassifyConfig]:
        """Return the configurations of the runs that are on one checkpoint alone; without any run at all, those of a
        first comparison."""
        checkpoints = str(retraining.before), str(retraining.checkpoint)
        if not self.before and not self.after:
            return [
                ClassifyConfig(checkpoint=path, augmentation=method, seed=seed)
                for seed in SEEDS
                for method in METHODS
                for path in checkpoints
            ]
        return [
            run.config.model_copy(update={"checkpoint": path})
            for path, own, others in zip(checkpoints, (self.before, self.after), (self.after, self.before), strict=True)
            for key, run in others.items()
            if key not in own
        ]


def retrainings(runs: Sequence[RunFolder]) -> list[Retraining]:
    """Return the finished trainings with decisions that started from a checkpoint, in the order of ``runs``."""
    return [
        Retraining(Path(run.settings["warm_start"]), run)
        for run in runs
        if run.kind == "train" and run.settings["warm_start"] and run.settings["decisions"] and _done(run)
    ]


def classifier_pairs(retraining: Retraining, runs: Sequence[RunFolder]) -> Pairs:
    """Return the classifier runs on both checkpoints. Of two that compute the same, the newer counts.

    Runs that generate from chosen rows of the sample are none of them: its rows change with the decisions.
    """
    pairs = Pairs({}, {})
    for run in sorted(runs, key=lambda run: run.created):
        if run.kind != "classify" or run.settings["drawn_from"]:
            continue
        path = Path(run.settings["checkpoint"]).absolute()
        if path == retraining.before.absolute():
            pairs.before[_key(run)] = run
        elif path == retraining.checkpoint:
            pairs.after[_key(run)] = run
    return pairs


def _key(run: RunFolder) -> Key:
    own = ClassifyConfig.computing(run.settings)
    del own["checkpoint"]
    return repr(sorted((name, value) for name, value in own.items() if name != "seed")), int(own["seed"])


def _done(run: RunFolder) -> bool:
    return run.state.status == "done"
