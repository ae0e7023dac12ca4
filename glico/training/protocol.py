"""What a training is to those who run it: an iterator of steps whose state can be kept and put back."""

from collections.abc import Iterator
from typing import Protocol

from torch import Tensor

Record = dict[str, float]


class Training(Protocol):
    """A training that stops and goes on at any step, with the same numbers as if it had not stopped."""

    total_steps: int
    step: int
    """Steps done so far."""

    def __iter__(self) -> Iterator[Record | None]:
        """Do one step an item, to the end; the item is a record (with "step") where there is something to report.

        Raises GlicoError where the loss is no longer a number.
        """

    def state(self) -> dict[str, Tensor]:
        """All that the rest of the training depends on, by name."""

    def restore(self, state: dict[str, Tensor]) -> None:
        """Put back what ``state`` gave."""
