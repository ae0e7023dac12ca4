"""Laws of the pull on the codes."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from glico.losses.neighbourhood import TEMPERATURE, neighbourhood_loss


def codes(*directions: list[float]) -> Tensor:
    return F.normalize(torch.tensor(directions), dim=1)


def test_neighbourhood_loss_is_a_sum_over_pairs() -> None:
    torch.manual_seed(0)
    labels = torch.tensor([0, 0, 0, 1, 1, 2, -1])
    z = F.normalize(torch.randn(7, 3), dim=1)
    rows = torch.tensor([4, 0, 2])
    expected = 0.0
    for row in rows.tolist():
        pairs = 0.0
        for own in range(7):
            for other in range(7):
                if own != row and labels[own] == labels[row] != labels[other] >= 0:
                    pairs += math.exp(float(z[row] @ z[other] - z[row] @ z[own]) / TEMPERATURE)
        expected += math.log(1 + pairs) / len(rows)
    assert float(neighbourhood_loss(z[rows], rows, z, labels)) == pytest.approx(expected, rel=1e-4)


def test_neighbourhood_loss_vanishes_for_separate_classes() -> None:
    z = codes([1, 0.3, 0], [1, -0.3, 0], [-1, 0, 0.3], [-1, 0, -0.3])
    labels, rows = torch.tensor([0, 0, 1, 1]), torch.arange(4)
    assert float(neighbourhood_loss(z, rows, z, labels)) < 1e-6
    assert float(neighbourhood_loss(z, rows, z, labels[[0, 2, 1, 3]])) > 10


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 1, 2, 3], [-1, -1, -1, -1], [0, -1, 1, -1]])
def test_without_a_pair_there_is_no_pull(labels: list[int]) -> None:
    z = codes([1, 0], [0.9, 1], [0, 1], [-1, 0.2]).requires_grad_()
    loss = neighbourhood_loss(z, torch.arange(4), z.detach(), torch.tensor(labels))
    loss.backward()
    assert float(loss) == 0
    assert z.grad is not None
    assert (z.grad == 0).all()
