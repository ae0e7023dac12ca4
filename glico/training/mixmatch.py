"""MixMatch [15]: guess labels for unlabelled images, and mix all images."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from glico.augmentation.batch import Batch, mix
from glico.augmentation.mixing import mixing_weights
from glico.augmentation.standard import crop_and_flip
from glico.checkpoints.tensor_file import prefixed, unprefixed
from glico.config import ClassifyConfig
from glico.models.classifiers import Classifier
from glico.training.classification import Classification, to_device
from glico.training.distributed import own, whole
from glico.training.epoch_sampler import EpochSampler
from glico.types import Images


class MixMatch(Classification):
    """A classification by MixMatch: ``unlabelled`` (m, H, W, C) uint8, empty for "supervised only".

    The labelled batch is augmented as configured. The unlabelled batches are cropped and flipped if the labelled one is
    augmented at all. Scores are those of the moving average of the weights.
    """

    def __init__(self, unlabelled: Images, config: ClassifyConfig, *arguments: Any, **options: Any) -> None:
        super().__init__(config, *arguments, **options)
        self.unlabelled = to_device(unlabelled, self.device)  # (m, C, H, W) uint8
        self.unlabelled_epochs = EpochSampler(torch.arange(len(unlabelled)), self.config.batch_size)
        self.crop_and_flip = crop_and_flip(self.context)
        self.average = copy.deepcopy(self.classifier).requires_grad_(False)

    @property
    def scored(self) -> Classifier:
        """The network with the moving average of the weights."""
        return self.average

    def learn(self, batch: Batch) -> None:
        """Train one step, then update the moving average of weights and batch norm statistics.

        The decay grows towards [15]'s 0.999 (TensorFlow's rule), since a constant 0.999 would keep a short run near its
        initial weights.
        """
        super().learn(batch)
        decay = min(self.config.averaging, (1 + self.step) / (10 + self.step))
        mean, current = (_floats(network) for network in (self.average, self.classifier))
        torch._foreach_lerp_(mean, current, 1 - decay)

    def loss_of(self, batch: Batch) -> Tensor:
        """Return this process's share of the loss, from its own rows: Algorithm 1 of [15] with Eqs. (2) to (5)."""
        config, labelled = self.config, len(batch.images)
        images, targets = batch.images, batch.targets  # Algorithm 1: x is augmented

        if len(self.unlabelled):
            # Algorithm 1: augment u K times, guess its label as the sharpened mean of the predictions
            u = self._draw_unlabelled()  # (K B, C, H, W)
            with torch.no_grad():
                predicted = whole(self.classifier(own(u)).float().softmax(dim=1), len(u))  # (K B, L)
            guessed = sharpen(predicted.unflatten(0, (config.guesses, -1)).mean(dim=0), config.temperature)  # (B, L)
            images = torch.cat([images, u])
            targets = torch.cat([targets, guessed.repeat(config.guesses, 1)])

        # Algorithm 1: W = Shuffle(Concat(X, U)); MixUp of X with the first of W and of U with the rest, Eq. (8) to (11)
        other = own(torch.randperm(len(images), generator=self.rng)).to(self.device, non_blocking=True)
        weight = own(mixing_weights(len(images), config.mixmatch_alpha, self.rng))
        weight = torch.maximum(weight, 1 - weight)
        mixed, mixed_targets = mix(weight, own(images), images[other]), mix(weight, own(targets), targets[other])

        # Eqs. (2) to (5): L = L_X + lambda_U L_U
        first = len(own(batch.targets))  # own rows that are labelled
        logits = self.classifier(mixed.contiguous(memory_format=torch.channels_last)).float()
        loss = self.criterion(logits[:first], mixed_targets[:first]) * (first / labelled)
        if len(self.unlabelled):
            error = (logits[first:].softmax(dim=1) - mixed_targets[first:]).square().mean(dim=1)  # of each own row
            ramp = min(1.0, self.step / (config.unlabelled_ramp * config.steps)) if config.unlabelled_ramp else 1.0
            loss = loss + ramp * config.unlabelled_weight * error.sum() / len(u)
        return loss

    @staticmethod
    def batch_sizes(config: ClassifyConfig) -> tuple[int, ...]:
        """Return the sizes of the batches: labelled images, unlabelled images, both."""
        return tuple(count * config.batch_size for count in (1, config.guesses, 1 + config.guesses))

    def state(self) -> dict[str, Tensor]:
        """See :class:`glico.training.loop.Training`."""
        average = prefixed("average", self.average.state_dict())
        return super().state() | {"unlabelled_order": self.unlabelled_epochs.left, **average}

    def restore(self, state: dict[str, Tensor]) -> None:
        """See :class:`glico.training.loop.Training`."""
        super().restore(state)
        self.unlabelled_epochs.left = state["unlabelled_order"].cpu()
        self.average.load_state_dict(unprefixed("average", state))

    def _draw_unlabelled(self) -> Tensor:
        """Return the next B unlabelled images, K times, each augmented independently: (K B, C, H, W)."""
        rows = self.unlabelled_epochs.next(self.rng).to(self.device, non_blocking=True)
        images = (self.unlabelled[rows].float() / 255).repeat(self.config.guesses, 1, 1, 1)
        if self.config.augmentation != "none":
            images = self.crop_and_flip.images(images, self.rng)
        return images.contiguous(memory_format=torch.channels_last)


def sharpen(probabilities: Tensor, temperature: float) -> Tensor:
    """Eq. (7) of [15]: p^(1/T) / sum p^(1/T), for (B, L) probabilities."""
    powers = probabilities ** (1 / temperature)
    return powers / powers.sum(dim=1, keepdim=True)


def _floats(network: nn.Module) -> list[Tensor]:
    """Return weights and batch norm statistics, without counters."""
    return [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
