"""Only regular files of a bounded size are read, and no reader waits for a pipe."""

import ast
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.files import copy, open_regular, read_bytes, read_json
from glico.places import cache_directory
from glico.runs.folder import RunFolder, find_runs
from glico.runs.naming import About

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in its file system")


def a_pipe(path: Path) -> Path:
    """A named pipe to which nobody writes: whoever opens it as a file waits for ever."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    return path


def outcome(read: Callable[[], Any]) -> Any:
    """Return the result of ``read``, or the error that it raises; the test fails if it waits."""
    result: list[Any] = []

    def work() -> None:
        try:
            result.append(read())
        except (GlicoError, OSError) as error:
            result.append(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(60)
    assert result, "it waits for the pipe, or raised something that nobody catches"
    return result[0]


@pytest.fixture
def run(own_places: Path) -> RunFolder:
    return RunFolder.create(TrainConfig(samples_per_class=2))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "it is a folder, and a file is needed"),
        (lambda path: os.mkfifo(path), "it is a pipe, and a file is needed"),
        (lambda path: socket.socket(socket.AF_UNIX).bind(str(path)), "it is a socket, and a file is needed"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device, and a file is needed"),
        (lambda path: path.write_bytes(bytes(2**20 + 1)), "it has more than 1 MiB of JSON; GLICO_LIMIT_JSON_MIB=N"),
    ],
    ids=["folder", "pipe", "socket", "device", "large"],
)
def test_only_regular_files_of_a_bounded_size_are_opened(
    make: Callable[[Path], object], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket has to be short
    monkeypatch.setenv("GLICO_LIMIT_JSON_MIB", "1")
    path = Path("x")
    make(path)
    for read in (open_regular, read_bytes):
        error = outcome(lambda read=read: read(path, "json_mib"))
        assert isinstance(error, OSError)
        assert words in error.strerror


def test_file_without_size_is_read_up_to_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's files say that they are empty; one of them has all of the machine's memory."""
    monkeypatch.setenv("GLICO_LIMIT_JSON_MIB", "1")
    assert outcome(lambda: read_bytes("/proc/self/status", "json_mib")).startswith(b"Name:")
    monkeypatch.setattr("glico.files.limit", lambda name: 0)
    assert "more than" in str(outcome(lambda: read_bytes("/proc/self/status", "json_mib")))


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "x" * 5000])
def test_a_name_that_no_file_can_have_is_an_error_like_any_other(name: str) -> None:
    assert isinstance(outcome(lambda: open_regular(name, "json_mib")), OSError)


def test_pipe_in_run_folder_blocks_nothing(run: RunFolder) -> None:
    """No other run is hidden, and no reader waits."""
    for name in ("state.json", "result.json", "about.json", "metrics.jsonl", "log.txt"):
        a_pipe(run.file(name))
    assert outcome(lambda: run.state).status in ("queued", "died")
    assert outcome(lambda: run.result) is None
    assert outcome(lambda: About.read(run.path)) == About()
    assert outcome(run.metrics) == []
    assert outcome(run.log_tail) == []
    other = RunFolder.create(TrainConfig(samples_per_class=3))
    a_pipe(run.file("run.json"))
    result, problems = outcome(find_runs)
    assert [folder.id for folder in result] == [other.id]
    assert len(problems) == 1


def readers(tmp_path: Path) -> Iterator[tuple[str, Callable[[Path], Any]]]:
    """Everything that reads a file of one's own, by the suffix that it takes the file for."""
    from glico.checkpoints.checkpoint import Checkpoint
    from glico.checkpoints.dcgan import DcganFile
    from glico.checkpoints.latent_space import LatentSpace
    from glico.checkpoints.trained_classifier import TrainedClassifier
    from glico.cli.arguments import _from_file
    from glico.cli.outcome import BadArguments
    from glico.data import load_dataset
    from glico.data.download import file_md5
    from glico.data.index_file import read_indices
    from glico.evaluation.statistics import read_hits
    from glico.models.weights import read_weights
    from glico.runs.kinds import digest

    def config_file(path: Path) -> object:
        with pytest.raises(BadArguments) as caught:
            _from_file(str(path), TrainConfig)
        return GlicoError(str(caught.value))

    yield ".json", config_file
    yield ".json", read_json
    yield ".txt", lambda path: read_indices(str(path), load_dataset("digits"))
    yield ".zip", load_dataset
    yield ".npz", load_dataset
    yield ".csv", load_dataset
    yield ".safetensors", Checkpoint.load
    yield ".safetensors", LatentSpace.load
    yield ".safetensors", DcganFile.load
    yield ".safetensors", TrainedClassifier.load
    yield ".safetensors", read_weights
    yield ".pth", read_weights
    yield ".npz", read_hits
    yield ".bin", file_md5
    yield ".bin", digest
    yield ".bin", lambda path: copy(path, tmp_path / "copied")


