"""Laws of a checkpoint's morphs: whose fields they are, where they are kept, and what joins what."""

from pathlib import Path

import numpy as np
import pytest
import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.errors import GlicoError
from glico.latent import field_cache, morphs, registrations
from glico.latent.distances import feature_distance
from glico.latent.measured import PathRequest, PathSource, measured_paths, measured_surface, path_frames
from glico.latent.morphs import Morphs, path_source, stored_fields
from glico.morph.registration import register
from glico.pixels import to_array, to_float, to_uint8


@pytest.fixture(scope="module")
def checkpoint(tiny_runs: Path) -> Checkpoint:
    return Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")


@pytest.fixture
def source(checkpoint: Checkpoint) -> PathSource:
    return path_source(checkpoint.opened)


def rows_of(checkpoint: Checkpoint, label: int) -> list[int]:
    return (checkpoint.labels == label).nonzero()[:, 0].tolist()


def test_fields_of_a_class_do_not_depend_on_other_classes(checkpoint: Checkpoint, source: PathSource) -> None:
    """They are those of the class's images alone."""
    own = rows_of(checkpoint, 2)
    result = source.morphs.fields(own[:2])
    assert not result.guess
    assert torch.equal(result.knots, register(to_float(source.training.images[own]))[:2])


def test_fields_are_kept_on_disk_and_not_found_twice(checkpoint: Checkpoint, source: PathSource, monkeypatch) -> None:
    """A second opening reads the file; a damaged or unsound one is found again."""
    own = rows_of(checkpoint, 1)
    first = source.morphs.fields(own[:2]).knots
    with monkeypatch.context() as without:
        without.setattr(morphs, "register", None)
        assert torch.equal(path_source(checkpoint.opened).morphs.fields(own[:2]).knots, first)
    images = source.training.images[own]
    (file,) = field_cache.directory().glob("*.npz")
    for broken in (np.full((len(own), 2, 8, 8), np.nan), np.full((len(own), 2, 8, 8), 9.0), np.zeros((1, 2, 8, 8))):
        field_cache.save(field_cache.key(images), broken.astype(np.float32))
        assert stored_fields(images) is None
    file.write_bytes(b"damaged")
    assert stored_fields(images) is None
    assert torch.equal(path_source(checkpoint.opened).morphs.fields(own[:2]).knots, first)


def test_fields_have_a_limit_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go first."""
    monkeypatch.setenv("GLICO_LIMIT_FIELDS_MIB", "1")
    for name in ("a", "b", "c"):
        field_cache.save(name, np.zeros((1000, 2, 8, 8), np.float32))
    assert len(list(field_cache.directory().glob("*.npz"))) == 2


def test_images_of_several_classes_are_a_guess(checkpoint: Checkpoint, source: PathSource) -> None:
    """Across classes, and for unlabelled images, the images are registered with each other."""
    across = [rows_of(checkpoint, 0)[0], rows_of(checkpoint, 1)[0]]
    assert source.morphs.is_guess(across)
    assert source.morphs.fields(across).guess
    assert not list(field_cache.directory().glob("*.npz"))
    unlabelled = Morphs(source.training.images, np.full(len(source.training.labels), -1))
    assert unlabelled.fields([0, 1]).guess


def test_best_pairs_are_of_one_class_and_not_the_most_alike(checkpoint: Checkpoint, source: PathSource) -> None:
    """They come best first, and each is among the half of its class's pairs that are farther apart."""
    pairs = source.morphs.best_pairs([0, 1], 8)
    assert [score for *_, score in pairs] == sorted((score for *_, score in pairs), reverse=True)
    images = to_float(source.training.images).flatten(1)
    for a, b, score in pairs:
        own = rows_of(checkpoint, int(checkpoint.labels[a]))
        assert b in own
        assert (images[a] - images[b]).norm() >= torch.pdist(images[own]).median() - 1e-4
        assert 0 <= score <= 1
    assert source.morphs.best_pairs([], 8) == []


