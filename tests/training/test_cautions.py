"""Warnings about settings and samples with which a training cannot go well."""

import numpy as np
import pytest

from glico.config import TrainConfig
from glico.data.dataset import Sample
from glico.training.cautions import cautions


def photographs(*counts: int, alike: bool = False) -> Sample:
    labels = np.repeat(np.arange(len(counts)), counts)
    images = np.random.default_rng(0).integers(0, 256, (len(labels), 16, 16, 3), dtype=np.uint8)
    images = np.full_like(images, 7) if alike else images
    return Sample(images, labels, np.arange(len(labels)), ("auk", "owl", "tern")[: len(counts)])


@pytest.mark.parametrize(
    ("changes", "sample", "words"),
    [
        ({"gamma": 0.5}, photographs(3, 3), "constant gamma of 0.5 collapses"),
        ({}, photographs(3, 1), "owl has one image"),
        ({}, photographs(1, 1), "2 labelled images of 2 classes are too few to form groups"),
        ({}, photographs(2, 2, alike=True), "All images of auk, owl are identical"),
    ],
)
def test_each_problem_gets_one_warning(changes: dict[str, object], sample: Sample, words: str) -> None:
    (sentence,) = cautions(TrainConfig.model_validate(changes), sample)
    assert words in sentence


@pytest.mark.parametrize("changes", [{}, {"gamma": 0.05}, {"objective": "glo", "gamma": 0.5}])
def test_good_settings_get_no_warning(changes: dict[str, object]) -> None:
    assert cautions(TrainConfig.model_validate(changes), photographs(3, 4, 5)) == []
