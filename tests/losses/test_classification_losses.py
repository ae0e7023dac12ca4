"""The losses of classification against independent definitions, for whole and for mixed labels."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cosine

from glico.losses.classification import LOSSES, smoothed

OUTPUTS = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
ONE_HOT = torch.eye(4)[[0, 1, 2, 3, 1, 2]]
MIXED = 0.7 * ONE_HOT + 0.3 * ONE_HOT.roll(1, 0)


def cross_entropy(outputs: np.ndarray, targets: np.ndarray) -> float:
    logarithms = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    return float(-(targets * logarithms).sum(axis=1).mean())


@pytest.mark.parametrize("targets", [ONE_HOT, MIXED])
def test_each_loss_is_its_definition(targets: torch.Tensor) -> None:
    outputs, wanted = OUTPUTS.double().numpy(), targets.double().numpy()
    distance = float(np.mean([cosine(a, b) for a, b in zip(outputs, wanted, strict=True)]))
    entropy = cross_entropy(outputs, wanted)
    result = {name: float(loss(OUTPUTS, targets)) for name, loss in LOSSES.items()}
    expected = {"cross-entropy": entropy, "cosine": distance, "cosine+cross-entropy": distance + 0.1 * entropy}
    assert result == pytest.approx(expected, rel=1e-5)


def test_the_cosine_loss_sees_the_direction_alone() -> None:
    loss = LOSSES["cosine"]
    torch.testing.assert_close(loss(OUTPUTS, ONE_HOT), loss(7 * OUTPUTS, ONE_HOT))
    assert float(loss(3 * ONE_HOT, ONE_HOT)) == pytest.approx(0, abs=1e-6)
    assert float(loss(-ONE_HOT, ONE_HOT)) == pytest.approx(2)


def test_smoothed_labels_give_torchs_smoothed_cross_entropy() -> None:
    torch.testing.assert_close(
        LOSSES["cross-entropy"](OUTPUTS, smoothed(ONE_HOT, 0.1)),
        torch.nn.functional.cross_entropy(OUTPUTS, ONE_HOT.argmax(dim=1), label_smoothing=0.1),
    )
    assert smoothed(MIXED, 0.0) is MIXED
