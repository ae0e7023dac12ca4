"""Losses of images generated between two codes of a class: what such an image should be like."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from glico.latent.pairs import Pair
from glico.training.distributed import own


class BetweenLoss(Protocol):
    """A loss of images between two codes."""

    def __call__(self, images: Tensor, pairs: Pair, rebuilt: Tensor) -> Tensor:
        """Return the sum over this process's ``images`` (B', C, H, W), its share of those at ``pairs``.

        ``rebuilt`` (B, C, H, W) are its reconstructions of training images.
        """


@dataclass(frozen=True)
class NearestEnd:
    """IMLE (Li and Malik, 2018): an image between two is pulled to the training image that is nearest to it.

    ``reconstruction`` is the reconstruction loss, and ``targets`` returns its targets for rows (k,) of the sample.
    """

    reconstruction: Callable[[Tensor, list[Tensor]], Tensor]
    targets: Callable[[Tensor], list[Tensor]]

    def __call__(self, images: Tensor, pairs: Pair, rebuilt: Tensor) -> Tensor:
        ends = [self.reconstruction(images, self.targets(own(rows))) for rows in (pairs.i, pairs.j)]
        return torch.minimum(*ends).sum()


@dataclass(frozen=True)
class FoolCritic:
    """ACAI (Berthelot et al., ICLR 2019), Eq. (1) and (2): a critic guesses how much of the other image is mixed in,
    and an image between two should look like none is. Calling it leaves the critic's own gradient."""

    critic: nn.Module

    def __call__(self, images: Tensor, pairs: Pair, rebuilt: Tensor) -> Tensor:
        t = own(pairs.t)
        share = torch.minimum(t, 1 - t)
        guesses = self.critic(torch.cat([images, rebuilt]).detach()).float()
        truth = torch.cat([share, share.new_zeros(len(rebuilt))])
        ((guesses - truth).square().sum() / len(pairs.t)).backward()
        self.critic.requires_grad_(False)  # it learns to guess well, not to be fooled
        loss: Tensor = self.critic(images).float().square().sum()
        self.critic.requires_grad_(True)
        return loss


@dataclass(frozen=True)
class OwnClass:
    """The weak classifier should see the class of the two images. ``classes`` (n, K) are one-hot."""

    classifier: nn.Module
    loss: Callable[[Tensor, Tensor], Tensor]
    classes: Tensor

    def __call__(self, images: Tensor, pairs: Pair, rebuilt: Tensor) -> Tensor:
        rows = own(pairs.i)
        return self.loss(self.classifier(images).float(), self.classes[rows]) * len(rows)
