"""A classifier learns from the small sample and is scored on the test split, or on a holdout of the sample."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.relocation import relocated
from glico.config import ClassifyConfig
from glico.data import load_dataset
from glico.data.dataset import Dataset
from glico.errors import GlicoError
from glico.training.build import build_classification, holdout_rows, scored_split


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits")


@pytest.fixture(scope="module")
def checkpoint(tiny_runs) -> Checkpoint:
    return Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")


def configured(**changes: object) -> ClassifyConfig:
    settings = {"checkpoint": "here", "steps": 4, "batch_size": 64, "precision": "float32", "scored_on": "holdout"}
    return ClassifyConfig(**(settings | changes), device="cpu")


def test_holdout_is_scored_but_never_learned_from(checkpoint: Checkpoint, digits: Dataset) -> None:
    config = configured(holdout_fraction=0.4, replace_probability=1)
    held = holdout_rows(config, checkpoint)
    assert np.bincount(checkpoint.labels[held], minlength=10).tolist() == [2] * 10, "a share of each class"

    training = build_classification(config, checkpoint, digits)
    assert training.augment.steps[0].sampler.pairs.labels[held].eq(-1).all()  # type: ignore[attr-defined]
    steps = [(training.batch.indices, record or {}) for record in training]
    assert set(torch.cat([rows for rows, _ in steps]).tolist()) == set(np.flatnonzero(~held).tolist())
    names = set().union(*(record for _, record in steps))
    assert "holdout_accuracy" in names
    assert "test_accuracy" not in names, "what is measured is called by what it is measured on"

    split, indices = scored_split(config, checkpoint, digits)
    assert split == "train"
    assert np.array_equal(digits.train_images[indices], checkpoint.images[held])
    assert np.array_equal(training.result().labels, checkpoint.labels[held])


def test_the_holdout_is_the_seeds_and_nothing_elses(checkpoint: Checkpoint) -> None:
    def rows(**changes: object) -> list[bool]:
        return holdout_rows(configured(**changes), checkpoint).tolist()

    assert rows() == rows(learning_rate=1, augmentation="standard")
    assert rows() != rows(seed=1)
    assert not any(rows(scored_on="test"))


def test_class_left_with_one_image_is_not_generated(checkpoint: Checkpoint, digits: Dataset) -> None:
    with pytest.raises(GlicoError, match="one labelled image"):
        build_classification(configured(holdout_fraction=0.9), checkpoint, digits)


def test_sample_is_found_by_digests_in_another_order(checkpoint: Checkpoint, digits: Dataset) -> None:
    backwards = replace(digits, train_images=digits.train_images[::-1], train_labels=digits.train_labels[::-1])
    for source in (checkpoint, replace(checkpoint, images=None)):
        result = relocated(source, backwards)
        assert torch.equal(result.indices, len(digits.train_images) - 1 - checkpoint.indices)
        learned = build_classification(configured(), result, backwards).images.permute(0, 2, 3, 1)
        assert torch.equal(learned, checkpoint.images)
    fewer = replace(digits, train_images=digits.train_images[:50], train_labels=digits.train_labels[:50])
    with pytest.raises(GlicoError, match="images are not in this data set: it is another one"):
        relocated(checkpoint, fewer)


def test_what_another_decoder_makes_of_an_image_is_that_image(checkpoint: Checkpoint, digits: Dataset) -> None:
    decoded = replace(digits, train_images=digits.train_images ^ 3)
    learned = build_classification(configured(), relocated(checkpoint, decoded), decoded).images
    assert torch.equal(learned.permute(0, 2, 3, 1), checkpoint.images), "the checkpoint's own count"


def test_birds_are_cropped_from_inside_and_other_images_are_not(checkpoint: Checkpoint, digits: Dataset) -> None:
    birds = replace(checkpoint, config=checkpoint.config.model_copy(update={"dataset": "cub200"}))
    sides = {}
    for name, source in (("digits", checkpoint), ("cub200", birds)):
        training = build_classification(configured(), source, digits)
        sides[name] = training.draw_batch().images.shape[-1]
        assert len(training.result().labels) == 10, "whole images are scored on their centre"
    assert sides == {"digits": 16, "cub200": 14}


def test_pretrained_weights_of_another_shape_are_refused(checkpoint: Checkpoint, digits: Dataset) -> None:
    with pytest.raises(GlicoError, match="no pretrained weights for small-cnn"):
        build_classification(configured(pretrained=True), checkpoint, digits)
