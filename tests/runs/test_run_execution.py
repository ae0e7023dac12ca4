"""A run's life in this process: it ends, stops, fails and goes on with the same numbers."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from holding import lock_held
from run_helpers import SMALL, assert_equal_runs, numbers, stopped_at, until

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, TrainConfig
from glico.errors import GlicoError
from glico.runs import execute as execution
from glico.runs.execute import carry_out, execute
from glico.runs.folder import RunFolder
from glico.runs.lock import Lock
from glico.runs.writing import RunWriter

SCHEDULE = {"augmentation": "glico", "steps": 30, "evaluations": 3, "batch_size": 16, "device": "cpu"}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that nothing disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLICO_RUNS", str(tmp_path_factory.mktemp("unbroken")))
        folder = RunFolder.create(SMALL)
        assert execute(folder).status == "done"
    return folder


@pytest.fixture
def checkpoint(unbroken: RunFolder, tmp_path: Path) -> Path:
    return Path(shutil.copy(unbroken.file("checkpoint.safetensors"), tmp_path / "digits.safetensors"))


def test_a_run_leaves_what_it_promises(unbroken: RunFolder) -> None:
    state = unbroken.state
    assert (state.status, state.step, state.total_steps) == ("done", SMALL.steps, SMALL.steps)
    assert state.ended is not None
    assert [record["step"] for record in unbroken.metrics()] == list(range(1, SMALL.steps + 1))
    checkpoint = Checkpoint.load(unbroken.file("checkpoint.safetensors"))
    assert checkpoint.config == SMALL
    assert checkpoint.codes.shape == (20, SMALL.dimension)
    assert unbroken.result is not None
    assert unbroken.result["loss"] == unbroken.metrics()[-1]["loss"]
    preview = np.load(unbroken.file("preview.npz"))
    assert preview["images"].shape == preview["reconstructions"].shape
    assert preview["reconstructions"].dtype == np.uint8
    assert not unbroken.file("state.safetensors").exists()
    assert not list(unbroken.path.glob(".*"))


def test_a_finished_run_is_not_run_again(unbroken: RunFolder) -> None:
    before = unbroken.file("checkpoint.safetensors").stat().st_mtime_ns
    assert execute(unbroken).status == "done"
    assert unbroken.file("checkpoint.safetensors").stat().st_mtime_ns == before


@pytest.mark.slow
def test_the_same_seed_is_the_same_run(unbroken: RunFolder, runs: Path) -> None:
    again, other = RunFolder.create(SMALL), RunFolder.create(SMALL.model_copy(update={"seed": 1}))
    execute(again)
    execute(other)
    assert_equal_runs(again, unbroken)
    assert numbers(other) != numbers(unbroken)


@pytest.mark.slow
def test_a_cancelled_run_goes_on_with_the_same_numbers(
    unbroken: RunFolder, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder.create(SMALL)
    for step in (5, 30):
        stopped_at(folder, step, monkeypatch)
        assert folder.state.status == "cancelled"
        assert "can be resumed" in folder.state.message
    assert execute(folder).status == "done"
    assert_equal_runs(folder, unbroken)
    seconds = [record["seconds"] for record in folder.metrics()]
    assert seconds == sorted(seconds)


@pytest.mark.slow
def test_a_damaged_state_begins_anew(unbroken: RunFolder, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder.create(SMALL)
    stopped_at(folder, 10, monkeypatch)
    kept = folder.file("state.safetensors")
    kept.write_bytes(kept.read_bytes()[:1000])
    assert execute(folder).status == "done"
    assert_equal_runs(folder, unbroken)


def test_a_state_of_another_version_is_a_sentence(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder.create(SMALL)
    stopped_at(folder, 5, monkeypatch)
    wide = RunFolder.create(SMALL.model_copy(update={"dimension": 9}))
    folder.file("state.safetensors").rename(wide.file("state.safetensors"))
    state = execute(wide)
    assert state.status == "failed"
    assert "restart it" in state.message


def test_a_classifier_run_leaves_its_predictions(checkpoint: Path, runs: Path) -> None:
    folder = RunFolder.create(ClassifyConfig(checkpoint=str(checkpoint), **SCHEDULE))
    assert execute(folder).status == "done"
    result, predictions = folder.result, np.load(folder.file("predictions.npz"))
    assert result is not None
    right = (predictions["logits"].argmax(axis=1) == predictions["labels"]).mean()
    assert result["accuracy"] == pytest.approx(right)
    assert result["accuracy"] == folder.metrics()[-1]["test_accuracy"]
    assert len(predictions["indices"]) == len(predictions["labels"])
    preview = np.load(folder.file("preview.npz"))
    assert 0 < preview["generated"].sum() < len(preview["images"])


def test_a_classifier_run_goes_on_with_the_same_numbers(
    checkpoint: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ClassifyConfig(checkpoint=str(checkpoint), **SCHEDULE)
    folder = RunFolder.create(config)
    stopped_at(folder, 4, monkeypatch)
    assert execute(folder).status == "done"
    monkeypatch.setenv("GLICO_RUNS", str(runs.with_name("other")))
    other = RunFolder.create(config)
    assert execute(other).status == "done"
    assert_equal_runs(folder, other, "classifier.safetensors")


def test_a_loss_that_is_no_number_keeps_the_last_good_state(
    checkpoint: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "STATE_SECONDS", 0.0)
    rates = {"learning_rate": 10.0, "weight_decay": 1.0, "augmentation": "standard", "steps": 100}
    folder = RunFolder.create(ClassifyConfig(checkpoint=str(checkpoint), **SCHEDULE | rates))
    state = execute(folder)
    assert state.status == "failed"
    assert "diverged (NaN)" in state.message
    assert state.message in folder.log_tail()[-1]
    with lock_held(folder) as writer:
        kept = execution.load_tensors(writer)
    assert kept is not None
    assert all(tensor.isfinite().all() for tensor in kept.values() if tensor.is_floating_point())
    assert 0 < int(kept["step"]) < 100
    assert not folder.file("result.json").exists()


def test_a_checkpoint_that_is_gone_or_changed_is_a_sentence(checkpoint: Path, runs: Path) -> None:
    folder = RunFolder.create(ClassifyConfig(checkpoint=str(checkpoint), **SCHEDULE))
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content + b" ")
    assert "has changed" in execute(folder).message
    checkpoint.unlink()
    assert "Cannot read" in execute(folder).message
    checkpoint.write_bytes(content)
    assert execute(folder).status == "done"


def full(folder: RunFolder, name: str) -> None:
    os.symlink("/dev/full", folder.file(name))


def full_state(folder: RunFolder) -> None:
    full(folder, f".state.safetensors.{os.getpid()}.partial")


def full_metrics(folder: RunFolder) -> None:
    full(folder, "metrics.jsonl")


def full_checkpoint(folder: RunFolder) -> None:
    full(folder, f".checkpoint.safetensors.{os.getpid()}.partial")


@pytest.mark.slow
@pytest.mark.parametrize("fill", [full_state, full_checkpoint])
def test_a_full_disk_is_a_sentence_and_loses_nothing(
    unbroken: RunFolder, runs: Path, fill: Callable[[RunFolder], None]
) -> None:
    folder = RunFolder.create(SMALL)
    fill(folder)
    lock = folder.claim()
    assert lock is not None
    state = carry_out(RunWriter(folder, lock))  # as for a launcher: nothing is swept away
    assert state.status == "failed"
    assert "disk is full" in state.message or "No space left" in state.message
    assert folder.state == RunFolder.open(folder.id).state
    assert execute(folder).status == "done"
    assert_equal_runs(folder, unbroken)


def test_log_states_the_reason_for_a_cancellation(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cancels a run does not write into its log; the run's own process does."""
    folder = RunFolder.create(SMALL)
    cancel = RunFolder.cancel
    monkeypatch.setattr(RunFolder, "cancel", lambda run: cancel(run, "the limit for visitors"))
    stopped_at(folder, 3, monkeypatch)
    assert any(line.endswith("the limit for visitors") for line in folder.log_tail())


def test_a_folder_that_vanishes_under_a_run_is_a_sentence(runs: Path) -> None:
    folder = RunFolder.create(SMALL.model_copy(update={"steps": 100000}))

    def remove() -> None:
        until(lambda: folder.state.step > 0)
        folder.path.rename(runs / "elsewhere")

    thread = threading.Thread(target=remove)
    thread.start()
    with pytest.raises(GlicoError, match="cannot be written: its folder is gone"):
        execute(folder)
    thread.join()


def test_data_that_cannot_be_loaded_fails_the_run(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    folder = RunFolder.create(TrainConfig(dataset=str(tmp_path / "empty"), device="cpu"))
    state = execute(folder)
    assert state.status == "failed"
    assert state.message
    assert "Traceback" not in state.message


def test_two_executions_of_one_run_are_one_too_many(runs: Path) -> None:
    folder = RunFolder.create(SMALL)
    lock = Lock.acquire(folder.file("lock"))
    assert lock is not None
    with pytest.raises(GlicoError, match="already running"):
        execute(folder)
    lock.release()
