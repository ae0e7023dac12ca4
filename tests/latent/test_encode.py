"""A new image onto the sphere: an image that the generator draws is found again, by the laws of the search."""

from pathlib import Path

import numpy as np
import pytest
import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.cli.main import main
from glico.errors import GlicoError
from glico.latent.encode import encode, generalisation, nearest_images, vote
from glico.pixels import to_uint8
from glico.places import SHIPPED

PATH = SHIPPED / "digits-glico.safetensors"


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return Checkpoint.load(PATH)


def test_what_the_generator_draws_is_found_where_it_was_drawn_from(checkpoint: Checkpoint) -> None:
    rows = [3, 41, 97]
    found = encode(checkpoint, to_uint8(checkpoint.decoder()(checkpoint.codes[rows])))
    torch.testing.assert_close(found.codes.norm(dim=1), torch.ones(3))
    assert found.neighbours[:, 0].tolist() == rows
    assert found.errors.max() < 0.01
    assert found.probabilities is not None
    assert found.probabilities.argmax(dim=1).tolist() == checkpoint.labels[rows].tolist()


def test_the_error_never_rises_while_the_code_forms_and_ends_where_it_is_reported(checkpoint: Checkpoint) -> None:
    found = encode(checkpoint, checkpoint.images[5:7].numpy(), steps=20)
    assert torch.equal(found.trace[-1], found.codes)
    fewer = encode(checkpoint, checkpoint.images[5:7].numpy(), steps=2)
    assert (found.errors <= fewer.errors + 1e-6).all()


def test_the_same_seed_gives_the_same_codes_one_by_one_or_together(checkpoint: Checkpoint) -> None:
    images = checkpoint.images[:2].numpy()
    again = [encode(checkpoint, images, steps=5).codes for _ in range(2)]
    assert torch.equal(*again)


def test_noise_is_what_the_generator_cannot_draw(checkpoint: Checkpoint) -> None:
    noise = np.random.RandomState(0).randint(0, 256, (1, *checkpoint.image_shape), dtype=np.uint8)
    assert encode(checkpoint, noise, steps=20).percentiles.item() == 1


def test_neighbours_vote_and_the_nearest_decides_among_equals() -> None:
    labels = torch.tensor([2, 1, 1, -1, 2])
    assert vote(torch.tensor([[0, 1, 2], [0, 1, 3], [3, 3, 3]]), labels).tolist() == [1, 2, -1]
    rows, angles = nearest_images(torch.eye(3), torch.tensor([[0.0, 1.0, 0.0]]), 1)
    assert (rows.tolist(), angles.tolist()) == ([[1]], [[0.0]])


def test_training_images_held_against_themselves_are_all_of_their_class(checkpoint: Checkpoint) -> None:
    rows = np.arange(0, 100, 25)
    images, labels = checkpoint.images.numpy()[rows], checkpoint.labels.numpy()[rows]
    scores = generalisation(checkpoint, images, labels, encode(checkpoint, images, steps=10))
    assert scores.pixel_accuracy > 0.7
    assert scores.code_accuracy == 1


def test_images_of_another_size_are_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(GlicoError, match="takes images of 16 x 16 x 1"):
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
    said = capsys.readouterr().out
    assert status == 0
    assert "mine.png: error 0." in said
    assert "held-out images have their class's codes around them" in said
    for objective in ("glico", "glo"):
        with np.load(tmp_path / f"codes-{objective}.npz") as file:
            assert file["codes"].shape == (1, 128)
            assert file["labels"].tolist() == [7]
            assert ("probabilities" in file) == (objective == "glico")
    assert main(["encode", str(PATH)]) == 2
    assert main(["encode", str(PATH), str(tmp_path / "nothing.png")]) == 1
