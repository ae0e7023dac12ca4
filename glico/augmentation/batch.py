"""A batch, and the primitives of augmentations on it.

Random numbers are sampled on the random generator's device. If that is the CPU, the host knows every decision: a GPU
is never waited for (copies to it are ``non_blocking``), and the same seed decides the same on every machine.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass
class Batch:
    """Images on their way to the classifier.

    ``images`` (B, C, H, W) are floats in [0, 1], ``targets`` (B, K) class probabilities, ``indices`` (B,) the rows in
    the sample (on the random generator's device). ``generated`` (B,) bool marks images made by a generator or from two
    images; ``refused`` (B,) bool marks real images whose generated replacement was rejected.
    """

    images: Tensor
    targets: Tensor
    indices: Tensor
    generated: Tensor
    refused: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.refused = torch.zeros_like(self.generated)


Step = Callable[[Batch, torch.Generator], Batch]
"""Changes a batch, which it may modify in place."""

Operation = Callable[[Tensor, torch.Generator], Tensor]
"""(k, C, H, W) images -> (k, C, H, W) augmented ones."""


def choose(count: int, probability: float, rng: torch.Generator) -> Tensor:
    """Choose the rows of a batch of ``count`` images to replace, each independently: (k,) int64, ascending."""
    uniform = torch.rand(count, generator=rng, device=rng.device)
    return (uniform < probability).nonzero().squeeze(1)


def mix(weight: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return weight a + (1 - weight) b for ``a``, ``b`` (B, ...) and ``weight`` (B,)."""
    weight = weight.to(a, non_blocking=True).reshape(-1, *[1] * (a.dim() - 1))
    return weight * a + (1 - weight) * b


@dataclass(frozen=True)
class Replace:
    """Section IV-B for the comparisons: each image is replaced with ``probability`` by its augmented image."""

    operation: Operation
    probability: float

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        batch.images = self.images(batch.images, rng)
        return batch

    def images(self, images: Tensor, rng: torch.Generator) -> Tensor:
        """Return ``images`` (B, C, H, W), changed in place."""
        chosen = choose(len(images), self.probability, rng).to(images.device, non_blocking=True)
        if len(chosen):
            images[chosen] = self.operation(images[chosen], rng)
        return images
