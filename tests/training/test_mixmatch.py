"""MixMatch: guessed and sharpened labels, what unlabelled images change, exact resumption."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig
from glico.data import load_dataset
from glico.data.dataset import Dataset
from glico.errors import GlicoError
from glico.training.build import build_classification, unlabelled_images
from glico.training.mixmatch import MixMatch, sharpen


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits")


@pytest.fixture(scope="module")
def checkpoint(tiny_runs: Path) -> Checkpoint:
    return Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")


def configured(**changes: object) -> ClassifyConfig:
    settings = {
        "checkpoint": "here",
        "steps": 10,
        "batch_size": 32,
        "precision": "float32",
        "augmentation": "standard",
        "learning": "mixmatch",
        "unlabelled": "training",
        "unlabelled_limit": 200,
        "evaluations": 1,
    }
    return ClassifyConfig(**(settings | changes), device="cpu")


def built(config: ClassifyConfig, checkpoint: Checkpoint, digits: Dataset) -> MixMatch:
    training = build_classification(config, checkpoint, digits)
    assert isinstance(training, MixMatch)
    return training


def weights(training: MixMatch) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in training.scored.parameters()])


def finished(training: MixMatch) -> MixMatch:
    for _ in training:
        pass
    return training


def test_sharpening_is_its_definition() -> None:
    p = np.array([[0.5, 0.3, 0.2], [1 / 3, 1 / 3, 1 / 3]])
    expected = p**2 / (p**2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(sharpen(torch.from_numpy(p), 0.5).numpy(), expected)
    np.testing.assert_allclose(sharpen(torch.from_numpy(p), 1.0).numpy(), p)


def test_loss_without_mixing_is_equations_2_to_5(
    checkpoint: Checkpoint, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glico.training.mixmatch.mixing_weights", lambda count, *_: torch.zeros(count))
    config = configured(augmentation="none", unlabelled_weight=10, unlabelled_ramp=0, temperature=0.5)
    training = built(config, checkpoint, digits)
    training.classifier.eval()  # so that predictions do not depend on the batch
    batch = training.draw_batch()
    result = training.loss_of(batch).item()

    with torch.no_grad():
        log_p = training.classifier(batch.images).log_softmax(dim=1)
        drawn = training.unlabelled[_first_unlabelled(config, training)].float() / 255
        q = training.classifier(drawn).softmax(dim=1)
    guess = q**2 / (q**2).sum(dim=1, keepdim=True)
    supervised = -(batch.targets * log_p).sum(dim=1).mean()
    assert result == pytest.approx(float(supervised + 10 * ((q - guess) ** 2).mean()), rel=1e-4)


def _first_unlabelled(config: ClassifyConfig, training: MixMatch) -> torch.Tensor:
    """The unlabelled rows of the first step: the second thing that the seed's generator draws."""
    rng = torch.Generator().manual_seed(config.seed)
    count = -(-config.batch_size // len(training.epochs.rows))
    for _ in range(count):
        torch.randperm(len(training.epochs.rows), generator=rng)
    return torch.randperm(len(training.unlabelled), generator=rng)[: config.batch_size]


def test_unlabelled_images_have_a_say_and_their_labels_have_none(checkpoint: Checkpoint, digits: Dataset) -> None:
    with_images = weights(finished(built(configured(), checkpoint, digits)))
    without = weights(finished(built(configured(unlabelled="none"), checkpoint, digits)))
    assert not torch.allclose(with_images, without, atol=1e-4)

    wrong = np.where(np.isin(np.arange(len(digits.train_labels)), checkpoint.indices), digits.train_labels, 0)
    relabelled = Dataset(
        "digits", digits.train_images, wrong, digits.test_images, digits.test_labels, digits.class_names
    )
    assert torch.equal(with_images, weights(finished(built(configured(), checkpoint, relabelled))))


def test_unlabelled_images_are_neither_in_the_sample_nor_scored(checkpoint: Checkpoint, digits: Dataset) -> None:
    config = configured(unlabelled_limit=1_000_000)
    images = unlabelled_images(config, checkpoint, digits)
    outside = np.setdiff1d(np.arange(len(digits.train_images)), checkpoint.indices)
    assert sorted(map(bytes, images)) == sorted(map(bytes, digits.train_images[outside]))

    untested = Dataset(
        "mine",
        digits.train_images,
        digits.train_labels,
        digits.test_images[:0],
        digits.test_labels[:0],
        digits.class_names,
    )
    with pytest.raises(GlicoError, match="no image left"):
        unlabelled_images(config, checkpoint, untested)
    with pytest.raises(GlicoError, match="no unlabelled images"):
        unlabelled_images(configured(unlabelled="checkpoint"), checkpoint, digits)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "unlabelled": "none",
            "augmentation": "glico",
            "optimiser": "adam",
            "learning_rate": 0.002,
            "schedule": "constant",
        },
    ],
)
def test_a_resumed_mixmatch_equals_an_unbroken_one(
    changes: dict[str, object], checkpoint: Checkpoint, digits: Dataset, tmp_path: Path
) -> None:
    config = configured(**changes)
    expected = finished(built(config, checkpoint, digits))
    broken = built(config, checkpoint, digits)
    for _ in zip(range(4), broken, strict=False):
        pass
    save_file({name: tensor.contiguous() for name, tensor in broken.state().items()}, tmp_path / "state.safetensors")
    resumed = built(config, checkpoint, digits)
    resumed.restore(load_file(tmp_path / "state.safetensors"))
    assert np.array_equal(finished(resumed).result().logits, expected.result().logits)


@pytest.mark.slow
def test_it_learns(checkpoint: Checkpoint, digits: Dataset) -> None:
    training = finished(built(configured(steps=60), checkpoint, digits))
    assert training.result().scores.accuracy > 0.7
