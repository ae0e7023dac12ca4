"""Principal directions of codes on the sphere, against a plain PCA in the tangent space."""

import numpy as np
import pytest
import torch

from glico.latent.directions import principal_directions
from glico.latent.paths import sphere_log, spherical_mean


def codes_around(rng: np.random.Generator, scales: list[float]) -> np.ndarray:
    """200 codes near the last axis, spread along the first ones with these standard deviations."""
    z = np.concatenate([rng.normal(size=(200, len(scales))) * scales, np.ones((200, 1))], axis=1)
    return (z / np.linalg.norm(z, axis=1, keepdims=True)).astype(np.float32)


def test_directions_are_those_of_a_tangent_pca() -> None:
    """They are orthogonal to the mean and to each other, and their spreads are those of the tangent vectors."""
    codes = codes_around(np.random.default_rng(0), [0.3, 0.1, 0.02])
    result = principal_directions(codes, 6)
    assert result.vectors.shape == (3, 4)  # the sphere has three dimensions
    np.testing.assert_allclose(result.vectors @ result.vectors.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(result.vectors @ result.mean, 0, atol=1e-6)
    assert np.abs(result.vectors[0, 0]) > 0.99
    assert result.share.sum() == pytest.approx(1)
    z = torch.from_numpy(codes).double()
    tangent = sphere_log(spherical_mean(z), z).numpy()
    np.testing.assert_allclose(result.spread, (tangent @ result.vectors.T).std(axis=0), rtol=1e-9)
    assert (np.diff(result.spread) < 0).all()


def test_equal_codes_have_no_direction() -> None:
    """Codes that are all alike vary along nothing, and two codes along one direction."""
    code = np.eye(1, 5, dtype=np.float32)
    assert principal_directions(code.repeat(4, axis=0), 6).vectors.shape == (0, 5)
    two = np.eye(2, 5, dtype=np.float32)
    assert principal_directions(two, 6).vectors.shape == (1, 5)
