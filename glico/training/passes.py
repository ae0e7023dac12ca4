"""Batches of rows: pass after pass, every row once a pass, in a new order each time."""

import torch
from torch import Tensor


class Passes:
    """Draws batches of ``size`` from ``rows`` (k,), at most k; ``left`` is what remains of the pass, its state."""

    def __init__(self, rows: Tensor, size: int) -> None:
        self.rows, self.size = rows, min(size, len(rows))
        self.left = rows[:0]

    def next(self, random: torch.Generator) -> Tensor:
        """The next batch, (size,); one that a pass cannot fill goes on with the next pass."""
        if len(self.left) < self.size:
            again = torch.randperm(len(self.rows), generator=random, device=random.device)
            self.left = torch.cat([self.left, self.rows[again]])
        batch, self.left = self.left[: self.size], self.left[self.size :]
        return batch

    def __len__(self) -> int:
        """Batches that a pass takes."""
        return -(-len(self.rows) // self.size) if self.size else 0
