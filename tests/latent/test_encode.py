"""A new image onto the sphere: an image that the generator draws is found again, by the laws of the search."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glico.checkpoints.checkpoint import Checkpoint
from glico.cli.main import main
from glico.errors import GlicoError
from glico.latent.encode import (
    encode,
    generalisation,
    measured_errors,
    summary_entry,
    training_errors,
    unseen_images,
)
from glico.latent.encoded import vote
from glico.latent.neighbours import nearest_known
from glico.losses.reconstruction import reconstruction_loss
from glico.pixels import to_float, to_uint8
from glico.places import SHIPPED

PATH = SHIPPED / "digits-glico.safetensors"


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return Checkpoint.load(PATH)


def test_generated_image_is_encoded_at_its_code(checkpoint: Checkpoint) -> None:
    """The search finds the code from which an image was generated."""
    rows = [3, 41, 97]
    result = encode(checkpoint, to_uint8(checkpoint.decoder()(checkpoint.codes[rows])))
    np.testing.assert_allclose(np.linalg.norm(result.codes, axis=1), 1, rtol=1e-5)
    assert result.neighbours[:, 0].tolist() == rows
    assert result.errors.max() < 0.01
    assert result.probabilities is not None
    assert result.probabilities.argmax(axis=1).tolist() == checkpoint.labels[rows].tolist()


def test_error_never_rises_and_ends_at_reported_value(checkpoint: Checkpoint) -> None:
    """The trace holds the best codes so far, so its error never rises."""
    result = encode(checkpoint, checkpoint.images[5:7].numpy(), steps=20)
    assert np.array_equal(result.trace[-1], result.codes)
    fewer = encode(checkpoint, checkpoint.images[5:7].numpy(), steps=2)
    assert (result.errors <= fewer.errors + 1e-6).all()


def test_equal_seeds_give_equal_codes(checkpoint: Checkpoint) -> None:
    """Two searches for the same images agree."""
    images = checkpoint.images[:2].numpy()
    again = [encode(checkpoint, images, steps=5).codes for _ in range(2)]
    assert np.array_equal(*again)


def test_only_foreign_images_are_out_of_range(
    checkpoint: Checkpoint,
) -> None:
    """Unseen images of the trained kind are not flagged; turned, inverted and random ones are."""
    unseen = unseen_images(checkpoint, 10).images
    noise = np.random.RandomState(0).randint(0, 256, (4, *checkpoint.image_shape), dtype=np.uint8)
    result = encode(checkpoint, np.concatenate([unseen, np.rot90(unseen[:4], axes=(1, 2)), 255 - unseen[:2], noise]))
    assert result.out_of_range.tolist() == [False] * 10 + [True] * 10
    assert result.percentiles.min() > 0.9  # which would say nothing
    assert result.residuals[-4:].min() > 0.9
    plain = np.full((1, *checkpoint.image_shape), 90, np.uint8)
    assert encode(checkpoint, plain, steps=3).out_of_range.item()  # nothing is there to explain, and something is drawn


def test_stored_training_errors_equal_measured_ones(checkpoint: Checkpoint) -> None:
    """A checkpoint's stored errors are those that are measured on its images."""
    measured = measured_errors(checkpoint, checkpoint.images.numpy())
    bare = replace(checkpoint, images=None, summary=checkpoint.summary | summary_entry(measured))
    stored = training_errors(bare)
    np.testing.assert_allclose(stored.errors, measured.errors, atol=1e-6)
    assert encode(bare, checkpoint.images[:1].numpy(), steps=2).percentiles.item() <= 1
    made = checkpoint.decoder()(checkpoint.codes)
    loss = reconstruction_loss(checkpoint.config, checkpoint.image_shape[0])
    errors = loss(made, loss.targets(to_float(checkpoint.images.numpy()))).detach().numpy()
    assert measured.median == pytest.approx(np.median(errors), rel=0.02)
    ranks = np.searchsorted(np.sort(errors), errors) / len(errors)
    np.testing.assert_allclose(measured.percentiles(errors), ranks, atol=0.04)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "much",
        {},
        {"errors": [1], "unexplained": [1]},
        {"errors": [0, 1], "unexplained": [0, "x"]},
        {"errors": [0, float("inf")], "unexplained": [0, 1]},
        {"errors": [[0, 1]] * 2, "unexplained": [0, 1]},
    ],
)
def test_nonsense_training_errors_are_ignored(checkpoint: Checkpoint, stored: object) -> None:
    """Without sensible errors no image is flagged."""
    bare = replace(checkpoint, images=None, summary={"training_errors": stored})
    assert training_errors(bare) is None
    result = encode(bare, checkpoint.images[:1].numpy(), steps=2)
    assert np.isnan(result.percentiles).all()
    assert not result.out_of_range.any()


def test_shipped_checkpoints_without_images_say_their_errors() -> None:
    for name in ("glo", "glico"):
        stored = training_errors(Checkpoint.load(SHIPPED / f"cifar10-{name}.safetensors"))
        assert stored is not None
        assert 0 < stored.median < 0.05


def test_neighbours_vote_and_the_nearest_decides_among_equals() -> None:
    labels = np.array([2, 1, 1, -1, 2])
    assert vote(np.array([[0, 1, 2], [0, 1, 3], [3, 3, 3]]), labels).tolist() == [1, 2, -1]
    rows, angles = nearest_known(np.eye(3, dtype=np.float32), np.array([[0, 1, 0]], np.float32), 1)
    assert (rows.tolist(), angles.tolist()) == ([[1]], [[0.0]])


def test_training_images_vote_for_their_own_class(checkpoint: Checkpoint) -> None:
    """Each is its own nearest neighbour."""
    rows = np.arange(0, 100, 25)
    images, labels = checkpoint.images.numpy()[rows], checkpoint.labels.numpy()[rows]
    scores = generalisation(checkpoint, images, labels, encode(checkpoint, images, steps=10))
    assert scores.pixel_accuracy > 0.7
    assert scores.code_accuracy == 1


def test_images_of_another_size_are_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(GlicoError, match="needs one or more 16 x 16 x 1 images"):
        encode(checkpoint, np.zeros((1, 8, 8, 1), np.uint8))


def test_the_command_writes_codes_and_says_what_lies_around(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], checkpoint: Checkpoint
) -> None:
    from PIL import Image

    (tmp_path / "7").mkdir()
    Image.fromarray(checkpoint.images[70, :, :, 0].numpy()).save(tmp_path / "7" / "mine.png")
    out = tmp_path / "codes.npz"
    other = SHIPPED / "digits-glo.safetensors"
    status = main(
        ["encode", str(PATH), str(tmp_path / "7"), "--beside", str(other), "--steps", "6", "--output", str(out)]
    )
    text = capsys.readouterr().out
    assert status == 0
    assert "mine.png: error 0." in text
    assert "unseen images have their class's codes around them" in text
    for objective in ("glico", "glo"):
        with np.load(tmp_path / f"codes-{objective}.npz") as file:
            assert file["codes"].shape == (1, 128)
            assert file["labels"].tolist() == [7]
            assert ("probabilities" in file) == (objective == "glico")
    assert main(["encode", str(PATH)]) == 2
    assert main(["encode", str(PATH), str(tmp_path / "nothing.png")]) == 1
