"""Estimates come from runs that were done or are at work, before anything is timed."""

from pathlib import Path

import pytest
from run_helpers import until

from glico.config import ClassifyConfig
from glico.runs import warm
from glico.runs.folder import RunFolder
from glico.runs.pace import START_SECONDS, Pace, seconds_left, total_seconds
from glico.runs.state import State


def done(seconds: float) -> State:
    return State("done", 100, 100, started=1000.0, ended=1000.0 + seconds)


def test_what_is_left_takes_as_long_as_what_is_done() -> None:
    working = State("running", 25, 100, started=1000.0, steps_per_second=50.0)
    states = [done(38), done(42), working, State("queued"), State("queued")]
    assert seconds_left(states, 1) == pytest.approx(40 * (0.75 + 2))
    assert seconds_left(states, 2) == pytest.approx(40 * (0.75 + 2) / 2)
    assert seconds_left(states, 64) == pytest.approx(40), "a whole run is still to come"
    assert seconds_left([done(38), State("failed"), State("cancelled")], 2) == 0


def test_before_the_first_is_done_the_pace_of_those_at_work_counts() -> None:
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
    finished = RunFolder.create(config)
    finished.write_state(done(30))
    alike = config.model_copy(update={"seed": 1, "checkpoint": finished.settings["checkpoint"]})
    other = alike.model_copy(update={"augmentation": "mixup"})
    asked: list[str] = []

    def pace(config: ClassifyConfig) -> Pace:
        asked.append(config.augmentation)
        return Pace(step=0.5, evaluation=0.0)

    assert total_seconds([alike, alike], [finished], pace) == pytest.approx(30)
    assert asked == []
    assert total_seconds([alike, other], [finished], pace) == pytest.approx((30 + 50 + START_SECONDS) / 2)
    assert asked == ["mixup"]


@pytest.mark.slow
def test_the_next_process_is_forked_and_the_last_leaves_nothing_behind(runs: Path) -> None:
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
