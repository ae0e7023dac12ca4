"""Batches of rows, epoch after epoch: every row once an epoch, in a new order each time."""

import torch
from torch import Tensor


class EpochSampler:
    """Draws batches of ``size`` from ``rows`` (k,); ``left`` is the rest of the epoch, and the sampler's state.

    A batch that an epoch cannot fill continues with the next epoch. If there are fewer rows than ``size``, a batch
    repeats them.
    """

    def __init__(self, rows: Tensor, size: int) -> None:
        self.rows, self.size = rows, size if len(rows) else 0
        self.left = rows[:0]

    def next(self, rng: torch.Generator) -> Tensor:
        """Return the next batch, (size,)."""
        while len(self.left) < self.size:
            again = torch.randperm(len(self.rows), generator=rng, device=rng.device)
            self.left = torch.cat([self.left, self.rows[again]])
        batch, self.left = self.left[: self.size], self.left[self.size :]
        return batch

    def __len__(self) -> int:
        """Batches that an epoch takes."""
        return -(-len(self.rows) // self.size) if self.size else 0
