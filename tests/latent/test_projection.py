"""Laws of projections: shape, repeatability, alignment, the film, and their life on disk and in a process."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ProjectConfig, TrainConfig
from glico.errors import GlicoError
from glico.latent import projection, projection_cache
from glico.latent.structure import trustworthiness
from glico.runs import projecting

METHODS = ("umap", "tsne", "pca")


def clustered(spread: float, count: int = 60, seed: int = 0) -> np.ndarray:
    """Codes (count, 128) of ten classes in turn around the same ten centres."""
    centres = np.random.default_rng(1).normal(size=(10, 128))
    codes = centres[np.arange(count) % 10] + spread * np.random.default_rng(seed).normal(size=(count, 128))
    return (codes / np.linalg.norm(codes, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def pair() -> list[np.ndarray]:
    return [clustered(2.5), clustered(1.0, seed=2)]


@pytest.fixture(scope="module", params=METHODS)
def laid_out(request, pair) -> tuple[ProjectConfig, list[np.ndarray]]:
    config = ProjectConfig(method=request.param)
    return config, projection.project(pair, config)


def test_layouts_are_finite_centred_and_true_to_the_codes(laid_out, pair):
    config, layouts = laid_out
    for layout in layouts:
        assert layout.shape == (60, 2)
        assert layout.dtype == np.float32
        assert np.isfinite(layout).all()
        np.testing.assert_allclose(layout.mean(axis=0), 0, atol=1e-4)
    assert trustworthiness(pair[1], layouts[1]) > (0.75 if config.method == "pca" else 0.9)


def test_a_class_stays_in_its_place(laid_out):
    _, layouts = laid_out
    centres = [np.stack([layout[k::10].mean(axis=0) for k in range(10)]) for layout in layouts]

    def moved(turned: np.ndarray) -> float:
        return float(np.linalg.norm(centres[0] - turned, axis=1).mean())

    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    turns = [
        np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ np.diag([1, s]) for a in angles for s in (1, -1)
    ]
    assert moved(centres[1]) < 1.05 * min(moved(centres[1] @ turn) for turn in turns)


def test_codes_fall_on_themselves_and_strangers_between(laid_out, pair):
    config, layouts = laid_out
    placed = projection.place(pair[1], pair[1], layouts[1], config)
    np.testing.assert_allclose(placed, layouts[1], atol=1e-3 * np.abs(layouts[1]).max())
    middle = pair[1][0] + pair[1][10]
    middle = (middle / np.linalg.norm(middle))[None]
    found = projection.place(middle, pair[1], layouts[1], config)[0]
    class_spread = np.linalg.norm(layouts[1][0::10] - layouts[1][0::10].mean(axis=0), axis=1).max()
    assert np.linalg.norm(found - layouts[1][0::10].mean(axis=0)) <= class_spread + 1e-3


def test_film_ends_in_the_map(laid_out, pair):
    config, layouts = laid_out
    film = projection.film(np.stack([clustered(9.0, seed=3), pair[1]]).astype(np.float32), pair[1], layouts[1], config)
    assert film.shape == (2, 60, 2)
    np.testing.assert_allclose(film[-1], layouts[1], atol=1e-3 * np.abs(layouts[1]).max())
    spread = [
        np.mean([frame[k::10].std(axis=0).mean() for k in range(10)]) / frame.std(axis=0).mean() for frame in film
    ]
    assert spread[0] > 1.3 * spread[1]  # classes are mixed at the start and apart in the end


def test_same_seed_same_layout_and_progress_rises_to_one(laid_out, pair):
    config, layouts = laid_out
    told: list[float] = []
    again = projection.project(pair, config, lambda stage, fraction: told.append(fraction))
    for first, second in zip(layouts, again, strict=True):
        np.testing.assert_array_equal(first, second)
    assert told == sorted(told)
    assert told[-1] == 1
    assert config.method != "umap" or len(told) > 50


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [2, 4, 7])
def test_few_codes_and_three_dimensions(method, count):
    codes = clustered(1.0, count)
    (layout,) = projection.project([codes], ProjectConfig(method=method, components=3))
    assert layout.shape == (count, 3)
    assert np.isfinite(layout).all()


@pytest.mark.parametrize("laid_out", ["umap"], indirect=True)
def test_minimum_distance_reaches_aligned_umap(laid_out, pair):
    _, layouts = laid_out
    loose = projection.project(pair, ProjectConfig(minimum_distance=0.9))
    assert gap(loose[1]) > 2 * gap(layouts[1])


def gap(layout: np.ndarray) -> float:
    """Median distance of a point from its nearest one."""
    squares = ((layout[:, None] - layout[None]) ** 2).sum(axis=2) + 1e9 * np.eye(len(layout))
    return float(np.sqrt(np.median(squares.min(axis=1))))


def test_rotation_undoes_a_turn():
    layout = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    turned = (layout @ turn).astype(np.float32)
    np.testing.assert_allclose(turned @ projection.rotation(turned, layout), layout, atol=1e-5)


def test_key_follows_the_content_alone(pair):
    name = projection_cache.key(pair, ProjectConfig())
    assert name == projection_cache.key([codes.copy() for codes in pair], ProjectConfig(perplexity=50))
    others = [
        projection_cache.key(pair[::-1], ProjectConfig()),
        projection_cache.key(pair, ProjectConfig(neighbours=5)),
        projection_cache.key(pair, ProjectConfig(method="tsne")),
        projection_cache.key(pair, ProjectConfig(components=3)),
        projection_cache.key([pair[0], pair[1] + np.float32(1e-6)], ProjectConfig()),
    ]
    assert len({name, *others}) == 6


def test_found_again_and_a_damaged_file_is_as_none(tmp_path, monkeypatch, pair):
    monkeypatch.setenv("GLICO_CACHE", str(tmp_path))
    made = projecting.compute(pair, ProjectConfig(method="pca"))
    assert projection_cache.find("name") is None
    path = projection_cache.save("name", made, projection_cache.directory())
    found = projection_cache.find("name")
    assert found is not None
    assert found.trustworthiness == pytest.approx(made.trustworthiness)
    np.testing.assert_array_equal(found.layouts[1], made.layouts[1])
    np.testing.assert_array_equal(found.nearest[1], made.nearest[1])
    path.write_bytes(path.read_bytes()[:-200])
    assert projection_cache.find("name") is None


@pytest.fixture
def checkpoint(tmp_path, monkeypatch) -> str:
    monkeypatch.setenv("GLICO_CACHE", str(tmp_path / "cache"))
    codes = torch.from_numpy(clustered(1.0))
    path = tmp_path / "some.safetensors"
    Checkpoint(
        config=TrainConfig(), class_names=("a",), image_shape=(8, 8, 1), codes=codes,
        labels=torch.zeros(60, dtype=torch.int64), indices=torch.arange(60), generator={"w": torch.zeros(1)},
        snapshots=codes[None].half(), snapshot_steps=torch.tensor([0]),
    ).save(path)  # fmt: skip
    return str(path)


def test_a_process_of_its_own_leaves_the_projection(checkpoint):
    sources, config = [projecting.CodesOf(checkpoint), projecting.CodesOf(checkpoint, 0)], ProjectConfig(method="pca")
    codes = [source.load() for source in sources]
    name = projection_cache.key(codes, config)
    assert projecting.status(name) is None
    projecting.start(name, sources, config)
    told = projecting.status(name)
    assert told is not None
    assert told.error == ""
    projecting.start(name, sources, config)  # a second start of a living one does nothing
    wait(lambda: projecting.status(name) is None)
    found = projection_cache.find(name)
    assert found is not None
    np.testing.assert_array_equal(found.layouts[0], projecting.compute(codes, config).layouts[0])
    assert sorted(path.suffix for path in projection_cache.directory().iterdir()) == [".launch", ".lock", ".npz"]


def test_a_process_that_fails_or_is_killed_says_so(checkpoint):
    config = ProjectConfig(method="pca")
    projecting.start("failing", [projecting.CodesOf(checkpoint, 7)], config)
    wait(lambda: "there is no number 7" in projecting.status("failing").error)
    projecting.start("killed", [projecting.CodesOf(checkpoint)], ProjectConfig())
    os.kill(number_of('"name": "killed"'), signal.SIGKILL)
    wait(lambda: "stopped" in projecting.status("killed").error)
    projecting.start("killed", [projecting.CodesOf(checkpoint)], config)
    wait(lambda: projection_cache.find("killed") is not None)


def test_a_snapshot_that_is_not_there_is_one_sentence(checkpoint):
    with pytest.raises(GlicoError, match="has 1 snapshots"):
        projecting.CodesOf(checkpoint, 3).load()


def number_of(words: str) -> int:
    """The number of the process that has these words among its arguments."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if words.encode() in (process / "cmdline").read_bytes():
                return int(process.name)
    raise AssertionError(f"no process has {words} among its arguments")


def wait(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
