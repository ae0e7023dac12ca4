"""A training that starts from a checkpoint of an earlier state of its data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.config.train import WARM_STEPS
from glico.data import configured_sample, load_dataset
from glico.data.dataset import Sample
from glico.errors import GlicoError
from glico.latent.encode import encode
from glico.training.latent_optimisation import LatentOptimisation
from glico.training.result import checkpoint_of
from glico.training.warm_start import RATE

CONFIG = TrainConfig(
    samples_per_class=3, steps=30, generator_width=8, noise_dimension=8, dimension=16, device="cpu", snapshots=0
)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sample]:
    """A checkpoint, and the sample that it was trained on."""
    sample = configured_sample(load_dataset("digits"), CONFIG)
    training = LatentOptimisation(CONFIG, sample)
    (*_, last) = filter(None, training)
    path = tmp_path_factory.mktemp("first") / "first.safetensors"
    checkpoint_of(training, sample, CONFIG, last).save(path)
    return path, sample


def test_warm_start_keeps_codes_and_encodes_new_images(first: tuple[Path, Sample]) -> None:
    """Also in another order, and whatever the labels are now."""
    path, sample = first
    checkpoint = Checkpoint.load(path)
    new = load_dataset("digits").test_images[:2]
    order = np.arange(len(sample.images))[::-1]
    images = np.concatenate([sample.images[order], new])
    labels = np.concatenate([sample.labels[order], [0, 1]])
    labels[0] = 3  # relabelled
    changed = replace(sample, images=images, labels=labels, indices=np.arange(len(images)))
    training = LatentOptimisation(CONFIG.warm_started(str(path)), changed)
    codes = training.codes.weight.detach()
    assert torch.equal(codes[: len(order)], checkpoint.codes[order.tolist()])
    assert np.array_equal(codes[len(order) :], encode(checkpoint, new).codes)
    for network, saved in (training.generator, checkpoint.generator), (training.classifier, checkpoint.classifier):
        assert network is not None
        assert all(torch.equal(tensor, saved[name]) for name, tensor in network.state_dict().items())
    assert training.rates["codes"] == RATE * CONFIG.learning_rate_codes


def test_warm_start_takes_a_share_of_the_steps() -> None:
    """The next warm start takes no fewer."""
    warm = TrainConfig(steps=1000).warm_started("one")
    assert (warm.warm_start, warm.steps) == ("one", int(1000 * WARM_STEPS))
    assert warm.warm_started("two").steps == warm.steps


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dimension": 8}, "its dimension is 16, and this training's is 8"),
        ({"objective": "glo"}, "its objective is glico, and this training's is glo"),
        ({"warm_start": "nowhere.safetensors"}, "There is no checkpoint at nowhere.safetensors"),
    ],
)
def test_checkpoint_that_does_not_fit_is_one_sentence(
    changes: dict[str, object], sentence: str, first: tuple[Path, Sample]
) -> None:
    path, sample = first
    config = CONFIG.warm_started(str(path)).model_copy(update=changes)
    with pytest.raises(GlicoError) as error:
        LatentOptimisation(config, sample)
    assert sentence in str(error.value)


def test_checkpoint_of_other_images_or_classes_is_refused(first: tuple[Path, Sample]) -> None:
    path, sample = first
    config = CONFIG.warm_started(str(path))
    for other, sentence in (
        (replace(sample, images=255 - sample.images), "it has none of the sample's 30 images"),
        (replace(sample, class_names=tuple("abcdefghij")), "its classes are not those"),
        (replace(sample, images=sample.images[:, :8, :8]), "its images are 16 x 16 x 1, and this training's are 8 x 8"),
    ):
        with pytest.raises(GlicoError) as error:
            LatentOptimisation(config, other)
        assert sentence in str(error.value)
