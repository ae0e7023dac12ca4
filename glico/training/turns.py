"""The order of a training's batches: an epoch of the labelled images, then one of the unlabelled images, and so on."""

import torch
from torch import Tensor

from glico.training.epoch_sampler import EpochSampler


class Turns:
    """The batches of a small sample, step after step: each comes from ``labelled`` or from ``unlabelled``.

    ``labels`` (n,) are -1 for unlabelled images. A batch has ``batch_size`` images, or as many as there are.
    """

    def __init__(self, labels: Tensor, batch_size: int) -> None:
        has_label = labels >= 0
        labelled, unlabelled = has_label.nonzero()[:, 0], (~has_label).nonzero()[:, 0]
        self.labelled = EpochSampler(labelled, min(batch_size, len(labelled)))
        self.unlabelled = EpochSampler(unlabelled, min(batch_size, len(unlabelled)))

    def at(self, step: int) -> EpochSampler:
        """Return the sampler of the batch after ``step`` steps."""
        batch = step % (len(self.labelled) + len(self.unlabelled))
        return self.labelled if batch < len(self.labelled) else self.unlabelled

    def with_unlabelled(self, steps: int) -> int:
        """Return the total steps of a training with ``steps`` steps on labelled images."""
        passes, rest = divmod(steps, len(self.labelled))
        return passes * (len(self.labelled) + len(self.unlabelled)) + rest

    def is_reported(self, step: int, every: int) -> bool:
        """Return whether the step after ``step`` steps is the first on labelled images after ``every`` steps."""
        if self.at(step) is self.unlabelled:
            return False
        begins_pass = step % (len(self.labelled) + len(self.unlabelled)) == 0
        before = step - len(self.unlabelled) * begins_pass  # steps done when the last with labels was
        return (step + 1) // every > max(0, before) // every

    def state(self) -> dict[str, Tensor]:
        """Return the rests of both epochs, by name."""
        return {"order": self.labelled.left, "order.unlabelled": self.unlabelled.left}

    def restore(self, state: dict[str, Tensor], device: torch.device) -> None:
        """Restore the rests that :meth:`state` returned, among other tensors."""
        self.labelled.left = state["order"].to(device)
        self.unlabelled.left = state["order.unlabelled"].to(device)
