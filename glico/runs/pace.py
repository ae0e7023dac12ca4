"""How long classifier runs will take on this machine, from a few steps of each."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glico.config import ClassifyConfig
from glico.runs.slots import pool_of, slots_of, threads_per_run

if TYPE_CHECKING:
    from glico.training.loop import Training

START_SECONDS = 4.0  # until a new process has imported torch and read its data: 3 to 5 s on a laptop
WARM_UP, STEPS = 2, 10


@dataclass(frozen=True)
class Pace:
    """Seconds that a training step and a pass over the test images take."""

    step: float
    evaluation: float

    def run_seconds(self, config: ClassifyConfig) -> float:
        """How long a whole run takes."""
        return START_SECONDS + config.steps * self.step + config.evaluations * self.evaluation


def measure_pace(config: ClassifyConfig, patience: float = 1.5) -> Pace:
    """Train a few steps of this run in this process, for about ``patience`` seconds, and keep nothing.

    Raises GlicoError where the run itself would.
    """
    import torch

    from glico.runs.job import build_job

    torch.set_num_threads(threads_per_run())
    training = build_job("classify", config, lambda done, text: None).training
    per_step = seconds_per_step(training, patience)
    began = time.perf_counter()
    training.result()  # type: ignore[attr-defined]
    return Pace(per_step, time.perf_counter() - began)


def seconds_per_step(training: "Training", patience: float = 1.5) -> float:
    """Train a few steps, for about ``patience`` seconds; the first ones warm up and do not count."""
    began = time.perf_counter()
    marks = []
    for step, _ in enumerate(training):
        marks.append(time.perf_counter())
        if step >= WARM_UP + STEPS or (step >= 1 and marks[-1] - began > patience):
            break
    first = min(WARM_UP, len(marks) - 2) if len(marks) > 1 else 0
    return (marks[-1] - marks[first]) / max(1, len(marks) - 1 - first) if len(marks) > 1 else marks[0] - began


def total_seconds(runs: Sequence[tuple[ClassifyConfig, Pace]]) -> float:
    """Wall-clock time of all runs together, as many at once as there are slots for their device."""
    return sum(pace.run_seconds(config) / len(slots_of(pool_of(config.device))) for config, pace in runs)
