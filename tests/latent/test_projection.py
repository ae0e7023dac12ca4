"""Laws of projections: shape, repeatability, alignment, the film, and their life on disk and in a process."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from holding import Barrier, until

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ProjectConfig
from glico.latent import projection, projection_cache
from glico.latent.structure import trustworthiness
from glico.places import SHIPPED
from glico.runs import projecting
from glico.runs.lock import Lock

METHODS = ("umap", "tsne", "pca")
OTHERS: set[int] = set()  # processes that earlier tests left


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
    placed = projection.transform(pair[1], pair[1], layouts[1], config)
    np.testing.assert_allclose(placed, layouts[1], atol=1e-3 * np.abs(layouts[1]).max())
    middle = pair[1][0] + pair[1][10]
    middle = (middle / np.linalg.norm(middle))[None]
    result = projection.transform(middle, pair[1], layouts[1], config)[0]
    class_spread = np.linalg.norm(layouts[1][0::10] - layouts[1][0::10].mean(axis=0), axis=1).max()
    assert np.linalg.norm(result - layouts[1][0::10].mean(axis=0)) <= class_spread + 1e-3


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
    """The process keeps its number of threads, on which results of PyTorch depend."""
    config, layouts = laid_out
    fractions: list[float] = []
    torch.set_num_threads(3)
    again = projection.project(pair, config, lambda fraction, stage: fractions.append(fraction))
    for first, second in zip(layouts, again, strict=True):
        np.testing.assert_array_equal(first, second)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert torch.get_num_threads() == 3


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [2, 4, 7])
def test_few_codes_and_three_dimensions(method, count):
    codes = clustered(1.0, count)
    (layout,) = projection.project([codes], ProjectConfig(method=method, components=3))
    assert layout.shape == (count, 3)
    assert np.isfinite(layout).all()


@pytest.mark.parametrize("laid_out", ["umap"], indirect=True)
def test_minimum_distance_spaces_the_points_of_both_maps(laid_out, pair):
    _, layouts = laid_out
    tight = projection.project(pair, ProjectConfig(minimum_distance=0.1))
    assert gap(layouts[1]) > 2 * gap(tight[1])


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
    result = projection_cache.find("name")
    assert result is not None
    assert result.trustworthiness == pytest.approx(made.trustworthiness)
    np.testing.assert_array_equal(result.layouts[1], made.layouts[1])
    np.testing.assert_array_equal(result.nearest[1], made.nearest[1])
    path.write_bytes(path.read_bytes()[:-200])
    assert projection_cache.find("name") is None


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GLICO_CACHE", str(tmp_path))
    OTHERS.update(living_children())
    return projection_cache.directory()


@pytest.mark.slow
def test_a_process_of_its_own_leaves_the_projection_alone(cache, pair):
    config = ProjectConfig(method="pca")
    assert projecting.status("name") is None
    projecting.start("name", pair, config)
    status = projecting.status("name")
    assert status is not None
    assert status.error == ""
    projecting.start("name", pair, config)  # a second start of a living one does nothing
    until(lambda: projecting.status("name") is None)
    result = projection_cache.find("name")
    assert result is not None
    np.testing.assert_array_equal(result.layouts[0], projecting.compute(pair, config).layouts[0])
    assert sorted(path.suffix for path in cache.iterdir()) == [".launch", ".lock", ".npz"]


@pytest.mark.slow
def test_failed_or_killed_projection_can_be_restarted(cache, pair, tmp_path, monkeypatch):
    """Its status has the reason."""
    projecting.start("failing", [pair[0], pair[1][:7]], ProjectConfig())
    until(lambda: "Error" in projecting.status("failing").error)
    until(lambda: not living_children())  # it holds its slot until it has ended
    barrier = Barrier(tmp_path, monkeypatch)
    projecting.start("killed", pair, ProjectConfig())
    os.kill(living_children()[-1], signal.SIGKILL)
    until(lambda: "stopped" in projecting.status("killed").error)
    barrier.lift()
    projecting.start("killed", pair, ProjectConfig())
    until(lambda: projection_cache.find("killed") is not None)
    until(lambda: not living_children())  # none is left, not even as a zombie


@pytest.mark.slow
def test_projections_run_in_order_and_end_if_unwatched(cache, pair, monkeypatch):
    """First come, first served; one that nobody watches is cancelled."""
    monkeypatch.setattr(projecting, "slots", lambda: 1)
    cache.mkdir(parents=True)
    blocking = Lock.acquire(cache / "working.lock")
    projecting._write("working", projecting.Status("laying out", 0.5, 1.0))
    for name in ("first", "second", "third"):
        projecting.start(name, pair, ProjectConfig(method="pca"))
    assert "waiting for 3" in projecting.status("third").stage
    assert not living_children()
    os.utime(cache / "first.wanted", (1, 1))  # nobody has asked for it since
    assert "waiting for 2" in projecting.status("third").stage
    blocking.release()
    (cache / "working.json").unlink()
    assert "waiting for 1" in projecting.status("third").stage
    until(lambda: [projecting.status(name) for name in ("second", "third")] == [None, None])  # both are watched
    assert projection_cache.find("second") is not None
    assert projection_cache.find("third") is not None
    assert projection_cache.find("first") is None


@pytest.mark.slow
def test_a_process_leaves_when_nobody_asks_for_it_any_more(cache, pair, tmp_path, monkeypatch):
    Barrier(tmp_path, monkeypatch)  # it would work for ever
    projecting.start("long", pair, ProjectConfig())
    (child,) = living_children()
    os.utime(cache / "long.wanted", (1, 1))
    until(lambda: child not in living_children())
    assert projection_cache.find("long") is None
    assert sorted(path.suffix for path in cache.iterdir()) == [".launch", ".lock"]
    assert projecting.status("long") is None


@pytest.mark.parametrize("begins", [True, False])
def test_what_changes_while_it_is_looked_at_is_no_failure(cache, monkeypatch, begins: bool) -> None:
    """Another session starts a projection, or it ends, between the two looks: at its progress and at its lock."""
    cache.mkdir(parents=True)
    projecting._write("name", projecting.Status(projecting.WAITING if begins else "laying out", 0.5, 1.0))

    def change(lock: Path) -> bool:
        monkeypatch.setattr(projecting, "is_alive", lambda lock: begins)
        if begins:
            projecting._write("name", projecting.Status("starting", 0.0, 1.0))
        else:
            (cache / "name.json").unlink()
        return False

    monkeypatch.setattr(projecting, "is_alive", change)
    result = projecting.status("name")
    assert (result and (result.stage, result.error)) == (("starting", "") if begins else None)
    assert not (cache / "name.wanted").exists(), "nothing is left of what has ended"


def test_layouts_are_kept_by_version_of_umap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pair) -> None:
    """Another version of umap-learn draws other layouts, so it does not find those of this one."""
    monkeypatch.setenv("GLICO_CACHE", str(tmp_path))
    made = projecting.compute(pair, ProjectConfig(method="pca"))
    projection_cache.save("versioned", made, projection_cache.directory())
    assert projection_cache.find("versioned") is not None
    monkeypatch.setattr(projection_cache, "version", lambda name: "99.0")
    assert projection_cache.find("versioned") is None


def test_what_is_open_follows_the_size_of_the_classes():
    def open_ones(*sizes: int, unlabelled: int = 0) -> tuple[int | None, float | None]:
        labels = np.concatenate([np.full(size, k) for k, size in enumerate(sizes)] + [np.full(unlabelled, -1)])
        config = projection.suited(ProjectConfig(), labels.astype(np.int64))
        return config.neighbours, config.perplexity

    assert open_ones(10, 10, 10) == (10, 10)
    assert open_ones(6, 8, 40) == (8, 8)
    assert open_ones(2, 2) == (5, 5)
    assert open_ones(100, 100) == open_ones(unlabelled=50) == (15, 15)
    assert projection.suited(ProjectConfig(neighbours=3), np.zeros(9, np.int64)).neighbours == 3


def living_children() -> list[int]:
    """The process ids of this process's children that compute projections, zombies too."""
    result = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = path.read_text().rsplit(")", 1)
            pid, command = int(path.parent.name), path.with_name("cmdline").read_bytes()  # empty for a zombie
            ours = not command or b"glico.runs.projecting\0" in command
            if int(rest.split()[1]) == os.getpid() and "python" in name and ours and pid not in OTHERS:
                result.append(pid)
        except OSError:
            continue
    return sorted(result)


@pytest.mark.parametrize("name", ["digits", "cifar10"])
def test_points_of_the_shipped_maps_are_a_mark_apart(name: str) -> None:
    """At 1440 pixels, half of the points are at least a mark away from their nearest, in both maps."""
    pair = [Checkpoint.load(SHIPPED / f"{name}-{objective}.safetensors") for objective in ("glo", "glico")]
    codes = [each.codes.float().numpy() for each in pair]
    result = projection_cache.find(
        projection_cache.key(codes, projection.suited(ProjectConfig(), pair[0].labels.numpy()))
    )
    assert result is not None
    side, room, mark = 558, 1.14, 0.76 * (31 / 100**0.22 + 1.5)  # of a map, around the points, and of a point
    both = np.concatenate(result.layouts)
    pixels = side / (room * np.ptp(both, axis=0).max())
    for layout in result.layouts:
        distance = np.linalg.norm(layout[:, None] - layout, axis=2) + np.diag(np.full(len(layout), np.inf))
        assert np.median(distance.min(axis=1)) * pixels >= mark
