"""Doubts about labels: a classifier that has not seen the image."""

import numpy as np
import pytest

from glico.data import load_dataset, small_sample
from glico.latent import doubts as doubting
from glico.latent.doubts import RIDGE, doubts, image_features, leave_one_out


@pytest.mark.parametrize("width", [5, 40])
def test_scores_are_those_of_a_fit_without_the_image(width: int) -> None:
    """By both ways to solve it: fewer features than images, and more."""
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(20, width)), rng.integers(0, 3, 20)
    x = features - features.mean(axis=0)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = np.eye(3)[labels]
    y -= y.mean(axis=0)
    scores = leave_one_out(features, labels, 3)
    for row in range(20):
        others = np.arange(20) != row
        fitted = np.linalg.solve(x[others].T @ x[others] + RIDGE * np.eye(width), x[others].T @ y[others])
        np.testing.assert_allclose(scores[row], x[row] @ fitted, atol=1e-9)


def test_exchanged_labels_come_first() -> None:
    """Of ten exchanged labels among a hundred digits, most are among the first ten, with the true class beside."""
    sample = small_sample(load_dataset("digits"), 10, 0)
    labels, rows = sample.labels.copy(), np.arange(3, 100, 10)
    labels[rows] = (labels[rows] + 1 + np.arange(10) % 9) % 10
    result = doubts(image_features(sample.images), labels, 10)
    first = np.argsort(-result.margin)[:10]
    assert np.isin(first, rows).sum() >= 8
    hit = first[np.isin(first, rows)]
    assert (result.other[hit] == sample.labels[hit]).mean() >= 0.8


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_or_equal_images_raise_nothing(count: int) -> None:
    images, labels = np.full((count, 16, 16, 1), 7, np.uint8), np.arange(count) % 2
    result = doubts(image_features(images), labels, 2)
    assert result.margin.shape == result.other.shape == (count,)
    assert not np.isnan(result.margin).any()


def test_edges_turn_with_the_image() -> None:
    """A horizontal edge and a vertical one have histograms that are each other's, turned by a quarter."""
    stripes = np.zeros((1, 16, 16), np.float32)
    stripes[:, :, 5] = stripes[:, :, 10] = 1
    upright, lying = (doubting._edges(x).reshape(4, 4, -1) for x in (stripes, stripes.transpose(0, 2, 1)))
    half = doubting.ORIENTATIONS / 2
    assert upright[1, 1].argmax() == 0
    assert abs(lying[1, 1].argmax() - half) <= 0.5
