"""The losses of classification by name: (B, K) outputs and (B, K) class probabilities -> the mean over the batch."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

CROSS_ENTROPY_WEIGHT = 0.1  # lambda of [29], section 3.3


def cosine_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the cosine loss of Barz and Denzler [29] (Table III; Table I's last column), its Eq. (3).

    1 - <f / |f|, y / |y|>, the mean over the batch: outputs f (B, K), class probabilities y (B, K). [29]'s targets are
    one-hot; soft ones are scaled to unit length like them.
    """
    return 1 - F.cosine_similarity(outputs, targets, dim=1).mean()


def cosine_and_cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the cosine loss plus 0.1 x cross-entropy, Eq. (5) of [29], both of the same outputs.

    [29] takes the cross-entropy of one more layer behind them.
    """
    return cosine_loss(outputs, targets) + CROSS_ENTROPY_WEIGHT * F.cross_entropy(outputs, targets)


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross-entropy": F.cross_entropy,
    "cosine": cosine_loss,
    "cosine+cross-entropy": cosine_and_cross_entropy,
}


def smoothed(targets: Tensor, amount: float) -> Tensor:
    """(1 - amount) y + amount / K: label smoothing (Szegedy et al., 2016) of class probabilities (B, K)."""
    return targets.lerp(targets.new_tensor(1 / targets.shape[1]), amount) if amount else targets
