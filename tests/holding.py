"""Work in other processes that waits for its test, however fast or busy the machine is."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from glico.runs.folder import RunFolder
from glico.runs.writing import RunWriter

HOOKS = Path(__file__).parent / "hold"  # with the sitecustomize.py that does it
PATIENCE = 300.0  # seconds


def reach_every_process() -> None:
    """Have every Python process that this one starts, and those that they start, import the hooks."""
    paths = [str(HOOKS), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)


@contextmanager
def lock_held(folder: RunFolder) -> Iterator[RunWriter]:
    """Hold the lock of a run that nobody executes, as the process of a living run does."""
    lock = folder.claim()
    assert lock is not None
    writer = RunWriter(folder, lock)
    try:
        yield writer
    finally:
        writer.release()


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for what must come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


class Barrier:
    """Runs that are started from now on stand still after ``step``, their state kept, until they are told to stop or
    the barrier is lifted; projections do not begin."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, step: int = 1) -> None:
        self.path = folder / "barrier"
        self.path.touch()
        patch.setenv("GLICO_TEST_BARRIER", str(self.path))
        patch.setenv("GLICO_TEST_STEP", str(step))

    def lift(self) -> None:
        """Let everything go on."""
        self.path.unlink(missing_ok=True)
