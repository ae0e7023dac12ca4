"""Pairs of rows of one class, and how far to go from one to the other."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from glico.errors import GlicoError


class Pair(NamedTuple):
    """Rows ``i``, ``j`` (k,) of the sample and ``t`` (k,) from the one to the other, on the CPU."""

    i: Tensor
    j: Tensor
    t: Tensor


class Pairs:
    """Draws pairs of a class among labelled rows.

    ``labels`` (n,) are -1 for rows that are never sampled. With ``drawn_from`` both rows of a pair are among these,
    in the classes that have two of them. ``factors`` are the values of t. ``lonely`` decides about a class with one
    labelled row if all rows are used: raise an error, or skip it. Raises GlicoError if no pair is possible.
    """

    def __init__(
        self,
        labels: Tensor,
        factors: Sequence[float],
        drawn_from: Sequence[int] = (),
        lonely: Literal["raise", "skip"] = "raise",
    ) -> None:
        self.factors, self.drawn_from, self.lonely = torch.tensor(factors), tuple(drawn_from), lonely
        self.labels = labels.cpu()
        self.chosen = _chosen(self.labels, self.drawn_from)  # (n,) bool
        # The rows to sample from, ordered by class: a row's partners are the others of its block of ``order``.
        block = self.labels.clamp(min=0)  # (n,)
        sizes = torch.bincount(block[self.chosen], minlength=int(block.max()) + 1)
        if lonely == "raise" and not self.drawn_from and (sizes == 1).any():
            label = int((sizes == 1).nonzero()[0])
            raise GlicoError(
                f"Class {label} has one labelled image; a path between two images needs at least 2. "
                "Add an image or leave the class out."
            )
        if (sizes < 2).all():
            raise GlicoError(
                "No two of the chosen images are of one class, so nothing can be generated between them. "
                "Choose two of one class."
            )
        self.order = torch.argsort(torch.where(self.chosen, self.labels, sizes.numel()), stable=True)
        self.rank = torch.argsort(self.order)
        self.sizes, self.starts_of = sizes, sizes.cumsum(0) - sizes  # (K,): how many rows a class has, and from where
        self.size, self.start = self.sizes[block], self.starts_of[block]  # (n,), (n,)
        self.drawable = (self.labels >= 0) & (self.size >= 2)  # (n,) bool: the rows for which a pair can be drawn

    def with_factors(self, factors: Sequence[float]) -> "Pairs":
        """Return the same pairs with other values of t."""
        return Pairs(self.labels, factors, self.drawn_from, self.lonely)

    def of_classes(self, labels: Tensor, rng: torch.Generator) -> Tensor:
        """Draw a row of each of these classes (k,), uniformly among those that are drawn from: (k,).

        Raises GlicoError if a class has none.
        """
        for label in labels.unique().tolist():
            if label >= len(self.sizes) or not self.sizes[label]:
                raise GlicoError(f"Class {label} has no image to draw from. Leave it out.")
        return self.order[self.starts_of[labels] + (_uniform(len(labels), rng) * self.sizes[labels]).long()]

    def starts(self, i: Tensor, rng: torch.Generator) -> Tensor:
        """Draw the start of the path for each of the rows ``i`` (k,): the row itself, or a chosen one of its class."""
        if self.chosen[i].all():
            return i
        other = self.order[self.start[i] + (_uniform(len(i), rng) * self.size[i]).long()]
        return torch.where(self.chosen[i], i, other)

    def partners(self, i: Tensor, rng: torch.Generator) -> Tensor:
        """Draw for each chosen row ``i`` (k,) another chosen row of its class, uniformly."""
        step = 1 + (_uniform(len(i), rng) * (self.size[i] - 1)).long()  # 1 ... size - 1
        rank = (self.rank[i] - self.start[i] + step) % self.size[i]
        return self.order[self.start[i] + rank]

    def pair(self, rows: Tensor, rng: torch.Generator) -> Pair:
        """Draw a pair of the class of each of ``rows`` (k,), all ``drawable``."""
        if (self.labels[rows] < 0).any():
            raise GlicoError(
                "Images are generated from labelled rows only, and one of these has no label. Choose labelled images."
            )
        i = self.starts(rows, rng)
        j = self.partners(i, rng)
        factor = torch.randint(0, len(self.factors), (len(i),), generator=rng, device=rng.device)
        return Pair(i, j, self.factors[factor.cpu()])


def _chosen(labels: Tensor, rows: Sequence[int]) -> Tensor:
    """Return which rows are drawn from, (n,) bool: the labelled ones among ``rows``, or all if ``rows`` is empty."""
    if not rows:
        return labels >= 0
    wrong = next((row for row in rows if not 0 <= row < len(labels)), None)
    if wrong is not None:
        raise GlicoError(f"There is no image {wrong} to generate from: the sample's images are 0 to {len(labels) - 1}.")
    is_named = torch.zeros(len(labels), dtype=torch.bool)
    is_named[list(rows)] = True
    return is_named & (labels >= 0)


def _uniform(count: int, rng: torch.Generator) -> Tensor:
    """(count,) float64 in [0, 1), on the CPU."""
    return torch.rand(count, generator=rng, device=rng.device, dtype=torch.float64).cpu()
