"""Nearest codes, against brute force; and rows evenly spaced."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glico.latent.neighbours import greatest, nearest_known, nearest_others
from glico.rows import evenly_spaced


def codes(count: int, seed: int = 0) -> np.ndarray:
    z = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    return z / np.linalg.norm(z, axis=1, keepdims=True)


@pytest.mark.parametrize("k", [0, 1, 5, 600, 700])
def test_nearest_others_are_those_of_a_full_sort(k: int) -> None:
    z = codes(600)
    cosine = z @ z.T
    np.fill_diagonal(cosine, -np.inf)
    nearest = nearest_others(z, k)
    result = np.take_along_axis(cosine, nearest.astype(np.int64), axis=1)
    np.testing.assert_allclose(result, -np.sort(-cosine, axis=1)[:, : min(k, 599)], atol=1e-6)
    assert all(len({*row}) == len(row) for row in nearest.tolist())


def test_nearest_known_gives_rows_and_degrees() -> None:
    rows, angles = nearest_known(np.eye(3, dtype=np.float32), np.float32([[0, 0.6, 0.8], [1, 0, 0]]), 2)
    assert rows.tolist()[0] == [2, 1]
    np.testing.assert_allclose(angles[0], np.degrees(np.arccos([0.8, 0.6])), rtol=1e-5)
    assert (rows[1, 0], angles[1, 0]) == (0, 0.0)


def test_greatest_takes_what_there_is() -> None:
    assert greatest(np.float32([[1, 3, 2]]), 9).tolist() == [[1, 2, 0]]
    assert nearest_others(codes(1), 3).shape == (1, 0)


@given(st.integers(0, 5000), st.integers(1, 300))
def test_evenly_spaced_rows_reach_both_ends(count: int, most: int) -> None:
    """Steps differ by at most one, nothing is chosen twice, and a small array is chosen whole."""
    rows = evenly_spaced(count, most)
    assert len(rows) == min(count, most)
    if count:
        assert rows[0] == 0
        assert rows[-1] == (count - 1 if most > 1 else 0)
    steps = np.diff(rows)
    assert not len(steps) or (steps.min() >= 1 and steps.max() - steps.min() <= 1)
