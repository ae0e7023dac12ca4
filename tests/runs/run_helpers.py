"""Small trainings that take a second or two, and what the tests of runs do with them."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from holding import until
from safetensors.torch import load_file

from glico.config import TrainConfig
from glico.runs import execute as execution
from glico.runs.execute import execute
from glico.runs.folder import RunFolder

SMALL = TrainConfig(samples_per_class=2, dimension=8, generator_width=4, steps=60, snapshots=3, device="cpu")
TIMINGS = ("seconds", "images_per_second")


def kill(folder: RunFolder) -> None:
    """kill -9 the run's process."""
    pid = folder.state.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: not folder.state.alive)


@contextmanager
def cancelled_at(folder: RunFolder, step: int, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cancel the run that this process executes inside the block as soon as it reports ``step``."""
    update = execution._Execution.update

    def update_and_cancel(running: execution._Execution, **changes: object) -> None:
        update(running, **changes)
        if running.folder.id == folder.id and "steps_per_second" in changes and changes.get("step") == step:
            folder.cancel()

    with patch.context() as here:
        here.setattr(execution, "NEWS_SECONDS", 0.0)
        here.setattr(execution._Execution, "update", update_and_cancel)
        yield


def stopped_at(folder: RunFolder, step: int, patch: pytest.MonkeyPatch) -> None:
    """Execute the run, and cancel it after ``step``."""
    with cancelled_at(folder, step, patch):
        state = execute(folder)
    assert (state.status, state.step) == ("cancelled", step)


def numbers(folder: RunFolder) -> list[dict[str, float]]:
    """The metrics without what depends on the clock."""
    return [{k: v for k, v in record.items() if k not in TIMINGS} for record in folder.metrics()]


def assert_equal_runs(folder: RunFolder, other: RunFolder, file: str = "checkpoint.safetensors") -> None:
    """Bit for bit the same metrics and the same tensors."""
    assert numbers(folder) == numbers(other)
    tensors, others = load_file(folder.file(file)), load_file(other.file(file))
    assert tensors.keys() == others.keys()
    for name, tensor in tensors.items():
        assert np.array_equal(tensor.numpy(), others[name].numpy()), name
