"""kill -9 in small: what ``python -m benchmarks.kills`` does twenty times."""

from pathlib import Path

import pytest
from holding import Barrier, until

from benchmarks.kills import Moments, study
from glico.runs.folder import list_runs

pytestmark = pytest.mark.slow


class WhenOneIsAtWork(Moments):
    """The work is killed as soon as one of its runs has done a step: it goes no further until then."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch

    def begin(self) -> None:
        self.barrier = Barrier(self.folder, self.patch)

    def wait(self) -> None:
        until(lambda: any(run.state.alive and run.state.step for run in list_runs()))

    def end(self) -> None:
        self.barrier.lift()


@pytest.mark.parametrize("what", ["table", "app"])
def test_what_is_killed_goes_on_and_nothing_is_lost(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = study(what, times=1, steps=10, moments=WhenOneIsAtWork(tmp_path, monkeypatch))
    assert result.killed
    assert result.lost == []
    assert result.unequal == []
