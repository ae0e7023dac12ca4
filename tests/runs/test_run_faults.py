"""Refusals of the machine, such as a read-only folder or a full disk: one sentence, nothing lost."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from run_helpers import SMALL, numbers, stopped_at

from glico.errors import GlicoError
from glico.runs.execute import execute
from glico.runs.folder import RunFolder, find_runs
from glico.runs.launch import start
from glico.runs.naming import About

resource = pytest.importorskip("resource", reason="the faults are made by limits and users of Unix")

NOBODY = 65534


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user whom permissions bind; root is bound by none."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write in the folder and what is below it."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with unprivileged():
            yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes: what a full disk does, on every machine."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def open_runs(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of runs that other users may at least enter, which those of pytest's folders may not."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    monkeypatch.setenv("GLICO_RUNS", str(place / "runs"))
    yield place / "runs"
    shutil.rmtree(place)


def test_read_only_folder_is_a_sentence_and_can_be_read(open_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a read-only folder a refused action is one sentence; everything can still be read."""
    folder = RunFolder.create(SMALL)
    stopped_at(folder, 5, monkeypatch)
    before = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    with read_only(open_runs):
        assert [run.id for run in find_runs()[0]] == [folder.id]
        assert folder.state.status == "cancelled"
        assert folder.metrics()
        assert folder.log_tail()
        for refused in (
            lambda: RunFolder.create(SMALL.model_copy(update={"seed": 9})),
            lambda: start(folder),
            lambda: execute(folder),
            folder.delete,
        ):
            with pytest.raises(GlicoError, match="cannot be written: this user may not write there"):
                refused()
    assert {path.name: path.read_bytes() for path in folder.path.iterdir()} == before
    assert execute(folder).status == "done"


@pytest.mark.slow
def test_where_no_file_may_grow_the_last_kept_state_stays(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, folder = RunFolder.create(SMALL), RunFolder.create(SMALL.model_copy(update={"store_images": False}))
    stopped_at(folder, 5, monkeypatch)
    kept = folder.file("state.safetensors").read_bytes()
    with files_up_to(len(kept) // 2):
        state = execute(folder)
    assert state.status == "failed"
    assert "cannot be written: the file exceeds the process's size limit" in state.message
    assert folder.file("state.safetensors").read_bytes() == kept
    assert not list(folder.path.glob(".*"))
    assert execute(folder).status == "done"
    assert execute(whole).status == "done"
    assert folder.metrics()[-1]["loss"] == whole.metrics()[-1]["loss"]


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of 16 MiB that runs are made in. Skips where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user may mount no file system; where no file may grow is tested all the same")
    monkeypatch.setenv("GLICO_RUNS", str(place / "runs"))
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def full_but_for(disk: Path, free: int) -> Iterator[None]:
    """So many bytes are left on the disk, in whole pages."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free - free))
    try:
        yield
    finally:
        ballast.unlink()


@pytest.mark.slow
def test_run_on_a_full_disk_says_so_and_resumes_later(
    runs: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk a run fails with a sentence, and continues once there is room."""
    whole, folder = RunFolder.create(SMALL), RunFolder.create(SMALL.model_copy(update={"store_images": False}))
    stopped_at(folder, 5, monkeypatch)
    kept = folder.file("state.safetensors").read_bytes()
    for free in (0, os.sysconf("SC_PAGESIZE"), len(kept) // 2):
        with full_but_for(small_disk, free):
            try:
                text = execute(folder).message
            except GlicoError as error:  # not even that it failed can be written
                text = str(error)
            assert "cannot be written: the disk is full; free some space" in text
            assert folder.file("state.safetensors").read_bytes() == kept
            assert not list(folder.path.glob(".*"))
            assert folder in find_runs()[0]
    state = execute(folder)
    assert state.status == "done", state.message
    assert execute(whole).status == "done"
    assert numbers(folder) == numbers(whole)


TORN = b'{"step": 3, "lo\x00\xff\n[1, 2\n'


DAMAGED = ("metrics.jsonl", "state.json", "log.txt", "about.json", "preview.npz", "cancel")


@pytest.mark.slow
def test_a_damaged_line_in_the_files_of_a_run_changes_no_number(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, whole = RunFolder.create(SMALL), RunFolder.create(SMALL.model_copy(update={"store_images": False}))
    stopped_at(folder, 5, monkeypatch)
    for name in DAMAGED:
        with folder.file(name).open("ab") as file:
            file.write(TORN)
    assert {run.id for run in find_runs()[0]} == {folder.id, whole.id}
    assert folder.state.status == "died"  # since its state cannot be read
    assert folder.metrics()
    assert folder.log_tail()
    assert About.read(folder.path) == About()
    assert execute(folder).status == "done"
    assert execute(whole).status == "done"
    assert numbers(folder) == numbers(whole)


def test_a_damaged_run_json_is_a_sentence_and_hides_no_other_run(runs: Path) -> None:
    damaged, other = RunFolder.create(SMALL), RunFolder.create(SMALL.model_copy(update={"seed": 1}))
    damaged.file("run.json").write_bytes(TORN)
    result, problems = find_runs()
    assert [run.id for run in result] == [other.id]
    assert len(problems) == 1
    assert problems[0].startswith(f"Cannot read {damaged.id}/run.json: ")


@pytest.mark.slow
def test_clock_set_back_changes_no_number(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is set back changes no number and hides no run."""
    folder, whole = RunFolder.create(SMALL), RunFolder.create(SMALL.model_copy(update={"store_images": False}))
    stopped_at(folder, 5, monkeypatch)
    now = time.time
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now() - 86_400)
        assert folder.state.status == "cancelled"
        assert execute(folder).status == "done"
        assert {run.id for run in find_runs()[0]} == {folder.id, whole.id}
    assert execute(whole).status == "done"
    assert numbers(folder) == numbers(whole)
    seconds = [record["seconds"] for record in folder.metrics()]
    assert seconds == sorted(seconds)
