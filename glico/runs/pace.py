"""How long runs will take on this machine: from those that were done here, those at work, or a few steps of each."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

from glico.config import ClassifyConfig
from glico.runs.folder import RunFolder, State
from glico.runs.slots import at_once, threads_per_run

if TYPE_CHECKING:
    from glico.training.loop import Training

START_SECONDS = 1.0  # until a run that was forked has read its data
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

    torch.set_num_threads(threads_per_run("classify"))
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


def total_seconds(
    configs: Sequence[ClassifyConfig], runs: Sequence[RunFolder], pace: Callable[[ClassifyConfig], Pace]
) -> float:
    """Wall-clock time of all runs together, as many at once as there are slots for their device.

    One that differs from finished ones of ``runs`` in its seed alone takes as long as they did; of others the
    ``pace`` is measured.
    """
    took: dict[str, list[float]] = {}
    for run in runs:
        if run.kind == "classify" and (seconds := seconds_taken(run.state)) is not None:
            took.setdefault(_but_for_the_seed(run.settings), []).append(seconds)

    def of_one(config: ClassifyConfig) -> float:
        alike = took.get(_but_for_the_seed(config.model_dump(mode="json")))
        return mean(alike) if alike else pace(config).run_seconds(config)

    return sum(of_one(config) / at_once(config.device, "classify") for config in configs)


def seconds_taken(state: State) -> float | None:
    """From the start to the end of a finished run; None for another."""
    if state.status != "done" or state.started is None or state.ended is None:
        return None
    return state.ended - state.started


def seconds_left(states: Sequence[State], parallel: int) -> float | None:
    """Until all runs with these ``states`` are done, ``parallel`` of them at once; None before anything is known.

    Runs that are alike are meant: each takes as long as the finished ones did, else as the ones at work will by their
    pace.
    """
    took = [seconds for state in states if (seconds := seconds_taken(state)) is not None]
    working = [state for state in states if state.status == "running" and state.total_steps]
    if not took:
        took = [
            state.total_steps / state.steps_per_second + START_SECONDS for state in working if state.steps_per_second
        ]
    if not took:
        return None
    each = mean(took)
    rest = [each * (1 - state.step / state.total_steps) for state in working]
    rest += [each] * (sum(state.alive for state in states) - len(working))
    return max(sum(rest) / parallel, max(rest)) if rest else 0.0


def _but_for_the_seed(settings: dict[str, Any]) -> str:
    """What names a classifier run's work: its checkpoint and all that it computes, whatever its seed."""
    return repr(sorted((ClassifyConfig.computing(settings) | {"seed": None}).items()))
