"""How long runs will take on this machine: from those that were done here, those at work, or a few steps of each.

What is measured is the fastest step, which is what the machine can do: a mean would hold for as long as whatever else
was at work in that second.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean
from typing import TYPE_CHECKING, Any

from glico.config import ClassifyConfig, RunConfig
from glico.runs.folder import RunFolder
from glico.runs.kinds import KINDS, kind_of
from glico.runs.slots import at_once, threads_per_run
from glico.runs.state import State

if TYPE_CHECKING:
    from glico.training.loop import Training

START_SECONDS = 1.0  # until a run that was forked has read its data
WARM_UP, STEPS, PASSES = 2, 10, 3


@dataclass(frozen=True)
class Pace:
    """Seconds that a training step and a pass over the test images take."""

    step: float
    evaluation: float = 0.0

    def run_seconds(self, config: RunConfig) -> float:
        """How long a whole run takes."""
        evaluations = config.evaluations if isinstance(config, ClassifyConfig) else 0
        return START_SECONDS + config.steps * self.step + evaluations * self.evaluation


def measure_pace(config: RunConfig, patience: float = 1.5) -> Pace:
    """Train a few steps of this run in this process, for about ``patience`` seconds, and keep nothing.

    Raises GlicoError where the run itself would.
    """
    import torch

    from glico.runs.job import build_job

    kind = kind_of(config)
    torch.set_num_threads(threads_per_run(kind))
    training = build_job(kind, config, lambda done, text: None).training
    per_step = seconds_per_step(training, patience)
    if not isinstance(config, ClassifyConfig):
        return Pace(per_step)
    passes: list[float] = []
    while not passes or (len(passes) < PASSES and sum(passes) < patience):  # the first one warms up
        began = time.perf_counter()
        training.result()  # type: ignore[attr-defined]
        passes.append(time.perf_counter() - began)
    return Pace(per_step, min(passes))


def busy() -> bool:
    """Whether more wants to run on this machine than it has processors, now."""
    return hasattr(os, "getloadavg") and os.getloadavg()[0] > 1.2 * (os.cpu_count() or 1)


def seconds_per_step(training: "Training", patience: float = 1.5) -> float:
    """Train a few steps, for about ``patience`` seconds, and give the fastest; the first ones warm up."""
    began = time.perf_counter()
    marks = []
    for step, _ in enumerate(training):
        marks.append(time.perf_counter())
        if step >= WARM_UP + STEPS or (step >= 1 and marks[-1] - began > patience):
            break
    first = min(WARM_UP, len(marks) - 2) if len(marks) > 1 else 0
    steps = [later - earlier for earlier, later in pairwise(marks[first:])]
    return min(steps, default=marks[0] - began)


def total_seconds(configs: Sequence[RunConfig], runs: Sequence[RunFolder], pace: Callable[[Any], Pace]) -> float:
    """Wall-clock time of all runs together, as many at once as there are slots for their device.

    One that differs from finished ones of ``runs`` in its seed alone takes as long as they did; of others the
    ``pace`` is measured.
    """
    took: dict[str, list[float]] = {}
    for run in runs:
        if (seconds := seconds_taken(run.state)) is not None:
            took.setdefault(_but_for_the_seed(run.kind, run.settings), []).append(seconds)

    def of_one(config: RunConfig) -> float:
        alike = took.get(_but_for_the_seed(kind_of(config), config.model_dump(mode="json")))
        return mean(alike) if alike else pace(config).run_seconds(config)

    return sum(of_one(config) / at_once(config.device, kind_of(config)) for config in configs)


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


def _but_for_the_seed(kind: str, settings: dict[str, Any]) -> str:
    """What names a run's work: all that it computes, whatever its seed."""
    return repr((kind, sorted((KINDS[kind].config.computing(settings) | {"seed": None}).items())))
