"""Two images mixed, and their labels with them: Mixup [14], CutMix and ResizeMix.

All change labels, so "replaced by an augmented image" (section IV-B) means here: a chosen image becomes the mixture
of itself and a partner from the batch, with a mixing weight of its own; the others keep their label whole.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from glico.augmentation.batch import Batch, Step, choose, mix
from glico.augmentation.masks import rectangle
from glico.augmentation.step_context import StepContext

SHRUNK = (0.1, 0.8)  # the paper's


def mixing_weights(count: int, alpha: float, rng: torch.Generator) -> Tensor:
    """Weights (count,) float32 from Beta(alpha, alpha)."""
    seed = int(torch.randint(0, 2**62, (), generator=rng, device=rng.device))
    drawn = np.random.default_rng(seed).beta(alpha, alpha, count)
    return torch.from_numpy(drawn.astype(np.float32)).to(rng.device)


@dataclass(frozen=True)
class Mixup:
    """Mixup [14]: x = w x_i + (1 - w) x_j and the same for the labels, w ~ Beta(alpha, alpha) per image."""

    alpha: float
    probability: float

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        chosen, partners, weight = _draw(len(batch.images), self.alpha, self.probability, rng)
        chosen, partners = (rows.to(batch.images.device, non_blocking=True) for rows in (chosen, partners))
        mixed = mix(weight, batch.images[chosen], batch.images[partners])
        return _put(batch, chosen, mixed, mix(weight, batch.targets[chosen], batch.targets[partners]))


@dataclass(frozen=True)
class CutMix:
    """CutMix (Yun et al., ICCV 2019): a rectangle from the partner; labels weighed by the area that is left.

    The rectangle has the area 1 - w, w ~ Beta(alpha, alpha), and the image's proportions; its centre is anywhere,
    and what falls outside is cut off.
    """

    alpha: float
    probability: float

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        _, _, height, width = batch.images.shape
        chosen, partners, weight = _draw(len(batch.images), self.alpha, self.probability, rng)
        centre = torch.rand(2, len(chosen), generator=rng, device=rng.device)
        h = ((1 - weight).sqrt() * height).round().long()
        w = ((1 - weight).sqrt() * width).round().long()
        top = (centre[0] * height).long() - h // 2
        left = (centre[1] * width).long() - w // 2
        mask = rectangle(top, left, h, w, height, width)  # (k, 1, H, W)
        share = 1 - mask.float().mean(dim=(1, 2, 3))
        chosen, partners = (rows.to(batch.images.device, non_blocking=True) for rows in (chosen, partners))
        mask = mask.to(batch.images.device, non_blocking=True)
        mixed = torch.where(mask, batch.images[partners], batch.images[chosen])
        return _put(batch, chosen, mixed, mix(share, batch.targets[chosen], batch.targets[partners]))


@dataclass(frozen=True)
class ResizeMix:
    """ResizeMix (Qin et al., arXiv 2012.11101): the whole partner, shrunk, pasted; labels weighed by the area.

    The partner's side is shrunk by a factor from SHRUNK, uniform, to whole pixels, and pasted inside the image.
    """

    probability: float

    def __call__(self, batch: Batch, rng: torch.Generator) -> Batch:
        count, _, height, width = batch.images.shape
        chosen = choose(count, self.probability, rng)
        partners = torch.randperm(count, generator=rng, device=rng.device)[chosen]
        drawn = torch.rand(3, len(chosen), generator=rng, device=rng.device)
        factor = SHRUNK[0] + (SHRUNK[1] - SHRUNK[0]) * drawn[0]
        sides = torch.stack([factor * height, factor * width], dim=1).round().clamp(min=1).long()  # (k, 2)
        corners = ((torch.tensor([height, width], device=rng.device) - sides + 1) * drawn[1:].T).long()
        share = 1 - sides.prod(dim=1) / (height * width)
        device = batch.images.device
        rows, others = (which.to(device, non_blocking=True) for which in (chosen, partners))
        mixed = batch.images[rows].clone()
        for size in sides.unique(dim=0).tolist():
            same = (sides == torch.tensor(size, device=rng.device)).all(dim=1).nonzero().squeeze(1)
            small = F.interpolate(
                batch.images[others[same.to(device)]], size=size, mode="bilinear", antialias=True, align_corners=False
            )
            for one, image, (top, left) in zip(same.tolist(), small, corners[same].tolist(), strict=True):
                mixed[one, :, top : top + size[0], left : left + size[1]] = image
        return _put(batch, rows, mixed, mix(share, batch.targets[rows], batch.targets[others]))


def mixup(context: StepContext) -> Step:
    """Mixup of each image with the configured probability."""
    return Mixup(context.config.mix_alpha, context.config.replace_probability)


def cutmix(context: StepContext) -> Step:
    """CutMix of each image with the configured probability."""
    return CutMix(context.config.mix_alpha, context.config.replace_probability)


def resizemix(context: StepContext) -> Step:
    """ResizeMix of each image with the configured probability."""
    return ResizeMix(context.config.replace_probability)


def _draw(count: int, alpha: float, probability: float, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Chosen rows (k,), a partner for each from a random order of the batch (k,), and weights (k,)."""
    chosen = choose(count, probability, rng)
    partners = torch.randperm(count, generator=rng, device=rng.device)[chosen]
    return chosen, partners, mixing_weights(len(chosen), alpha, rng)


def _put(batch: Batch, chosen: Tensor, images: Tensor, targets: Tensor) -> Batch:
    batch.images[chosen] = images
    batch.targets[chosen] = targets
    return batch
