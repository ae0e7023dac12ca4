"""The run folder: one a configuration, its status told by files and a lock, nothing removed that lives."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from holding import lock_held
from PIL import Image
from run_helpers import SMALL

from glico.cli.main import main
from glico.config import ClassifyConfig, TrainConfig
from glico.errors import GlicoError
from glico.runs.folder import RunFolder, find_runs, list_runs
from glico.runs.launch import prepare, start
from glico.runs.lock import Lock, launching
from glico.runs.state import State
from glico.runs.writing import RunWriter

HOLD = """
import sys, time
from glico.runs.lock import *
lock = wait_for(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


def alive(folder: RunFolder) -> Lock:
    lock = Lock.acquire(folder.file("lock"))
    assert lock is not None
    return lock


@pytest.fixture
def opened_files() -> Iterator[list[Path]]:
    """The files that this process opens."""
    opened: list[Path] | None = []

    def hook(event: str, arguments: tuple) -> None:
        if event == "open" and opened is not None and isinstance(arguments[0], str | os.PathLike):
            opened.append(Path(arguments[0]))

    sys.addaudithook(hook)  # for the rest of the process's life
    yield opened
    opened = None


def test_the_same_configuration_has_the_same_folder(runs: Path) -> None:
    folder = RunFolder.create(SMALL)
    assert folder == RunFolder.create(SMALL) == RunFolder.open(folder.id) == RunFolder.open(folder.path)
    assert folder.id.startswith("train-digits-2-glico-0-")
    assert folder.config == SMALL
    assert folder.id == RunFolder.create(SMALL.model_copy(update={"device": "cuda:1", "download": True})).id
    assert folder.id != RunFolder.create(SMALL.model_copy(update={"gamma": 3.0})).id
    assert len(list_runs()) == 2


def test_a_run_is_named_by_what_its_files_hold(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "net.safetensors").write_bytes(b"one")
    first = RunFolder.create(ClassifyConfig(checkpoint="a/net.safetensors"))
    assert first.id.startswith("classify-net-glico-small-cnn-0-")
    assert first.config.checkpoint == str(tmp_path / "a" / "net.safetensors")
    assert RunFolder.create(ClassifyConfig(checkpoint="b/net.safetensors")).id == first.id
    (tmp_path / "a" / "net.safetensors").write_bytes(b"two")
    assert RunFolder.create(ClassifyConfig(checkpoint="a/net.safetensors")).id != first.id


def test_an_image_folder_that_changed_is_another_run(runs: Path, tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "pets" / name / "1.png")
    config = TrainConfig(dataset=str(tmp_path / "pets"))
    before = RunFolder.create(config).id
    assert before == RunFolder.create(config).id
    shutil.copy(tmp_path / "pets" / "cat" / "1.png", tmp_path / "pets" / "dog" / "2.png")
    assert before != RunFolder.create(config).id


@pytest.mark.parametrize("config", [TrainConfig(dataset="digts"), ClassifyConfig(checkpoint="none.safetensors")])
def test_what_is_not_there_makes_no_folder(runs: Path, config: TrainConfig | ClassifyConfig) -> None:
    with pytest.raises(GlicoError, match="There is no"):
        RunFolder.create(config)
    assert not runs.exists()


def test_a_folder_made_by_many_at_once_is_one(runs: Path, processes: Callable[..., subprocess.Popen[str]]) -> None:
    code = "from glico.runs.folder import *; from glico.config import *; print(RunFolder.create(TrainConfig()).created)"
    makers = [processes("-c", code) for _ in range(4)]
    answers = [maker.communicate()[0] for maker in makers]
    assert all(answers)
    assert len(set(answers)) == 1
    assert len(list(runs.iterdir())) == 1


def test_the_lock_and_not_a_guess_tells_that_a_process_died(
    runs: Path, processes: Callable[..., subprocess.Popen[str]]
) -> None:
    folder = RunFolder.create(SMALL)
    holder = processes("-c", HOLD, str(folder.file("lock")))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    written = {"status": "running", "step": 7, "total_steps": 60, "pid": holder.pid}
    folder.file("state.json").write_text(json.dumps(written))
    folder.file("log.txt").write_text("the last words\n")
    assert folder.state.status == "running"
    holder.kill()
    holder.wait()
    state = folder.state
    assert (state.status, state.step) == ("died", 7)
    assert "at step 7 of 60" in state.message
    assert folder.log_tail()[-1].endswith("the last words")


def test_reused_process_number_does_not_make_a_run_alive(runs: Path) -> None:
    """A run whose process number now belongs to another program has died."""
    folder = RunFolder.create(SMALL)
    with lock_held(folder) as writer:
        writer.write_state(State("running", pid=os.getpid()))
    assert folder.state.status == "died"


def test_looking_at_a_run_does_not_keep_it_from_starting(
    runs: Path, processes: Callable[..., subprocess.Popen[str]]
) -> None:
    folder = RunFolder.create(SMALL)
    alive(folder).release()
    look = "import sys; from glico.runs.lock import *; print(1, flush=True)\nwhile True: is_held(Path(sys.argv[1]))"
    watchers = [processes("-c", look, str(folder.file("lock"))) for _ in range(2)]
    for watcher in watchers:
        assert watcher.stdout is not None
        watcher.stdout.readline()
    for _ in range(50):
        alive(folder).release()


@pytest.mark.parametrize("content", ["", '{"status": "runn', '{"step": 3}', '{"status": "running", "colour": 1}'])
def test_a_damaged_state_is_not_fatal(runs: Path, content: str) -> None:
    folder = RunFolder.create(SMALL)
    folder.file("state.json").write_text(content)
    assert folder.state.status == "died"
    lock = alive(folder)
    assert folder.state.alive
    lock.release()


def test_a_damaged_run_is_a_sentence_and_hides_no_other(runs: Path) -> None:
    good, bad = RunFolder.create(SMALL), RunFolder.create(TrainConfig(seed=5))
    bad.file("run.json").write_text('{"kind": "tr')
    (runs / "notes").mkdir()
    (runs / "stray.txt").write_text("")
    result, problems = find_runs()
    assert [folder.id for folder in result] == [good.id]
    assert len(problems) == 1
    assert bad.id in problems[0]
    with pytest.raises(GlicoError, match=r"Cannot read .*run\.json"):
        RunFolder.open(bad.id)


def test_command_runs_explains_a_damaged_result(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``glico runs`` lists the run, and writes a sentence about its result to standard error."""
    folder = RunFolder.create(SMALL)
    folder.file("result.json").write_text("{")
    assert main(["runs", "--json"]) == 0
    written = capsys.readouterr()
    assert f"glico runs: Cannot read {folder.id}/result.json: " in written.err
    (listed,) = json.loads(written.out)["runs"]
    assert (listed["run"], listed["result"], listed["problem"]) == (folder.id, None, folder.problem)


def test_a_missing_result_of_a_finished_run_is_a_sentence(runs: Path) -> None:
    """A run that ended well has a result; one that has yet to end has none, which is no problem."""
    folder = RunFolder.create(SMALL)
    assert folder.problem == ""
    with lock_held(folder) as writer:
        writer.write_state(State("done", 4, 4))
        assert folder.problem.startswith(f"Cannot read {folder.id}/result.json: it is missing. ")
        writer.write_result({"reconstruction": 0.5})
        assert folder.problem == ""


def test_a_configuration_of_another_version_is_a_sentence(runs: Path) -> None:
    folder = RunFolder.create(SMALL)
    written = json.loads(folder.file("run.json").read_text())
    written["config"]["warp"] = 9
    folder.file("run.json").write_text(json.dumps(written))
    with pytest.raises(GlicoError, match="another version: warp"):
        _ = RunFolder.open(folder.id).config


def test_a_living_run_is_not_deleted(runs: Path) -> None:
    folder = RunFolder.create(SMALL)
    lock = alive(folder)
    RunWriter(folder, lock).write_state(State("running"))
    with pytest.raises(GlicoError, match="is running: cancel it before"):
        folder.delete()
    assert folder.file("run.json").exists()
    lock.release()
    folder.delete()
    assert not any(path for path in runs.iterdir() if path.is_dir())
    with pytest.raises(GlicoError, match="There is no run"):
        RunFolder.open(folder.id)


def test_who_has_ended_and_keeps_its_lock_is_not_to_be_cancelled(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glico.runs.folder.ENDING_SECONDS", 0.1)
    folder = RunFolder.create(SMALL)
    lock = alive(folder)
    RunWriter(folder, lock).write_state(State("cancelled"))
    with pytest.raises(GlicoError, match="is cancelled, but its process has not ended yet: delete it in a moment"):
        folder.delete()
    with pytest.raises(GlicoError, match="restart it in a moment"):
        prepare(folder, restart=True)
    lock.release()
    folder.delete()


def test_a_run_that_has_ended_may_hold_its_lock_a_moment_longer(runs: Path) -> None:
    folder = RunFolder.create(SMALL)
    lock = alive(folder)
    RunWriter(folder, lock).write_state(State("cancelled"))
    Timer(0.6, lock.release).start()
    writer = prepare(folder).writer  # to be resumed
    assert writer is not None
    writer.write_state(State("cancelled"))
    Timer(0.6, writer.release).start()
    folder.delete()
    assert not folder.path.exists()


def test_writer_takes_no_other_runs_lock(runs: Path) -> None:
    """Only the owner of a run's own lock may write into its folder."""
    folder, other = RunFolder.create(SMALL), RunFolder.create(SMALL.model_copy(update={"seed": 1}))
    lock = alive(other)
    with pytest.raises(ValueError, match="is not the lock of"):
        RunWriter(folder, lock)
    lock.release()


def test_claim_waits_for_a_launcher(runs: Path) -> None:
    """Nobody else gets the lock of a run between its launch and the moment at which its process takes the lock."""
    folder = RunFolder.create(SMALL)
    with lock_held(folder) as writer:
        writer.write_state(State("queued"))
    launcher = Lock.acquire(launching(folder.file("lock")))
    assert launcher is not None
    assert folder.claim() is None
    assert prepare(folder).how == "alive"
    with pytest.raises(GlicoError, match="cancel it before you restart it"):
        prepare(folder, restart=True)
    launcher.release()
    with lock_held(folder):
        pass


def test_prepare_writes_the_new_settings(runs: Path) -> None:
    """A run is resumed on the device that the last request names; until then its run.json is as it was."""
    RunFolder.create(SMALL)
    folder = RunFolder.create(SMALL.model_copy(update={"device": "cuda:1"}))
    assert RunFolder.open(folder.id).settings["device"] == "cpu"
    how, writer = prepare(folder)
    assert how == "started"
    assert writer is not None
    assert writer.folder == RunFolder.open(folder.id) == folder
    assert folder.settings["device"] == "cuda:1"
    writer.release()


def test_what_killed_processes_left_is_removed_when_it_is_old(runs: Path) -> None:
    finished = RunFolder.create(SMALL)
    with lock_held(finished) as writer:
        writer.write_state(State("done", step=60, total_steps=60))
    finished.file("state.safetensors").write_bytes(b"kept")  # killed between its last word and this file's removal
    for name in (".a.1.2.partial", ".b.1.deleted", ".c.3.4.partial"):
        (runs / name).mkdir()
        (runs / name / "run.json").touch()
        if name != ".c.3.4.partial":  # that one is another process's, at this moment
            os.utime(runs / name, (0, 0))
    RunFolder.create(SMALL.model_copy(update={"seed": 1}))
    assert [path.name for path in runs.glob(".*")] == [".c.3.4.partial"]
    assert start(finished) == "done"
    assert not finished.file("state.safetensors").exists()


def test_cancelling_is_asking(runs: Path) -> None:
    folder = RunFolder.create(SMALL)
    with pytest.raises(GlicoError, match="nothing to cancel"):
        folder.cancel()
    lock = alive(folder)
    RunWriter(folder, lock).write_state(State("running"))
    folder.cancel("for a reason")
    assert folder.cancel_requested
    assert folder.cancel_reason == "for a reason"
    lock.release()


def test_a_file_where_the_runs_should_be_is_a_sentence(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GLICO_RUNS", str(tmp_path / "file"))
    with pytest.raises(GlicoError, match="a file is in the way of a folder"):
        RunFolder.create(SMALL)
    with pytest.raises(GlicoError, match="cannot be listed"):
        find_runs()


def test_state_is_written_if_the_disk_has_no_room(runs: Path) -> None:
    """If the disk has no room for a second state.json, the state is written over the old one."""
    folder = RunFolder.create(SMALL)
    with lock_held(folder) as writer:
        writer.write_state(State("running", message="a long message " * 10))
        os.symlink("/dev/full", folder.file(f".state.json.{os.getpid()}.partial"))
        writer.write_state(State("failed", step=3, message="The disk is full."))
    assert folder.state.status == "failed"
    assert folder.state.message == "The disk is full."


def test_a_list_of_runs_reads_two_small_files_of_each(runs: Path, opened_files: list[Path]) -> None:
    for seed in range(20):
        folder = RunFolder.create(SMALL.model_copy(update={"seed": seed}))
        with lock_held(folder) as writer:
            writer.write_state(State("done", step=60, total_steps=60))
        folder.file("metrics.jsonl").write_text('{"step": 1, "loss": 0.5}\n')
    opened_files.clear()
    assert [folder.state.status for folder in list_runs()] == ["done"] * 20
    assert Counter(path.name for path in opened_files if runs in path.parents) == {"run.json": 20, "state.json": 20}


def test_the_newest_run_comes_first(runs: Path) -> None:
    made = [RunFolder.create(SMALL.model_copy(update={"seed": seed})).id for seed in range(3)]
    assert [folder.id for folder in list_runs()] == made[::-1]
