"""Estimates of the time that runs will take here: from finished runs, from running ones, or from a few timed steps.

A step is timed by processor time and not by wall-clock time, so that other work in that second does not count. It is
timed on few images first; if a step on the whole batch would take too long, its time is extrapolated from these.
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

START_SECONDS = 1.0  # until a forked run has read its data
BUDGET = 5.0  # seconds for the timed steps of all sizes
LEAST, GROWTH = 2, 4  # images of the first timed steps, and the factor to the next size
WARM_UP, STEPS = 1, 12
ENOUGH_SECONDS = 0.5  # of steps: more of them do not change the estimate

Build = Callable[[int], "Training"]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Pace:
    """Seconds of a training step, and of a pass over the test images."""

    step: float
    evaluation: float = 0.0

    def run_seconds(self, config: RunConfig) -> float:
        """Return the seconds of a whole run."""
        evaluations = config.evaluations if isinstance(config, ClassifyConfig) else 0
        return START_SECONDS + config.steps * self.step + evaluations * self.evaluation


def clock_of(device: str, threads: int) -> Clock:
    """Return the clock that times a step: on a GPU wall-clock time, on the CPU this process's time per thread."""
    return (lambda: time.process_time() / threads) if device == "cpu" else time.perf_counter


def seconds_per_step(build: Build, batch: int, clock: Clock, budget: float = BUDGET) -> float:
    """Return the seconds by ``clock`` of a step on ``batch`` images, measured in about ``budget`` seconds.

    ``build(n)`` returns a training with n images a step. A step's time is a + b · n; if the whole batch would take too
    long, a and b come from two smaller ones. The budget is kept for batches of any size, except that two steps are
    always taken on each of LEAST and 2 LEAST images.
    """
    images, timings, spent = min(LEAST, batch), list[tuple[int, float]](), 0.0
    while True:
        start = clock()
        seconds = _mean_step(build(images), clock, min(ENOUGH_SECONDS, budget))
        spent += clock() - start
        timings.append((images, seconds))
        if images == batch:
            return seconds
        rest = budget - spent
        sizes = (batch, min(batch, images * GROWTH))
        larger = next((size for size in sizes if (WARM_UP + 1) * _extrapolate(timings, size) <= rest / 2), None)
        if larger is None and len(timings) > 1:
            return _extrapolate(timings, batch)
        if larger is None:
            larger = min(batch, 2 * images)  # one size alone does not show a step's constant cost
        images = larger


def _mean_step(training: "Training", clock: Clock, patience: float) -> float:
    """Return the mean seconds of a step over ``patience`` seconds or STEPS, without the first, which warms up."""
    marks = [clock()]
    for step, _ in enumerate(training, 1):
        marks.append(clock())
        if step > WARM_UP and (step >= WARM_UP + STEPS or marks[-1] - marks[WARM_UP] > patience):
            break
    first = min(WARM_UP, len(marks) - 2)
    return (marks[-1] - marks[first]) / (len(marks) - 1 - first)


def _extrapolate(timings: Sequence[tuple[int, float]], images: int) -> float:
    """Return the seconds of a step on ``images`` images, by the line through the last two timings (images, seconds)."""
    (few, short), (many, long) = [(0, 0.0), *timings][-2:]
    each = max(0.0, (long - short) / (many - few))
    return long + each * (images - many)


def load() -> float:
    """Return the number of processes that want to work now, per processor, or 0 if it is not known."""
    return os.getloadavg()[0] / cores() if hasattr(os, "getloadavg") else 0.0


@dataclass(frozen=True)
class Estimate:
    """Wall-clock seconds of some runs together: on an idle machine, and with its present load."""

    seconds: float
    seconds_now: float

    @property
    def is_slowed(self) -> bool:
        """Whether other work slows the runs so much that a person would notice."""
        return self.seconds_now > 1.25 * self.seconds


def estimate(
    configs: Sequence[RunConfig], runs: Sequence[RunFolder], pace: Callable[[Any], Pace | None]
) -> Estimate | None:
    """Return the time of all these runs, of which as many run at once as their device has slots, or None until it is
    known.

    If a run differs from one of ``runs`` in its seed alone, it takes as long as that one. For others, ``pace`` returns
    the pace on an idle machine, or None while it is being measured.
    """
    finished: dict[str, list[float]] = {}
    running: dict[str, list[float]] = {}
    for run in runs:
        state = run.state
        if (seconds := seconds_taken(state)) is not None:
            finished.setdefault(_without_seed(run.kind, run.settings), []).append(seconds)
        elif (seconds := seconds_at_pace(state)) is not None:
            running.setdefault(_without_seed(run.kind, run.settings), []).append(seconds)

    idle, loaded, known = 0.0, 0.0, True
    factor = slowdown(configs, runs)
    for config in configs:
        parallel = at_once(config.device, kind_of(config))
        name = _without_seed(kind_of(config), config.model_dump(mode="json"))
        if similar := running.get(name) or finished.get(name):
            idle += mean(similar) / parallel
            loaded += mean(similar) / parallel  # other work has slowed these, too
        elif (measured := pace(config)) is not None:
            idle += measured.run_seconds(config) / parallel
            loaded += factor * measured.run_seconds(config) / parallel
        else:
            known = False  # continue, so that the other paces are measured meanwhile
    return Estimate(idle, loaded) if known else None


def slowdown(configs: Sequence[RunConfig], runs: Sequence[RunFolder]) -> float:
    """Return the factor by which other work slows these runs. They wait for the end of ``runs``, which do not count."""
    own = sum(run.threads for run in runs if run.state.status == "running")
    others = max(0.0, load() - own / cores())
    threads = max((at_once(each.device, kind_of(each)) * threads_per_run(kind_of(each)) for each in configs), default=0)
    return max(1.0, others + min(1.0, threads / cores()))


def seconds_taken(state: State) -> float | None:
    """Return the seconds from the start to the end of a finished run, or None for another one."""
    if state.status != "done" or state.started is None or state.ended is None:
        return None
    return state.ended - state.started


def seconds_at_pace(state: State) -> float | None:
    """Return the seconds of a running run from start to end at its latest pace, or None for another one."""
    if state.status != "running" or not state.total_steps or not state.steps_per_second:
        return None
    return state.total_steps / state.steps_per_second + START_SECONDS


def seconds_left(states: Sequence[State], parallel: int) -> float | None:
    """Return the seconds until all runs with these ``states`` are done, ``parallel`` at once, or None if not known yet.

    The runs should be alike: each takes as long as the finished ones did, or else as the running ones will.
    """
    durations = [seconds for state in states if (seconds := seconds_taken(state)) is not None]
    running = [state for state in states if state.status == "running" and state.total_steps]
    if not durations:
        durations = [seconds for state in running if (seconds := seconds_at_pace(state)) is not None]
    if not durations:
        return None
    each = mean(durations)
    rest = [each * (1 - state.step / state.total_steps) for state in running]
    rest += [each] * (sum(state.alive for state in states) - len(running))
    return max(sum(rest) / parallel, max(rest)) if rest else 0.0


def _without_seed(kind: str, settings: dict[str, Any]) -> str:
    """Return a key for a run's work: equal for runs that differ in their seed alone."""
    return repr((kind, sorted((KINDS[kind].config.computing(settings) | {"seed": None}).items())))
