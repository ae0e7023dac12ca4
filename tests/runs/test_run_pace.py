"""Estimates come from runs that were done or are at work, before anything is timed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from holding import lock_held
from hypothesis import given, settings
from hypothesis import strategies as st
from run_helpers import until

from glico.config import ClassifyConfig, TrainConfig
from glico.runs import pace as pace_module
from glico.runs import warm
from glico.runs.folder import RunFolder
from glico.runs.pace import BUDGET, LEAST, START_SECONDS, Pace, estimate, seconds_left, seconds_per_step
from glico.runs.state import State


def finished(seconds: float) -> State:
    return State("done", 100, 100, started=1000.0, ended=1000.0 + seconds)


def test_what_is_left_takes_as_long_as_what_is_done() -> None:
    working = State("running", 25, 100, started=1000.0, steps_per_second=50.0)
    states = [finished(38), finished(42), working, State("queued"), State("queued")]
    assert seconds_left(states, 1) == pytest.approx(40 * (0.75 + 2))
    assert seconds_left(states, 2) == pytest.approx(40 * (0.75 + 2) / 2)
    assert seconds_left(states, 64) == pytest.approx(40), "a whole run is still to come"
    assert seconds_left([finished(38), State("failed"), State("cancelled")], 2) == 0


def test_seconds_left_follow_the_pace_of_running_runs() -> None:
    """Until the first run is done, the pace of the running ones counts."""
    working = State("running", 50, 100, steps_per_second=10.0)
    assert seconds_left([State("queued"), State("queued")], 2) is None
    assert seconds_left([State("running"), State("queued")], 2) is None, "it has not stepped yet"
    each = 10 + START_SECONDS
    assert seconds_left([working, State("queued")], 1) == pytest.approx(1.5 * each)


def test_a_run_like_a_finished_one_takes_as_long(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLICO_CPU_SLOTS", "2")
    checkpoint = runs.with_name("here.safetensors")
    checkpoint.touch()
    config = ClassifyConfig(checkpoint=str(checkpoint), augmentation="standard", steps=100, device="cpu")
    run = RunFolder.create(config)
    with lock_held(run) as writer:
        writer.write_state(finished(30))
    alike = config.model_copy(update={"seed": 1, "checkpoint": run.settings["checkpoint"]})
    other = alike.model_copy(update={"augmentation": "mixup"})
    request: list[str] = []

    def pace(config: ClassifyConfig) -> Pace:
        request.append(config.augmentation)
        return Pace(step=0.5, evaluation=0.0)

    assert seconds([alike, alike], [run], pace) == pytest.approx(30)
    assert request == []
    assert seconds([alike, other], [run], pace) == pytest.approx((30 + 50 + START_SECONDS) / 2)
    assert request == ["mixup"]


def seconds(configs: list[ClassifyConfig], runs: list[RunFolder], pace: Callable[[Any], Pace]) -> float:
    result = estimate(configs, runs, pace)
    assert result is not None
    return result.seconds


def test_a_run_like_one_at_work_takes_as_long_as_that_one_will(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other work has slowed that run too, so its pace says more than one for an idle machine."""
    monkeypatch.setattr(pace_module, "load", lambda: 10.0)
    config = TrainConfig(steps=1000, device="cpu")
    working = RunFolder.create(config)
    with lock_held(working) as writer:
        writer.write_state(State("running", 100, 1000, steps_per_second=2.0))
        result = estimate([config.model_copy(update={"seed": 1})], [working], lambda config: Pace(0.001))
    assert result is not None
    assert result.seconds == result.seconds_now == pytest.approx(500 + START_SECONDS)


