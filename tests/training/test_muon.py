"""Muon: the optimiser of the generator's matrices."""

import pytest
import torch
from torch import nn

from glico.config import TrainConfig
from glico.models.generators import build_generator
from glico.training.muon import DAMPING, Muon, normalised_weights, orthogonal


@pytest.mark.parametrize("shape", [(5, 30), (30, 5), (8, 8)])
def test_orthogonal_keeps_singular_vectors(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    left, values, right = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    values = 1 + values  # far above the damping
    torch.testing.assert_close(orthogonal((left * values) @ right), left @ right, atol=1e-4, rtol=0)


def test_orthogonal_shrinks_directions_of_rounding() -> None:
    """A direction below the damping is not taken for one that matters; zeros stay zeros."""
    small = DAMPING**0.5 / 10
    matrix = torch.diag(torch.tensor([1.0, 0.1, small, 0.0]))
    torch.testing.assert_close(orthogonal(matrix).diag(), torch.tensor([1, 1, 0.1, 0]), atol=1e-3, rtol=0)
    assert not orthogonal(torch.zeros(3, 4)).any()
    assert orthogonal(matrix * torch.nan).isnan().all()


def test_step_is_a_share_of_the_norm_which_stays() -> None:
    """Whatever the size of the gradient; a weight without a gradient stays as it is."""
    torch.manual_seed(0)
    weight, idle = nn.Parameter(torch.randn(6, 4, 4, 4)), nn.Parameter(torch.ones(2, 2))
    before = weight.detach().clone()
    optimiser = Muon([weight, idle], lr=0.05)
    weight.grad = 1e-6 * torch.randn_like(weight)
    optimiser.step()
    torch.testing.assert_close(weight.norm(), before.norm())
    assert float((weight.detach() - before).norm() / before.norm()) == pytest.approx(0.05, rel=0.1)
    assert torch.equal(idle, torch.ones(2, 2))


@pytest.mark.parametrize(("name", "count"), [("dcgan", 3), ("moving", 6), ("reference", 0)])
def test_only_weights_before_a_batch_norm_are_normalised(name: str, count: int) -> None:
    """Their scale changes nothing: the generator draws the same images with ten times their weights."""
    config = TrainConfig(generator=name, generator_width=8, dimension=16, noise="none")
    torch.manual_seed(0)
    generator = build_generator(config, 3, 32)
    z = torch.randn(4, 16)
    images = generator(z)
    weights = normalised_weights(generator)
    assert len(weights) == count
    with torch.no_grad():
        for weight in weights:
            weight.mul_(10)
    torch.testing.assert_close(generator(z), images, atol=1e-3, rtol=0)
