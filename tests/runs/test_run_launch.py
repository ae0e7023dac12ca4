"""Runs as processes of their own: started once, found again, killed at any moment, and none the worse for it."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from holding import Barrier
from run_helpers import SMALL, assert_equal_runs, kill, numbers, until

from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.runs.execute import execute
from glico.runs.folder import RunFolder
from glico.runs.launch import follow, launch, start, stop, train

pytestmark = pytest.mark.slow

# A process that has everything imported, and forks one for every run that it is told of. Each keeps its state after
# every step, so that a kill finds one to go on from, and is killed with SIGKILL.
FORKER = """
import os, sys, torch._dynamo
from glico.runs import execute, train_job
from glico.runs.folder import RunFolder
execute.STATE_SECONDS, execute.NEWS_SECONDS = 0.0, 0.02
execute._Every.rest = lambda every: None
for line in sys.stdin:
    path, os.environ["GLICO_TEST_STEP"] = line.split()
    pid = os.fork()
    if not pid:
        execute.execute(RunFolder.open(path))
        os._exit(0)
    print(pid, flush=True)
    os.waitpid(pid, 0)
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> TrainConfig:
    """A training on a file, which spares every process of these tests scikit-learn."""
    path = tmp_path_factory.mktemp("data") / "blobs.npz"
    labels = np.arange(60) % 3
    noise = np.random.default_rng(0).normal(0, 20, (60, 16, 16))
    images = (80 * labels[:, None, None] + noise).clip(0, 255).astype(np.uint8)
    parts = {f"{part}_images": images for part in ("train", "val", "test")}
    np.savez(path, **parts, **{f"{part}_labels": labels[:, None] for part in ("train", "val", "test")})
    return SMALL.model_copy(update={"dataset": str(path)})


@pytest.fixture(autouse=True)
def nothing_left_running(runs: Path) -> Iterator[None]:
    """Stops what a test launched and did not wait for."""
    yield
    if runs.exists():
        stop([RunFolder.open(path.parent) for path in runs.glob("*/run.json")])


def exists(pid: int | None) -> bool:
    """Return whether there is such a process, alive or defunct."""
    return Path(f"/proc/{pid}").exists()


def undisturbed(config: TrainConfig, runs: Path, patch: pytest.MonkeyPatch) -> RunFolder:
    """The same run in a folder of its own, in this process."""
    with patch.context() as other:
        other.setenv("GLICO_RUNS", str(runs.with_name("undisturbed")))
        folder = RunFolder.create(config)
        assert execute(folder).status == "done"
    return folder