def test_estimate_counts_other_work_but_not_its_own_queue(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other work on the machine slows the estimated runs; runs for whose end they wait do not."""
    config = TrainConfig(steps=1000, device="cpu")
    monkeypatch.setattr(pace_module, "cores", lambda: 2)
    monkeypatch.setattr(pace_module, "at_once", lambda device, kind: 1)
    monkeypatch.setattr(pace_module, "threads_per_run", lambda kind: 2)
    for load, times in ((0.0, 1.0), (0.1, 1.1), (1.0, 2.0), (5.0, 6.0)):
        monkeypatch.setattr(pace_module, "load", lambda load=load: load)
        result = estimate([config], [], lambda config: Pace(0.1))
        assert result is not None
        assert result.seconds == pytest.approx(100 + START_SECONDS)
        assert result.seconds_now == pytest.approx(times * result.seconds)
        assert result.is_slowed == (times > 1.25)
    own = SimpleNamespace(threads=2, kind="train", settings=config.model_dump(mode="json"), state=State("running"))
    monkeypatch.setattr(pace_module, "load", lambda: 1.0)
    assert pace_module.slowdown([config], [own]) == 1.0, "its own queue is not what slows it down"


@given(st.floats(1e-6, 1e3), st.floats(0, 1e3), st.lists(st.integers(1, 10_000_000), min_size=2, max_size=5))
def test_more_steps_take_longer_and_in_proportion(step: float, evaluation: float, steps: list[int]) -> None:
    config = TrainConfig(device="cpu")
    took = [Pace(step, evaluation).run_seconds(config.model_copy(update={"steps": n})) - START_SECONDS for n in steps]
    assert took == pytest.approx([step * n for n in steps], rel=1e-6, abs=1e-6)


# -- how a step is timed, on a clock that goes on by what each step costs


class Steps:
    """A training whose steps cost ``fixed`` + ``each`` · images on its own clock, the first one three times as much."""

    def __init__(self, fixed: float, each: float) -> None:
        self.fixed, self.each, self.now = fixed, each, 0.0
        self.sizes: list[int] = []

    def clock(self) -> float:
        return self.now

    def build(self, images: int) -> Any:
        self.sizes.append(images)

        def steps() -> Iterator[None]:
            for step in range(1000):
                self.now += (self.fixed + self.each * images) * (3 if step == 0 else 1)
                yield None

        return steps()


COSTS = st.floats(0, 1), st.floats(1e-6, 10), st.integers(1, 4096)


@settings(max_examples=300)
@given(*COSTS)
def test_a_step_is_timed_within_a_quarter_whatever_it_costs(fixed: float, each: float, batch: int) -> None:
    steps = Steps(fixed, each)
    result = seconds_per_step(steps.build, batch, steps.clock)
    assert result == pytest.approx(fixed + each * batch, rel=0.25)


@settings(max_examples=300)
@given(*COSTS)
def test_timing_costs_at_most_its_budget(fixed: float, each: float, batch: int) -> None:
    """Timing takes no more than its budget and four small steps."""
    steps = Steps(fixed, each)
    seconds_per_step(steps.build, batch, steps.clock)
    smallest = 4 * sum(fixed + each * min(size, batch) for size in (LEAST, 2 * LEAST))  # the first costs three times
    assert steps.now <= 2 * BUDGET + smallest
    assert max(steps.sizes) <= batch


@given(st.floats(0, 1), st.floats(1e-6, 1), st.integers(1, 512), st.sampled_from([16, 32, 64, 128, 256]))
def test_more_pixels_take_longer(fixed: float, each: float, batch: int, side: int) -> None:
    """If a step costs more for each image, as with more pixels, the estimate is higher."""
    small, large = Steps(fixed, each), Steps(fixed, each * (side / 16) ** 2 + 1e-6)
    took = [seconds_per_step(steps.build, batch, steps.clock) for steps in (small, large)]
    assert took[0] <= took[1] * (1 + 1e-6)


@pytest.mark.slow
def test_timing_processes_are_forked_and_leave_nothing(runs: Path) -> None:
    """Both are answered in the log as a new Python would answer, and no zombie stays."""
    if not warm.FORKS:
        pytest.skip("runs are forked on Linux alone")
    runs.mkdir()
    log = runs / "log.txt"
    for _ in range(2):
        warm.spawn(["describe", "nothing.safetensors"], log)
    until(lambda: log.read_text().count("nothing.safetensors") == 2)
    process = warm._warm
    assert process is not None
    until(lambda: len(process.children) >= 2)
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in process.children[-2:]))
    assert process.alive
