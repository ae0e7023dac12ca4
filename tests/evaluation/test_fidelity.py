"""Fidelity: nothing between equal sets, the closed form between Gaussians, and the definitions of the rest."""

import pytest
import torch

from glico.errors import GlicoError
from glico.evaluation.fidelity import fidelity


def normal(count: int, mean: float = 0.0, scale: float = 1.0, seed: int = 0) -> torch.Tensor:
    return mean + scale * torch.randn(count, 6, generator=torch.Generator().manual_seed(seed))


def test_a_set_beside_itself_has_no_distance_and_covers_itself() -> None:
    result = fidelity(normal(200), normal(200))
    assert result.distance == pytest.approx(0, abs=1e-4)
    assert (result.precision, result.recall) == (1, 1)
    same, apart = (fidelity(normal(400), normal(400, mean, seed=1)).kernel_distance for mean in (0, 0.5))
    assert abs(same) < apart / 10


def test_sets_far_apart_share_nothing() -> None:
    result = fidelity(normal(200), normal(200, mean=50))
    assert (result.precision, result.recall) == (0, 0)


def test_a_narrow_set_is_precise_and_recalls_little() -> None:
    result = fidelity(normal(300, scale=0.1), normal(300, seed=1))
    assert result.precision > 0.9 > 0.2 > result.recall


def test_between_gaussians_the_distance_has_a_closed_form() -> None:
    """|m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)), which is d ((m - m')^2 + (s - s')^2) for isotropic ones."""
    result = fidelity(normal(900, 1.0, 2.0), normal(900, 3.0, 0.5, seed=1))
    assert result.distance == pytest.approx(6 * ((3 - 1) ** 2 + (2 - 0.5) ** 2), rel=0.06)


def test_kernel_distance_is_the_unbiased_mmd_estimate() -> None:
    """Bińkowski et al. (2018): k(x, y) = (<x, y> / d + 1)^3, without the pairs of an image with itself."""
    x, y = normal(60).double(), normal(60, mean=0.5, seed=1).double()

    def kernel(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (a @ b.T / 6 + 1) ** 3

    def others(k: torch.Tensor) -> torch.Tensor:
        return (k.sum() - k.trace()) / (60 * 59)

    expected = others(kernel(x, x)) + others(kernel(y, y)) - 2 * kernel(x, y).mean()
    result = fidelity(x, y)
    standard_error = result.kernel_deviation / 100**0.5
    assert result.kernel_distance == pytest.approx(float(expected), abs=4 * standard_error)


def test_too_few_images_get_a_sentence() -> None:
    with pytest.raises(GlicoError, match="at least 4 generated and as many real images, not 3"):
        fidelity(normal(3), normal(50))
