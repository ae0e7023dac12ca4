"""Small trainings that take a second or two, and what the tests of runs do with them."""

import os
import signal
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from safetensors.torch import load_file

from glico.config import TrainConfig
from glico.runs import execute as execution
from glico.runs.execute import execute
from glico.runs.folder import RunFolder

SMALL = TrainConfig(samples_per_class=2, dimension=8, generator_width=4, steps=60, snapshots=3, device="cpu")
TIMINGS = ("seconds", "images_per_second")


def until(condition: Callable[[], bool], seconds: float = 300) -> None:
    """Wait for what must come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def kill(folder: RunFolder) -> None:
    """kill -9 the run's process."""
    pid = folder.state.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: not folder.state.alive)


def cancel_after(folder: RunFolder, step: int, seconds: float = 300) -> threading.Thread:
    """Cancel the run from outside once it has reported a step."""

    def watch() -> None:
        until(lambda: any(record["step"] >= step for record in folder.metrics()), seconds)
        folder.cancel()

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def stopped_at(folder: RunFolder, step: int, patch: pytest.MonkeyPatch) -> None:
    """Execute until about ``step``."""
    patch.setattr(execution, "NEWS_SECONDS", 0.0)
    thread = cancel_after(folder, step)
    state = execute(folder)
    thread.join()
    assert state.status == "cancelled"
    assert step <= state.step < SMALL.steps


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
