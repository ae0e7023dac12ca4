"""How long runs will take on this machine: from those that were done here, those at work, or a few steps of each.

A step is timed by the processor time that it takes and not by the clock on the wall, so that what else is at work in
that second does not count. It is timed on few images first: what a step on the whole batch takes follows from these if
it would take too long itself.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any

from glico.config import ClassifyConfig, RunConfig
from glico.runs.folder import RunFolder
from glico.runs.kinds import KINDS, kind_of
from glico.runs.slots import at_once, cores, threads_per_run
from glico.runs.state import State

if TYPE_CHECKING:
    from glico.training.loop import Training

START_SECONDS = 1.0  # until a run that was forked has read its data
BUDGET = 5.0  # seconds that the timed steps take, all sizes together
LEAST, GROWTH = 2, 4  # images of the first timed steps, and how many times as many the next have
WARM_UP, STEPS = 1, 12
CONFIRMED = 0.5  # seconds of steps after which more tell nothing

Build = Callable[[int], "Training"]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Pace:
    """Seconds that a training step and a pass over the test images take."""

    step: float
    evaluation: float = 0.0

    def run_seconds(self, config: RunConfig) -> float:
        """How long a whole run takes."""
        evaluations = config.evaluations if isinstance(config, ClassifyConfig) else 0
        return START_SECONDS + config.steps * self.step + evaluations * self.evaluation


def clock_of(device: str, threads: int) -> Clock:
    """What times a step: on the CPU the seconds that this process has worked on each of its ``threads``, on a GPU the
    clock on the wall."""
    return (lambda: time.process_time() / threads) if device == "cpu" else time.perf_counter


def seconds_per_step(build: Build, batch: int, clock: Clock, budget: float = BUDGET) -> float:
    """Seconds by ``clock`` that a step on ``batch`` images takes, found out in about ``budget`` seconds.

    ``build`` returns a training whose steps take so many images. Their time is a + b · images: where the whole batch
    would take too long, two smaller ones tell a and b. However large the batch is, no more is spent than the budget,
    but for two steps on each of LEAST and 2 LEAST images.
    """
    images, timed, spent = min(LEAST, batch), list[tuple[int, float]](), 0.0
    while True:
        began = clock()
        took = _mean_step(build(images), clock, min(CONFIRMED, budget))
        spent += clock() - began
        timed.append((images, took))
        if images == batch:
            return took
        rest = budget - spent
        sizes = (batch, min(batch, images * GROWTH))
        larger = next((size for size in sizes if (WARM_UP + 1) * _on_line(timed, size) <= rest / 2), None)
        if larger is None and len(timed) > 1:
            return _on_line(timed, batch)
        if larger is None:
            larger = min(batch, 2 * images)  # one size alone does not tell what a step costs whatever it holds
        images = larger


def _mean_step(training: "Training", clock: Clock, patience: float) -> float:
    """Seconds of a step: the mean after the first, which warms up, over ``patience`` seconds or STEPS."""
    marks = [clock()]
    for step, _ in enumerate(training, 1):
        marks.append(clock())
        if step > WARM_UP and (step >= WARM_UP + STEPS or marks[-1] - marks[WARM_UP] > patience):
            break
    first = min(WARM_UP, len(marks) - 2)
    return (marks[-1] - marks[first]) / (len(marks) - 1 - first)


def _on_line(timed: Sequence[tuple[int, float]], images: int) -> float:
    """Seconds of a step on so many images, by the line through the last two sizes that were timed."""
    (few, short), (many, long) = [(0, 0.0), *timed][-2:]
    each = max(0.0, (long - short) / (many - few))
    return long + each * (images - many)


def load() -> float:
    """How many processes want to work on this machine for each of its processors, now; 0 where that is not known."""
    return os.getloadavg()[0] / cores() if hasattr(os, "getloadavg") else 0.0


@dataclass(frozen=True)
class Estimate:
    """Wall-clock time of some runs together: alone on this machine, and beside what is at work on it now."""

    seconds: float
    seconds_now: float

    @property
    def is_slowed(self) -> bool:
        """Whether what else is at work makes a difference that a person would notice."""
        return self.seconds_now > 1.25 * self.seconds


def estimate(
    configs: Sequence[RunConfig], runs: Sequence[RunFolder], pace: Callable[[Any], Pace | None]
) -> Estimate | None:
    """How long all these runs take, as many at once as there are slots for their device; None until it is known.

    One that differs from one of ``runs`` in its seed alone takes as long as that one did, or will where it is at work;
    of others the ``pace`` is asked for. What it says holds for a machine on which nothing else works.
    """
    took: dict[str, list[float]] = {}
    working: dict[str, list[float]] = {}
    for run in runs:
        state = run.state
        if (seconds := seconds_taken(state)) is not None:
            took.setdefault(_but_for_the_seed(run.kind, run.settings), []).append(seconds)
        elif (seconds := seconds_at_pace(state)) is not None:
            working.setdefault(_but_for_the_seed(run.kind, run.settings), []).append(seconds)

    alone, beside, known = 0.0, 0.0, True
    slower = slowdown(configs, runs)
    for config in configs:
        parallel = at_once(config.device, kind_of(config))
        name = _but_for_the_seed(kind_of(config), config.model_dump(mode="json"))
        if alike := working.get(name) or took.get(name):
            alone += mean(alike) / parallel
            beside += mean(alike) / parallel  # what else works has slowed these, too
        elif (found := pace(config)) is not None:
            alone += found.run_seconds(config) / parallel
            beside += slower * found.run_seconds(config) / parallel
        else:
            known = False  # all are asked for, so that the next is found out meanwhile
    return Estimate(alone, beside) if known else None


def slowdown(configs: Sequence[RunConfig], runs: Sequence[RunFolder]) -> float:
    """How many times as long these runs take beside what is at work now, but for ``runs``, for whose end they wait."""
    own = sum(run.threads for run in runs if run.state.status == "running")
    others = max(0.0, load() - own / cores())
    wanted = max((at_once(each.device, kind_of(each)) * threads_per_run(kind_of(each)) for each in configs), default=0)
    return max(1.0, others + min(1.0, wanted / cores()))


def seconds_taken(state: State) -> float | None:
    """From the start to the end of a finished run; None for another."""
    if state.status != "done" or state.started is None or state.ended is None:
        return None
    return state.ended - state.started


def seconds_at_pace(state: State) -> float | None:
    """How long a run at work will have taken at its end, at its latest pace; None for another."""
    if state.status != "running" or not state.total_steps or not state.steps_per_second:
        return None
    return state.total_steps / state.steps_per_second + START_SECONDS


def seconds_left(states: Sequence[State], parallel: int) -> float | None:
    """Until all runs with these ``states`` are done, ``parallel`` of them at once; None before anything is known.

    Runs that are alike are meant: each takes as long as the finished ones did, else as the ones at work will by their
    pace.
    """
    took = [seconds for state in states if (seconds := seconds_taken(state)) is not None]
    working = [state for state in states if state.status == "running" and state.total_steps]
    if not took:
        took = [seconds for state in working if (seconds := seconds_at_pace(state)) is not None]
    if not took:
        return None
    each = mean(took)
    rest = [each * (1 - state.step / state.total_steps) for state in working]
    rest += [each] * (sum(state.alive for state in states) - len(working))
    return max(sum(rest) / parallel, max(rest)) if rest else 0.0


def _but_for_the_seed(kind: str, settings: dict[str, Any]) -> str:
    """What names a run's work: all that it computes, whatever its seed."""
    return repr((kind, sorted((KINDS[kind].config.computing(settings) | {"seed": None}).items())))