def test_new_image_leaves_the_class_as_it_is(checkpoint: Checkpoint, source: PathSource) -> None:
    """A photograph gets a field of its own in the frame of the class at the other end."""
    own, images = rows_of(checkpoint, 3), source.training.images
    joined = Morphs(np.concatenate([images, images[own[:1]]]), np.append(source.training.labels, -1), new=1)
    result = joined.fields([own[1], len(images)])
    assert not result.guess
    assert torch.equal(result.knots[0], source.morphs.fields(own[:2]).knots[1])
    assert joined.fields([len(images), len(images)]).guess


def test_class_of_one_image_is_morphed_by_a_guess(source: PathSource) -> None:
    """Its class has no frame of its own."""
    lonely = Morphs(source.training.images[:3], np.array([0, 1, 1]))
    assert lonely.fields([0, 0]).guess


@pytest.mark.parametrize("most", [2, 3])
def test_large_class_is_registered_in_part(checkpoint: Checkpoint, source: PathSource, monkeypatch, most: int) -> None:
    """Images beyond the limit are registered with those within it."""
    monkeypatch.setattr(registrations, "MOST", most)
    own = rows_of(checkpoint, 4)
    result = source.morphs.fields(own)
    assert len(result.knots) == len(own)
    assert not result.guess
    assert len(source.morphs.of_class(4)) == most


def test_ends_are_the_generated_or_the_original_images(checkpoint: Checkpoint, source: PathSource) -> None:
    """A law: t = 0 and t = 1 are the ends' images, pixel by pixel, on every piece."""
    rows = (*rows_of(checkpoint, 0)[:2], rows_of(checkpoint, 5)[0])
    t = np.linspace(0, 1, 9)
    for ends, images in (
        ("generated", source.checkpoint.decode(source.checkpoint.space.codes[list(rows)])),
        ("original", to_array(source.training.images[list(rows)])),
    ):
        codes, frames = path_frames(source, PathRequest(rows, 5, ends=ends), "morph", t)
        assert codes is None
        assert np.array_equal(frames[[0, 4, 8]], images)


def test_originals_are_refused_where_there_are_none(checkpoint: Checkpoint, source: PathSource) -> None:
    """One sentence that says what to do instead."""
    without = PathSource(
        source.checkpoint, source.training, Morphs(source.training.images, source.training.labels, False)
    )
    with pytest.raises(GlicoError, match="Morph the generated images"):
        path_frames(without, PathRequest((0, 1), 3, ends="original"), "morph", np.array([0.0, 1.0]))


def test_every_path_is_measured(checkpoint: Checkpoint, source: PathSource) -> None:
    """A morph has no codes; double exposure and detail are measured on all three."""
    rows = tuple(rows_of(checkpoint, 7)[:3])
    _, steps = feature_distance(checkpoint.config, checkpoint.image_shape[0])
    result = measured_paths(source, PathRequest(rows, 5, noise="fixed"), steps)
    assert list(result) == ["slerp", "lerp", "morph"]
    assert result["morph"].norm is None
    assert result["morph"].code_neighbour is None
    assert result["morph"].probabilities is not None
    for path in result.values():
        np.testing.assert_allclose(path.double_exposure[[0, 4, 8]], 0, atol=1e-5)
        np.testing.assert_allclose(path.detail[[0, 4, 8]], 1, rtol=1e-4)
    assert list(measured_paths(PathSource(source.checkpoint, source.training), PathRequest(rows, 3), steps)) == [
        "slerp",
        "lerp",
    ]


def test_surface_of_three_or_four_images_is_morphed(checkpoint: Checkpoint, source: PathSource) -> None:
    """Its corners are the images; other numbers are refused."""
    rows = rows_of(checkpoint, 6)[:4]
    result = measured_surface(source, rows, 3)["morph"]
    assert result.images.shape[0] == 9
    generated = to_uint8(source.checkpoint.decode(source.checkpoint.space.codes[rows]))
    np.testing.assert_array_equal(result.images[[0, 2, 6, 8]], generated)
    for wrong in (rows[:2], [*rows, rows[0]]):
        with pytest.raises(GlicoError, match="three or four"):
            measured_surface(source, wrong, 3, ["morph"])
