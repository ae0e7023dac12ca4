"""The Laplacian loss against its definition, written out with scipy."""

import numpy as np
import torch
from scipy.ndimage import correlate1d

from glico.losses.laplacian import LEVELS, LaplacianLoss


def literal(x: np.ndarray, y: np.ndarray) -> float:
    """sum_j 2^(2j) |L^j(x) - L^j(y)|_1 / (number of values), one channel at a time."""
    kernel = np.array([1, 4, 6, 4, 1]) / 16
    total = 0.0
    for j in range(LEVELS):
        if j == LEVELS - 1:
            band = x - y
        else:
            low_x, low_y = (
                correlate1d(correlate1d(i, kernel, axis=1, mode="mirror"), kernel, axis=2, mode="mirror")
                for i in (x, y)
            )
            band = (x - low_x) - (y - low_y)
        total += 4**j * np.abs(band).sum()
        if j < LEVELS - 1:
            x, y = low_x[:, ::2, ::2], low_y[:, ::2, ::2]
    return total


def test_the_loss_is_its_definition() -> None:
    x, y = torch.rand(2, 4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    loss = LaplacianLoss()
    expected = [literal(a, b) / a.size for a, b in zip(x.double().numpy(), y.double().numpy(), strict=True)]
    np.testing.assert_allclose(loss(x, loss.targets(y)).numpy(), expected, rtol=1e-5)


def test_it_is_zero_for_the_same_images_alone() -> None:
    x = torch.rand(3, 1, 16, 16)
    loss = LaplacianLoss()
    assert loss(x, loss.targets(x)).tolist() == [0, 0, 0]
    assert (loss(x.flip(0), loss.targets(x))[[0, 2]] > 0).all()