def test_no_reader_waits_for_a_pipe(tmp_path: Path) -> None:
    for number, (suffix, read) in enumerate(readers(tmp_path)):
        path = a_pipe(tmp_path / f"{number}{suffix}")
        result = outcome(lambda read=read, path=path: read(path))
        assert result is None or isinstance(result, GlicoError | OSError), (number, suffix, result)


def test_images_and_tables_that_lead_to_a_pipe_are_named(tmp_path: Path) -> None:
    from PIL import Image

    from glico.data import load_dataset

    top = tmp_path / "mine"
    for name in ("a", "b"):
        (top / name).mkdir(parents=True)
        for i in range(4):
            Image.new("L", (8, 8), i).save(top / name / f"{i}.png")
    (top / "a" / "0.png").unlink()
    (top / "a" / "0.png").symlink_to(a_pipe(tmp_path / "pipe"))
    error = outcome(lambda: load_dataset(top))
    assert "0.png cannot be read as an image (it is a pipe, and a file is needed)" in str(error)
    (top / "labels.csv").symlink_to(tmp_path / "pipe")
    assert isinstance(outcome(lambda: load_dataset(top)), GlicoError | OSError)


def test_what_is_kept_in_the_cache_is_no_trap(own_places: Path) -> None:
    from glico.latent import projection_cache
    from glico.runs import projecting, unseen

    name = "0" * 32
    a_pipe(projection_cache.directory() / f"{name}.npz")
    a_pipe(projection_cache.directory() / f"{name}.json")
    assert outcome(lambda: projection_cache.find(name)) is None
    assert outcome(lambda: projecting.status(name)) is None
    a_pipe(unseen.directory() / f"{name}.npz")
    assert outcome(lambda: unseen.find(name)) is None
    assert cache_directory() in (projection_cache.directory() / name).parents


# -- nobody opens a file otherwise

LIBRARIES = {"np", "torch", "Image", "tarfile"}  # whose load and open take a file
EXCEPTIONS = {
    "glico/files.py": "it is the place",
    "glico/runs/lock.py": "a lock is a file that is opened to be locked",
    "glico/runs/process.py": "the log that a process writes",
    "glico/runs/warm.py": "the log that a process writes",
    "glico/data/decoding.py:Image.open": "it is given the opened file",
    "glico/experiments/document_tables.py": "it fills in the documents of a checkout",
    "glico/data/known/cifar.py:ZipFile": "it is given the opened file",
    "glico/data/known/cifar.py:tarfile.open": "it is given the opened file",
}
OWN_FILES = ("glico/web/", "app/components/", "glico/api/widget.py")  # scripts and styles of this package


def opened_otherwise(path: Path) -> Iterator[str]:
    """The calls in a module that read a file that open_regular has not opened."""
    tree = ast.parse(path.read_text("utf-8"))
    guarded = {
        id(call)
        for block in ast.walk(tree)
        if isinstance(block, ast.With)
        and "open_regular(" in ast.unparse(ast.Tuple([i.context_expr for i in block.items]))
        for call in ast.walk(block)
    }
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or id(call) in guarded:
            continue
        name, words = ast.unparse(call.func), ast.unparse(call)
        owner, _, method = name.rpartition(".")
        reads = method in ("read_text", "read_bytes") and owner != ""
        reads |= method == "open" and (not owner or owner == "os" or "'rb'" in words) and "O_WRONLY" not in words
        reads |= owner in LIBRARIES and method in ("load", "open")
        reads |= method in ("safe_open", "load_file") or (method == "ZipFile" and "'w'" not in words)
        if reads and f"{path.relative_to(ROOT).as_posix()}:{name}" not in EXCEPTIONS:
            yield f"{path.relative_to(ROOT)}:{call.lineno} {words[:80]}"


def test_nobody_opens_a_file_for_reading_otherwise() -> None:
    modules = [*(ROOT / "glico").rglob("*.py"), *(ROOT / "app").rglob("*.py"), ROOT / "streamlit_app.py"]
    result = [
        words
        for path in modules
        if (name := path.relative_to(ROOT).as_posix()) not in EXCEPTIONS and not name.startswith(OWN_FILES)
        for words in opened_otherwise(path)
    ]
    assert not result
