"""Nearest neighbours among codes, by angle."""

import numpy as np
from numpy.typing import NDArray

ROWS = 256  # compared at once


def greatest(similarity: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the columns of the ``k`` greatest values of each row of ``similarity`` (B, n), greatest first: (B, k)."""
    k = min(k, similarity.shape[1])
    if not k:
        return np.empty((len(similarity), 0), np.int64)
    top = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(similarity, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1)


def greatest_others(similarity: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Return the same without each row's own column, which ``rows`` (B,) names."""
    similarity = similarity.copy()
    similarity[np.arange(len(rows)), rows] = -np.inf
    return greatest(similarity, min(k, similarity.shape[1] - 1))


def nearest_others(codes: NDArray[np.float32], k: int) -> NDArray[np.int32]:
    """Return the ``k`` nearest other codes of each of ``codes`` (n, d) on the unit sphere, nearest first: (n, k)."""
    k = min(k, len(codes) - 1)
    nearest = np.empty((len(codes), k), np.int32)
    for start in range(0, len(codes), ROWS):
        rows = np.arange(start, min(start + ROWS, len(codes)))
        nearest[rows] = greatest_others(codes[rows] @ codes.T, rows, k)
    return nearest


def nearest_known(
    known: NDArray[np.float32], codes: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the ``k`` rows of ``known`` (n, d) nearest to each of ``codes`` (B, d), nearest first, and their angles in
    degrees: (B, k) each."""
    cosine = codes @ known.T
    rows = greatest(cosine, k)
    return rows, np.degrees(np.arccos(np.take_along_axis(cosine, rows, axis=1).clip(-1, 1)))
