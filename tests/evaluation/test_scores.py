"""Calibration against a literal computation; scores where classes are missing."""

import numpy as np
import pytest
from scipy.special import softmax as scipy_softmax

from glico.evaluation.accuracy import expected_calibration_error, reliability, score, softmax, top_k_accuracy

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(0, 2, (500, 6)).astype(np.float32)
LABELS = RANDOM.integers(0, 6, 500)


def test_softmax_is_scipys_and_does_not_overflow() -> None:
    np.testing.assert_allclose(softmax(LOGITS), scipy_softmax(LOGITS.astype(np.float64), axis=1))
    np.testing.assert_allclose(softmax(np.array([[1e4, 0.0]])), [[1.0, 0.0]])


def test_the_calibration_error_is_its_definition_bin_by_bin() -> None:
    probabilities = softmax(LOGITS)
    total = 0.0
    for k in range(15):
        inside = [
            (float(p.max()), float(p.argmax() == y))
            for p, y in zip(probabilities, LABELS, strict=True)
            if k / 15 < p.max() <= (k + 1) / 15
        ]
        if inside:
            confidence, right = np.mean(inside, axis=0)
            total += abs(right - confidence) * len(inside) / len(LABELS)
    assert expected_calibration_error(probabilities, LABELS) == pytest.approx(total)
    assert score(LOGITS, LABELS).calibration_error == pytest.approx(total)
    assert reliability(probabilities, LABELS).count.sum() == 500


def test_a_sure_and_right_classifier_is_calibrated() -> None:
    assert expected_calibration_error(np.eye(4)[[0, 1, 2, 3]], np.arange(4)) == 0
    assert expected_calibration_error(np.eye(4)[[0, 1, 2, 3]], np.arange(4)[::-1].copy()) == 1


def test_top_five_of_fewer_than_five_classes_is_everything() -> None:
    assert top_k_accuracy(LOGITS[:, :3], LABELS % 3, 5) == 1.0
    assert top_k_accuracy(LOGITS, LABELS, 1) == (LOGITS.argmax(axis=1) == LABELS).mean()


def test_a_class_without_test_images_has_no_accuracy() -> None:
    scores = score(LOGITS, np.where(LABELS == 3, 0, LABELS))
    assert np.isnan(scores.per_class[3])
    assert np.isfinite(np.delete(scores.per_class, 3)).all()
    assert scores.confusion.sum() == 500
