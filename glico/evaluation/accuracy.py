"""Calibration, and exact scores of a test set: every image has the same weight, whatever the batches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]  # (n, K)
Labels = NDArray[np.int64]  # (n,)


@dataclass(frozen=True)
class Scores:
    """Scores in [0, 1]: ``accuracy`` (top-1), ``top5``, ``per_class`` (K,), mean cross-entropy ``loss`` in nats,
    ``confusion`` (K, K) counts with true classes as rows, ``calibration_error`` (ECE)."""

    accuracy: float
    top5: float
    loss: float
    per_class: NDArray[np.float64]
    confusion: NDArray[np.int64]
    calibration_error: float


def top_k_accuracy(logits: Logits, labels: Labels, k: int) -> float:
    """Return the share of images whose true class is among the ``k`` largest logits, or all if there are fewer
    classes."""
    k = min(k, logits.shape[1])
    best = np.argpartition(-logits, k - 1, axis=1)[:, :k]
    return float((best == labels[:, None]).any(axis=1).mean())


def confusion_matrix(predicted: Labels, labels: Labels, classes: int) -> NDArray[np.int64]:
    """Return counts (K, K): a row per true class, a column per predicted class."""
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def score(logits: Logits, labels: Labels) -> Scores:
    """Return all scores of ``logits`` (n, K) against ``labels`` (n,)."""
    classes = logits.shape[1]
    predicted = logits.argmax(axis=1)
    confusion = confusion_matrix(predicted, labels, classes)
    probabilities = softmax(logits)
    with np.errstate(invalid="ignore"):
        per_class = np.diag(confusion) / confusion.sum(axis=1)  # nan for a class without test images
    true = probabilities[np.arange(len(labels)), labels]
    return Scores(
        accuracy=float((predicted == labels).mean()),
        top5=top_k_accuracy(logits, labels, 5),
        loss=float(-np.log(np.maximum(true, np.finfo(np.float64).tiny)).mean()),
        per_class=per_class,
        confusion=confusion,
        calibration_error=expected_calibration_error(probabilities, labels),
    )


BINS = 15  # Guo et al., On Calibration of Modern Neural Networks, 2017


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram: by bin (b,), mean ``confidence``, ``accuracy`` (nan if empty) and ``count``."""

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
