"""Augmentation in anybody's loop: which images are replaced, by which, and with which random numbers."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
import torch
from api_models import Squares, fitted
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

import glico

Augment = glico.LatentAugment | glico.ClassMix
BLACK = torch.zeros(6, 1, 16, 16)
LABELS = torch.tensor([0, 1, 2, 0, 1, 2])


@pytest.fixture(params=["latent", "detail", "mix"])
def augment(request: pytest.FixtureRequest, model: glico.GLICO) -> Augment:
    if request.param == "mix":
        return glico.ClassMix(model, p=1.0, seed=0)
    return glico.LatentAugment(model, p=1.0, seed=0, detail=request.param == "detail")


def test_shapes_types_and_labels_stay(augment: Augment) -> None:
    """The batch that was given is not written on; the result has its type and lies in its range."""
    for images in (BLACK, BLACK.half(), BLACK.byte(), BLACK.double()):
        before = images.clone()
        result, labels = augment(images, LABELS)
        assert (result.shape, result.dtype) == (images.shape, images.dtype)
        assert torch.equal(images, before)
        assert labels is LABELS
        assert result.float().max() <= (255 if images.dtype == torch.uint8 else 1)
        assert (result.flatten(1).float().max(dim=1).values > 0).all(), "every image was replaced"


def test_probability_decides_how_many_are_replaced(model: glico.GLICO) -> None:
    """With p = 0 nothing changes, and of 2,000 images about half change with p = 0.5 (5 standard deviations)."""
    images, labels = torch.zeros(2000, 1, 16, 16), torch.arange(2000) % 3
    assert glico.LatentAugment(model, p=0.0)(images, labels)[0] is images
    replaced = glico.LatentAugment(model, p=0.5, seed=0)(images, labels)[0].flatten(1).any(dim=1).sum()
    assert abs(int(replaced) - 1000) < 112


def test_images_come_from_their_own_class(squares: Squares) -> None:
    """Mixes of two images of a class of one grey level have that grey level."""
    levels = np.array([40, 120, 200], dtype=np.uint8)
    images = np.broadcast_to(levels[squares.labels][:, None, None, None], (12, 16, 16, 1))
    control = glico.ClassMix(fitted(images, squares.labels), p=1.0, seed=0)
    result, _ = control(BLACK.byte(), LABELS)
    assert result.flatten(1).float().mean(dim=1).tolist() == levels[LABELS].tolist()


def test_control_joins_the_pairs_of_the_latent_draw(model: glico.GLICO) -> None:
    latent, control = (kind(model, p=1.0, seed=3) for kind in (glico.LatentAugment, glico.ClassMix))
    rngs = [torch.Generator().manual_seed(3) for _ in range(2)]
    rows = torch.tensor([0, 1, 2])
    ours, theirs = latent.sampler.pairs.pair(rows, rngs[0]), control.pairs.pair(rows, rngs[1])
    for a, b in zip(ours, theirs, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize(
    ("images", "labels", "sentence"),
    [
        (BLACK[:, 0], LABELS, r"shape \(6, 16, 16\), but the model generates \(B, 1, 16, 16\)"),
        (BLACK.expand(6, 3, 16, 16), LABELS, "but the model generates"),
        (BLACK - 1, LABELS, "reach from -1 to -1, but must lie in .0, 1.: augment before you normalise"),
        (BLACK + torch.nan, LABELS, "reach from nan"),
        (BLACK + 255, LABELS, "reach from 255"),
        (BLACK.long(), LABELS, "type torch.int64: give floats"),
        (BLACK, LABELS[:3], r"labels have type torch.int64 and shape \(3,\)"),
        (BLACK, LABELS.float(), "labels have type torch.float32"),
        (BLACK, LABELS + 1, "3 is no label of the model: its classes are 0, 1, 2"),
        (BLACK, LABELS - 1, "-1 is no label of the model"),
        (BLACK.numpy(), LABELS, "must be torch tensors"),
    ],
)
def test_wrong_batches_are_one_sentence(images: Tensor, labels: Tensor, sentence: str, augment: Augment) -> None:
    with pytest.raises(glico.GlicoError, match=sentence):
        augment(images, labels)


def test_wrong_settings_are_one_sentence(model: glico.GLICO, squares: Squares) -> None:
    for kind in (glico.LatentAugment, glico.ClassMix):
        with pytest.raises(glico.GlicoError, match="p must be a probability"):
            kind(model, p=1.5)
        with pytest.raises(glico.GlicoError, match="factors must be"):
            kind(model, factors=[])
    bare = fitted(*squares, options={"generator_width": 4, "store_images": False})
    with pytest.raises(glico.GlicoError, match="does not hold its training images"):
        glico.LatentAugment(bare, detail=True)
    with pytest.raises(glico.GlicoError, match="does not hold its training images"):
        glico.ClassMix(bare)


def test_labels_with_gaps_are_the_models_own(squares: Squares) -> None:
    """Whole numbers are the labels that were given; texts are positions in the classes."""
    gaps = fitted(squares.images, 10 * squares.labels)
    assert glico.ClassMix(gaps, p=1.0)(BLACK, 10 * LABELS)[0].any()
    with pytest.raises(glico.GlicoError, match="1 is no label of the model"):
        glico.ClassMix(gaps, p=1.0)(BLACK, LABELS)
    texts = fitted(squares.images, np.array(list("abc"))[squares.labels])
    assert glico.ClassMix(texts, p=1.0)(BLACK, LABELS)[0].any()


def test_seed_repeats_and_global_seed_repeats(model: glico.GLICO) -> None:
    first, second = (glico.LatentAugment(model, p=1.0, seed=7) for _ in range(2))
    batches = [first(BLACK, LABELS)[0] for _ in range(2)]
    assert not torch.equal(*batches), "batches differ from one another"
    assert torch.equal(torch.stack(batches), torch.stack([second(BLACK, LABELS)[0] for _ in range(2)]))
    unseeded = glico.LatentAugment(model, p=1.0)
    results = []
    for _ in range(2):
        torch.manual_seed(1)
        results.append(unseeded(BLACK, LABELS)[0])
    assert torch.equal(*results)


@pytest.mark.parametrize("seed", [None, 5])
def test_workers_have_numbers_of_their_own(seed: int | None, model: glico.GLICO) -> None:
    """No two batches of two workers and two epochs are the same, and the whole is repeated by torch's seed."""
    augment = glico.LatentAugment(model, p=1.0, seed=seed)
    data = TensorDataset(torch.zeros(12, 1, 16, 16), torch.zeros(12, dtype=torch.int64))

    def epochs() -> list[Tensor]:
        torch.manual_seed(0)
        loader = DataLoader(data, batch_size=3, num_workers=2, collate_fn=augment.collate)
        return [images for _ in range(2) for images, _ in loader]

    batches = epochs()
    assert len(batches) == 8
    assert len({batch.numpy().tobytes() for batch in batches}) == 8
    assert all(torch.equal(a, b) for a, b in zip(batches, epochs(), strict=True))


def test_augmentation_can_be_pickled(augment: Augment) -> None:
    """As a DataLoader does for workers that are spawned."""
    augment(BLACK, LABELS)
    copy = pickle.loads(pickle.dumps(augment))
    assert copy(BLACK, LABELS)[0].shape == BLACK.shape


def test_path_and_detail_change_the_images(model: glico.GLICO) -> None:
    results = [
        glico.LatentAugment(model, p=1.0, seed=0, **options)(BLACK, LABELS)[0]  # type: ignore[arg-type]
        for options in ({}, {"path": "lerp"}, {"detail": True})
    ]
    assert all(not torch.equal(a, b) for a, b in pairwise(results))