def test_run_killed_at_random_moments_ends_alike(
    small: TrainConfig, runs: Path, processes: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is killed again and again ends with the numbers of an undisturbed one."""
    moment = random.Random(0)
    barrier = Barrier(tmp_path, monkeypatch)
    config = small.model_copy(update={"steps": 120})
    folder = RunFolder.create(config)
    forker = processes("-c", FORKER)
    assert forker.stdin is not None
    assert forker.stdout is not None
    for attempt in range(8):
        before = folder.state.step
        furthest = before + moment.randint(2, 14)  # there it waits to be killed, if it was not before
        print(folder.path, furthest, file=forker.stdin, flush=True)
        pid = int(forker.stdout.readline())
        if attempt % 2:  # every other one is killed at its start
            until(lambda step=before: folder.state.step > step)
        time.sleep(moment.uniform(0, 0.2))
        os.kill(pid, signal.SIGKILL)
        until(lambda: not folder.state.alive)
        assert folder.state.status == "died"
        assert not folder.file("result.json").exists()
    assert 0 < folder.state.step < config.steps
    barrier.lift()
    assert execute(folder).status == "done"
    assert_equal_runs(folder, undisturbed(config, runs, monkeypatch))


def test_a_launched_run_is_found_resumed_and_finished(
    small: TrainConfig, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = Barrier(tmp_path, monkeypatch, step=20)
    folder = launch(small)
    assert folder.state.alive, "there is no gap between the launch and the lock"
    assert start(RunFolder.open(folder.id)) == "alive"
    until(lambda: folder.state.step == 20)
    kill(folder)
    barrier.lift()
    state = folder.state
    assert state.status == "died"
    assert "It can be resumed." in state.message
    assert any("started at the first step" in line for line in folder.log_tail())
    again = launch(small)
    assert again.id == folder.id
    (state,) = follow([again])
    assert state.status == "done"
    assert_equal_runs(again, undisturbed(small, runs, monkeypatch))
    until(lambda: not exists(state.pid))  # no zombie is left of it
    assert start(again) == "done"
    assert again.state.status == "done"


def test_a_launcher_that_is_killed_at_once_does_no_harm(small: TrainConfig, runs: Path, processes: Start) -> None:
    code = f"""
import os
from glico.config import TrainConfig
from glico.runs.launch import launch
launch(TrainConfig.model_validate_json({small.model_dump_json()!r}))
os.kill(os.getpid(), 9)
"""
    processes("-c", code).wait()
    folder = launch(small)  # while the first one's process has yet to take its lock
    assert folder.state.alive
    assert follow([folder])[0].status == "done"
    assert [record["step"] for record in folder.metrics()] == list(range(1, small.steps + 1))


def test_launched_twice_at_once_it_runs_once(small: TrainConfig, runs: Path, processes: Start) -> None:
    code = f"""
from glico.config import TrainConfig
from glico.runs.kinds import KINDS
from glico.runs.folder import RunFolder
from glico.runs.launch import start, follow
folder = RunFolder.create(TrainConfig.model_validate_json({small.model_dump_json()!r}))
how = start(folder)
follow([folder])
print(how, folder.state.status, folder.state.pid)
"""
    answers = [process.communicate()[0].split() for process in [processes("-c", code) for _ in range(3)]]
    assert sorted(answer[0] for answer in answers) in (
        ["alive", "alive", "started"],
        ["alive", "done", "started"],
        ["done", "done", "started"],
    )
    (status,) = {tuple(answer[1:]) for answer in answers}
    assert status[0] == "done"
    (folder,) = [RunFolder.open(path.parent) for path in runs.glob("*/run.json")]
    assert [record["step"] for record in folder.metrics()] == list(range(1, small.steps + 1))


def test_a_run_outlives_the_killed_process_that_launched_it(small: TrainConfig, runs: Path, processes: Start) -> None:
    code = f"""
import sys, time
from glico.config import TrainConfig
from glico.runs.launch import launch
print(launch(TrainConfig.model_validate_json({small.model_dump_json()!r})).path, flush=True)
time.sleep(600)
"""
    launcher = processes("-c", code)
    assert launcher.stdout is not None
    folder = RunFolder.open(launcher.stdout.readline().strip())
    launcher.kill()
    launcher.wait()
    until(lambda: folder.state.alive)
    assert follow([folder])[0].status == "done"


def test_a_waiting_run_is_cancelled_and_its_place_is_free(small: TrainConfig, runs: Path) -> None:
    first = launch(small.model_copy(update={"steps": 1_000_000}))
    second, third = (launch(small.model_copy(update={"seed": seed})) for seed in (1, 2))
    until(lambda: first.state.step > 0)
    until(lambda: "1 run ahead" in third.state.message)
    assert second.state.status == "queued"
    stop([second])
    assert second.state.status == "cancelled"
    until(lambda: "next in line" in third.state.message)

    pid = first.state.pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    (state,) = follow([first])
    assert state.status == "cancelled"
    assert f"after step {state.step}" in state.message
    assert first.file("state.safetensors").exists()
    until(lambda: third.state.status == "running")


def test_train_returns_a_checkpoint_and_repeats_on_restart(small: TrainConfig, runs: Path) -> None:
    """train returns the checkpoint of a finished run, and trains again only with ``restart``."""
    seen: list[int] = []
    checkpoint = train(small, progress=lambda state: seen.append(state.step))
    assert checkpoint.codes.shape == (6, small.dimension)
    assert seen[-1] == small.steps
    folder = RunFolder.create(small)
    ended = folder.state.ended
    assert train(small).config == checkpoint.config
    assert folder.state.ended == ended
    before = numbers(folder)
    folder.file("result.json").write_text('{"loss": "wrong"}')
    launch(small, restart=True)
    with pytest.raises(GlicoError, match="cancel it before you restart it"):
        launch(small, restart=True)
    assert follow([folder])[0].status == "done"
    assert folder.result is not None
    assert folder.result["loss"] != "wrong"
    assert numbers(folder) == before
