"""The cosine loss of Barz and Denzler [29] (Table III; Table I's last column)."""

import torch.nn.functional as F
from torch import Tensor


def cosine_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """1 - <f / |f|, y / |y|>, the mean over the batch: outputs f (B, K), class probabilities y (B, K), Eq. (3) of [29].

    [29]'s targets are one-hot; soft ones are scaled to unit length like them.
    """
    return 1 - F.cosine_similarity(outputs, targets, dim=1).mean()
