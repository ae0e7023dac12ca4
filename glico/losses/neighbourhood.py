"""The pull that brings the codes of a class together, on the codes themselves."""

import torch
import torch.nn.functional as F
from torch import Tensor

TEMPERATURE = 0.05  # of cosines; those of random codes in 128 dimensions have a standard deviation of 0.09


def neighbourhood_loss(z: Tensor, rows: Tensor, codes: Tensor, labels: Tensor) -> Tensor:
    """log(1 + sum_n sum_p exp((s_n - s_p) / TEMPERATURE)), the mean over the batch: Sun et al., CVPR 2020, Eq. (1).

    Codes ``z`` (B, d) on the sphere, which take the gradient, are those at ``rows`` (B,) of all ``codes`` (n, d) with
    ``labels`` (n,); s_p are a code's cosines with the others of its class, s_n with those of other classes. The loss
    vanishes once every neighbour of the class is nearer than every other: it does not force the codes of a class into
    one code. A code that is alone in its class counts 0, as do all codes of
    a single class.
    """
    other = (labels >= 0).repeat(len(z), 1)  # (B, n)
    other[torch.arange(len(z), device=rows.device), rows] = False
    own = labels[rows, None] == labels
    similar = z @ codes.T / TEMPERATURE
    apart = similar.masked_fill(~other | own, -torch.inf).logsumexp(dim=1)
    together = (-similar).masked_fill(~(other & own), -torch.inf).logsumexp(dim=1)
    return F.softplus(apart + together).sum() / len(z)
