"""Training what is sampled: a term on images between two codes of a class, which the reconstruction never sees."""

from typing import NamedTuple

import torch
from torch import Tensor

from glico.latent.paths import slerp


class Pairs(NamedTuple):
    """Where images are generated: the rows ``i``, ``j`` (B,) of two codes of a class, and ``t`` (B,) in [0, 1)."""

    i: Tensor
    j: Tensor
    t: Tensor

    def codes(self, codes: Tensor) -> Tensor:
        """slerp(z_i, z_j, t), (B, d), of all ``codes`` (n, d); carries no gradient, so that no code is moved by it."""
        codes = codes.detach()
        return slerp(codes[self.i], codes[self.j], self.t)


class Partners:
    """For each labelled row another one of its class: ``labels`` (n,), -1 for unlabelled."""

    def __init__(self, labels: Tensor, classes: int) -> None:
        self.labels = labels
        self.order = labels.argsort(stable=True)  # (n,), class by class
        every = torch.arange(classes, device=labels.device)
        self.first = torch.searchsorted(labels[self.order], every)  # (K,) where a class begins in it
        self.count = (labels == every[:, None]).sum(dim=1)  # (K,)
        self.rank = self.order.argsort() - self.first[labels.clamp(min=0)]  # (n,) of a row within its class

    def draw(self, rows: Tensor, rng: torch.Generator) -> Pairs | None:
        """A partner and a t for each of the labelled ``rows`` (B,), uniformly; rows that are alone are left out, and
        None where all are."""
        others = self.count[self.labels[rows]] - 1
        rows, others = rows[others > 0], others[others > 0]
        if not len(rows):
            return None
        chance, t = torch.rand(2, len(rows), generator=rng, device=rng.device)
        partner = torch.minimum((chance * others).long(), others - 1)
        partner += partner >= self.rank[rows]
        return Pairs(rows, self.order[self.first[self.labels[rows]] + partner], t)
