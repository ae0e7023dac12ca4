"""Batches of rows: epoch after epoch, every row once in each, in a new order each time."""

import torch
from torch import Tensor


class EpochSampler:
    """Draws batches of ``size`` from ``rows`` (k,); ``left`` is what remains of the epoch, and the sampler's state.

    A batch that an epoch cannot fill goes on with the next one; where there are fewer rows than ``size`` they come
    several times in a batch.
    """

    def __init__(self, rows: Tensor, size: int) -> None:
        self.rows, self.size = rows, size if len(rows) else 0
        self.left = rows[:0]

    def next(self, rng: torch.Generator) -> Tensor:
        """The next batch, (size,)."""
        while len(self.left) < self.size:
            again = torch.randperm(len(self.rows), generator=rng, device=rng.device)
            self.left = torch.cat([self.left, self.rows[again]])
        batch, self.left = self.left[: self.size], self.left[self.size :]
        return batch

    def __len__(self) -> int:
        """Batches that an epoch takes."""
        return -(-len(self.rows) // self.size) if self.size else 0
