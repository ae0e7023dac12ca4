"""Unseen images: never one that was trained on, as many of each class, and found in the queue of projections."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from holding import until

from app.session import public
from glico.checkpoints.checkpoint import Checkpoint
from glico.data import load_configured
from glico.data.dataset import name_in_split
from glico.data.sample import digests
from glico.errors import GlicoError
from glico.latent import encode
from glico.latent.encoded import vote
from glico.places import SHIPPED
from glico.runs import projecting, unseen

PAIR = [SHIPPED / f"digits-{name}.safetensors" for name in ("glo", "glico")]


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return Checkpoint.load(PAIR[1])


@pytest.mark.parametrize("split", ["test", "train"])
def test_unseen_images_cover_the_classes(checkpoint: Checkpoint, split: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unseen images are of every class, and none of them was trained on."""
    data = load_configured(checkpoint.config)
    if split == "train":  # a data set without a test split
        data = replace(data, test_images=data.test_images[:0], test_labels=data.test_labels[:0])
        monkeypatch.setattr(encode, "load_configured", lambda _: data)
    result = encode.unseen_images(checkpoint, 30)
    assert np.bincount(result.labels).tolist() == [3] * 10
    assert result.names == tuple(name_in_split(split, row) for row in result.rows.tolist())
    of = data.test_images if split == "test" else data.train_images
    np.testing.assert_array_equal(of[result.rows], result.images)
    assert len(set(result.names)) == 30
    assert not np.isin(digests(result.images), digests(checkpoint.images.numpy())).any()


def test_where_every_image_was_trained_on_that_is_said(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load_configured(checkpoint.config)
    rows = checkpoint.indices.numpy()
    only = replace(
        data,
        train_images=data.train_images[rows],
        train_labels=data.train_labels[rows],
        test_images=data.test_images[:0],
        test_labels=data.test_labels[:0],
    )
    monkeypatch.setattr(encode, "load_configured", lambda _: only)
    with pytest.raises(GlicoError, match="no image that the checkpoint has not seen"):
        encode.unseen_images(checkpoint, 10)


@pytest.mark.slow
def test_they_are_found_in_a_process_of_its_own_and_kept(checkpoint: Checkpoint) -> None:
    name = unseen.key([checkpoint.latent_space], 2)
    assert unseen.find(name) is None
    projecting.start_unseen(name, PAIR[1:], 2)
    until(lambda: (status := projecting.status(name)) is None or status.error)
    assert projecting.status(name) is None
    kept = unseen.find(name)
    assert kept is not None
    images = encode.unseen_images(checkpoint, 2)
    assert kept.names == images.names
    (sphere,) = kept.spheres
    np.testing.assert_allclose(np.linalg.norm(sphere.codes, axis=1), 1, atol=1e-5)
    near = vote(sphere.neighbours, checkpoint.labels.numpy())
    assert sphere.scores.code_accuracy == (near == kept.labels).mean()


def test_checkpoint_data_set_shows_a_visitor_no_file(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stranger = checkpoint.config.model_copy(update={"dataset": str(tmp_path)})
    grouped = checkpoint.config.model_copy(update={"groups": "duplicates", "value_range": "0:4095"})
    public.allow_data(stranger)
    monkeypatch.setenv("GLICO_PUBLIC", "1")
    public.allow_data(checkpoint.config)
    public.allow_data(grouped)
    with pytest.raises(GlicoError, match="cannot name files of this machine"):
        public.allow_data(stranger)
