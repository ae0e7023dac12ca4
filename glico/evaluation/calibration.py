"""Calibration: does a confidence of 0.8 mean right in 80 % of cases?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15  # Guo et al., On Calibration of Modern Neural Networks, 2017


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram: by bin (b,), mean ``confidence``, ``accuracy`` (nan where empty) and ``count``."""

    edges: NDArray[np.float64]  # (b + 1,)
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    count: NDArray[np.int64]


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities (n, K) of ``logits`` (n, K), in float64."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def reliability(probabilities: NDArray[np.float64], labels: NDArray[np.int64], bins: int = BINS) -> Reliability:
    """Bin the predictions of ``probabilities`` (n, K) by confidence: bins of equal width, open below."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    bin = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    count = np.bincount(bin, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean_confidence = np.bincount(bin, confidence, bins) / count
        accuracy = np.bincount(bin, correct, bins) / count
    return Reliability(edges, mean_confidence, accuracy, count)


def expected_calibration_error(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], bins: int = BINS
) -> float:
    """ECE: the mean over images of |accuracy - confidence| of their bin."""
    diagram = reliability(probabilities, labels, bins)
    filled = diagram.count > 0
    gap = np.abs(diagram.accuracy - diagram.confidence)[filled]
    return float((gap * diagram.count[filled]).sum() / diagram.count.sum())
