"""The pace of a run is measured once, in a process of its own, and stored; the server computes nothing of it."""

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from holding import until

from glico.config import ClassifyConfig, TrainConfig
from glico.errors import GlicoError
from glico.files import write_json
from glico.runs import timing
from glico.runs.lock import Lock

SMALL = TrainConfig(samples_per_class=2, generator_width=4, device="cpu")


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the paces that are requested, without measuring any."""
    names: list[str] = []

    def spawn(module: list[str], lock: Path, launcher: Lock) -> None:
        names.append(module[1])
        launcher.release()

    monkeypatch.setattr(timing, "spawn", spawn)
    return names


def keep(config: TrainConfig, **result: object) -> None:
    timing._directory().mkdir(parents=True, exist_ok=True)
    write_json(
        timing._directory() / f"{timing._name(timing.representative(config))}.json", {"time": time.time(), **result}
    )


def test_a_pace_is_found_out_once_whatever_seed_and_length(requests: list[str]) -> None:
    assert timing.pace(SMALL) is None
    keep(SMALL, step=0.5, evaluation=0.0, load=0.0)
    for config in (SMALL, SMALL.model_copy(update={"seed": 3}), SMALL.model_copy(update={"steps": 9})):
        assert timing.pace(config) == timing.Pace(0.5, 0.0)
    assert len(requests) == 1
    assert timing.pace(SMALL.model_copy(update={"generator_width": 8})) is None
    assert len(requests) == 2


def test_one_is_found_out_at_a_time(requests: list[str]) -> None:
    timing._directory().mkdir(parents=True)
    busy = Lock.acquire(timing._directory() / "lock")
    assert busy is not None
    assert timing.pace(SMALL) is None
    assert requests == []
    busy.release()
    assert timing.pace(SMALL) is None
    assert len(requests) == 1


def test_pace_measured_under_load_is_measured_again(requests: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A pace that was measured beside other work is measured again later."""
    monkeypatch.setattr(timing, "load", lambda: 0.0)
    for result, again in (
        ({"load": 0.0}, 0),
        ({"load": 9.0, "time": time.time()}, 0),
        ({"load": 9.0, "time": 1.0}, 1),
    ):
        requests.clear()
        keep(SMALL, step=0.5, evaluation=0.0, **result)
        assert timing.pace(SMALL) == timing.Pace(0.5, 0.0), "until then it is what there is"
        assert len(requests) == again


def test_what_cannot_be_timed_is_a_sentence(requests: list[str]) -> None:
    with pytest.raises(GlicoError, match="There is no"):
        timing.pace(SMALL.model_copy(update={"dataset": "nowhere/at all"}))
    with pytest.raises(GlicoError, match="There is no checkpoint"):
        timing.pace(ClassifyConfig(checkpoint="nowhere.safetensors"))
    keep(SMALL, error="Cannot estimate the time: a single step takes many seconds.")
    with pytest.raises(timing.NotTimedError, match="a single step takes many seconds"):
        timing.pace(SMALL)


def test_asking_loads_no_torch() -> None:
    code = (
        "import sys\nfrom glico.config import TrainConfig\nfrom glico.runs import pace, timing\n"
        "pace.estimate([TrainConfig()], [], timing.pace)\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


@pytest.mark.slow
def test_a_process_of_its_own_finds_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert timing.pace(SMALL) is None
    until(lambda: timing.pace(SMALL) is not None)
    result = timing.pace(SMALL)
    assert result is not None
    assert 0 < result.step < 10
    assert not list(timing._directory().glob("*.request"))


@pytest.mark.slow
def test_largest_networks_are_timed_within_bounds() -> None:
    """256 pixels, width 256, batches of 1,000: many minutes a step, and gigabytes, if it were done.

    The process that finds it out is ended by its clock or its memory if it takes more, as on a machine that is busy.
    """
    huge = TrainConfig(resolution=256, generator_width=256, batch_size=1000, samples_per_class=100, device="cpu")
    before = time.process_time()
    with suppress(timing.NotTimedError):
        until(lambda: timing.pace(huge) is not None)
        result = timing.pace(huge)
        assert result is not None
        assert result.step > 30
    assert time.process_time() - before < 10, "the server does nothing of it"


@pytest.mark.slow
def test_a_clock_ends_what_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from glico.runs import timing\n"
        "import sys\n"
        "timing.PROCESSOR_SECONDS = 0.01\n"
        "timing.measure = lambda config: exec('while True: pass')\n"
        "timing._main(sys.argv[1])\n"
    )
    config = timing.representative(SMALL)
    name = timing._name(config)
    timing._directory().mkdir(parents=True)
    request = {"kind": "train", "config": config.model_dump(mode="json")}
    write_json(timing._directory() / f"{name}.request", request)
    ended = subprocess.run([sys.executable, "-c", code, name], cwd=Path(__file__).parents[2])
    assert ended.returncode == 1
    with pytest.raises(timing.NotTimedError, match="Cannot estimate the time: a single step takes many seconds"):
        timing.pace(SMALL)
