"""Caches outside the runs: bounded in bytes, shown and deleted by ``glico clean``, never a file that a run needs."""

import json
import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from app.session import uploads
from glico.cli.main import main
from glico.config import ProjectConfig, TrainConfig
from glico.errors import GlicoError
from glico.files import evict
from glico.latent import projection_cache
from glico.latent.export import path_film
from glico.latent.projection import film
from glico.latent.projection_cache import Projection
from glico.places import cache_directory, uploads_directory
from glico.runs.folder import RunFolder
from glico.runs.lock import Lock
from glico.web.modules import offline_page


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, dict[str, int]]:
    assert main(["clean", *arguments, "--json"]) == 0
    result: dict[str, dict[str, int]] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return result


def write(path: Path, count: int, used: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(count))
    os.utime(path, (used, used))
    return path


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    files = [write(tmp_path / str(i), 100, used=10 - i) for i in range(5)]
    evict([*files, tmp_path / "gone"], 250)
    assert [path.exists() for path in files] == [True, True, False, False, False]


def test_projections_have_a_limit_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = np.zeros((60_000, 2), np.float32)  # 0.5 MB
    projection = Projection((layout,), (np.zeros((60_000, 0), np.int32),), (1.0,))
    place = projection_cache.directory()
    monkeypatch.setenv("GLICO_LIMIT_PROJECTIONS_MIB", "1")
    for age, name in enumerate(("old", "older")):
        os.utime(projection_cache.save(name, projection, place), (100 - age,) * 2)
    assert projection_cache.find("older") is not None  # and so it is used later than the other
    projection_cache.save("new", projection, place)
    assert sorted(path.stem.split("-")[0] for path in place.glob("*.npz")) == ["new", "older"]


def test_clean_shows_bytes_and_removes_what_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    kept = cache_directory()
    write(kept / "projections" / "a.npz", 10)
    write(kept / "fields" / "b.npz", 5)
    write(kept / "numba" / "1" / "x.nbi", 200)
    write(kept / "cifar" / "data" / "batch", 3000)
    write(uploads_directory() / "ab" / "mine.zip", 40_000)
    sizes = {"projections": 10, "fields": 5, "compiled": 200, "downloads": 3000, "uploads": 40_000}
    assert output_of(capsys)["bytes"] == sizes
    assert output_of(capsys, "downloads", "compiled")["freed"] == {"compiled": 200, "downloads": 3000}
    assert output_of(capsys)["bytes"] == sizes | {"compiled": 0, "downloads": 0}
    assert output_of(capsys, "all")["freed"]["uploads"] == 40_000
    assert not any(output_of(capsys)["bytes"].values())
    assert not list(uploads_directory().iterdir())
    assert main(["clean", "everything"]) == 2


def test_clean_spares_inputs_of_runs_and_living_processes(capsys: pytest.CaptureFixture[str]) -> None:
    """The command clean deletes no input of a run, and nothing that a process is computing."""
    mine = write(uploads_directory() / "ab" / "mine.zip", 10)
    other = write(uploads_directory() / "cd" / "other.zip", 10)
    RunFolder.create(TrainConfig(dataset=str(mine)))
    lock = Lock.acquire(write(projection_cache.directory() / "x.lock", 0))
    request = write(projection_cache.directory() / "x.request", 10)
    done = write(projection_cache.directory() / "y.npz", 10)
    output_of(capsys, "all")
    assert mine.exists()
    assert request.exists()
    assert not other.exists()
    assert not done.exists()
    assert lock is not None
    lock.release()


def test_uploads_have_a_limit_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLICO_LIMIT_UPLOADS_MIB", "1")
    assert uploads.store("a.zip", BytesIO(bytes(2**20))).exists()
    with pytest.raises(GlicoError, match=r"b\.zip.* more than 1 MiB of uploads.*GLICO_LIMIT_UPLOADS_MIB=N"):
        uploads.store("b.zip", BytesIO(bytes(2**20 + 1)))
    assert [path.name for path in uploads.stored()] == ["a.zip"]


def test_what_is_made_for_a_person_has_limits(tiny_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from glico.checkpoints.checkpoint import Checkpoint

    model = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    frames = np.zeros((12, 128, 128, 3), np.uint8)
    codes = np.eye(100, 8, dtype=np.float32)
    snapshots, layout = np.zeros((20, 100, 8), np.float16), np.zeros((100, 2), np.float32)
    made = {
        "generated_megapixels": lambda: model.decoder()(model.codes[:1].repeat(9000, 1)),
        "film_megapixels": lambda: path_film({"slerp": frames}, "mp4"),
        "film_points": lambda: film(snapshots, codes, layout, ProjectConfig()),
        "export_mib": lambda: offline_page("title", "", "", "", {"pixels": "x" * 2**21}),
    }
    for name, make in made.items():
        make()
        monkeypatch.setenv(f"GLICO_LIMIT_{name.upper()}", "1")
        with pytest.raises(GlicoError, match=f"the limit; GLICO_LIMIT_{name.upper()}=N in the environment raises it"):
            make()
