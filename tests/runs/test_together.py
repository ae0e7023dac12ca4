"""Runs in two processes, as torchrun starts them, and in one."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from holding import lock_held
from run_helpers import TIMINGS, cancelled_at
from safetensors.torch import load_file

from glico.cli.main import main
from glico.config import ClassifyConfig, RunConfig, TrainConfig
from glico.runs import execute as execution
from glico.runs.execute import execute, load_tensors, save_state
from glico.runs.folder import RunFolder
from glico.runs.job import build_job

# 15 images are shared as 8 and 7, the 2 whose reconstruction is scored as 1 and 1. All networks have batch norm, the
# wide ones dropout too.
SMALL = {"samples_per_class": 2, "dimension": 8, "generator_width": 4, "steps": 4, "snapshots": 2, "batch_size": 15}
TRAIN = TrainConfig(
    **SMALL,
    weak_classifier="wideresnet-10-1",
    unlabelled="test",
    unlabelled_limit=20,
    reconstruction_share=0.1,
    device="cpu",
)
CLASSIFY = {"steps": 4, "batch_size": 15, "evaluations": 1, "device": "cpu"}


def alone(configs: list[RunConfig]) -> list[RunFolder]:
    folders = [RunFolder.create(config) for config in configs]
    assert [execute(folder).status for folder in folders] == ["done"] * len(folders)
    return folders


def begun(folder: RunFolder) -> None:
    """A single process has done the first step."""
    training = build_job(folder.kind, folder.config, lambda done, what: None).training
    next(iter(training))
    with lock_held(folder) as writer:
        assert save_state(writer, training)


def assert_close(one: RunFolder, two: RunFolder) -> None:
    """Equal metrics but for the rounding of sums: 1e-5 in the first two steps, 1e-3 where Adam has made it larger.

    The balanced gamma is a ratio of two small norms, and so in the second step already.
    """
    records = {record["step"]: record for record in one.metrics()}
    assert two.metrics()[-1]["step"] == max(records)
    for record in two.metrics():
        expected = {name: value for name, value in records[record["step"]].items() if name not in TIMINGS}
        for name, value in expected.items():
            tolerance = 1e-5 if record["step"] <= (1 if name == "gamma" else 2) else 1e-3
            assert record[name] == pytest.approx(value, rel=tolerance), name


@pytest.mark.slow
def test_two_processes_end_with_the_numbers_of_one(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: Callable[..., subprocess.Popen[str]]
) -> None:
    monkeypatch.setattr(execution, "NEWS_SECONDS", 0.0)
    (train,) = alone([TRAIN])
    settings = CLASSIFY | {"checkpoint": str(train.file("checkpoint.safetensors"))}
    wide = ClassifyConfig(**settings, augmentation="mixup", classifier="wideresnet-10-1")
    small = ClassifyConfig(**settings, augmentation="glico")
    mixed = wide.model_copy(update={"augmentation": "standard", "learning": "mixmatch", "unlabelled": "training"})
    expected = [train, *alone([wide, small, mixed])]

    monkeypatch.setenv("GLICO_RUNS", str(tmp_path / "together"))
    folders = [RunFolder.create(config) for config in (TRAIN, wide, small, mixed)]
    begun(folders[2])
    tiny = RunFolder.create(wide.model_copy(update={"batch_size": 1}))
    long = RunFolder.create(TrainConfig(**SMALL | {"steps": 60}, device="cpu"))

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, value in {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    command = ["resume", *(folder.id for folder in (tiny, *folders, long))]
    monkeypatch.setenv("RANK", "1")
    helper = processes("-m", "glico", *command)
    monkeypatch.setenv("RANK", "0")
    with cancelled_at(long, 3, monkeypatch):
        assert main(command) == 1, "the first fails and the last is cancelled"
    output, errors = helper.communicate(timeout=300)
    assert (helper.returncode, output, errors) == (0, "", "")

    assert tiny.state.message == "A batch of 1 images cannot be split among 2 processes. Start fewer processes."
    for one, two in zip(expected, folders, strict=True):
        assert two.state.status == "done"
        assert_close(one, two)
    weights = [load_file(folder.file("classifier.safetensors")) for folder in (expected[2], folders[2])]
    for name, tensor in weights[0].items():
        torch.testing.assert_close(weights[1][name], tensor, rtol=1e-4, atol=1e-5, msg=name)

    state = long.state
    assert (state.status, state.step) == ("cancelled", 3)
    with lock_held(long) as writer:
        kept = load_tensors(writer)
    assert kept is not None
    training = build_job(long.kind, long.config, lambda done, what: None).training
    training.restore(kept)
    next(iter(training))
    assert training.step == state.step + 1
