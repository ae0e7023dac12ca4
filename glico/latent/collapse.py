"""Collapse: the images of a class have merged, and codes that say nothing but their class look well grouped."""

from collections.abc import Sequence

import torch
from torch import Tensor

MERGED = 0.35  # of the images' variation; reconstructions keep 0.7 and more of it, those that have merged 0.2 and less
EARLY = 0.25  # of the steps, within which every training's images are still alike


def variation(generated: Tensor, images: Tensor, labels: Tensor) -> Tensor:
    """How much of a class's variation its reconstructions keep, (K,) for the classes 0 ... K - 1 of ``labels``.

    ``generated`` and ``images`` (B, C, H, W) in [0, 1], ``labels`` (B,), -1 for unlabelled. Variation is the root mean
    square distance of images from the mean of their class; 1: as much as the images, 0: one image for all. NaN where
    it is undefined: fewer than two images, or images that are all alike.
    """
    shares = []
    for label in range(int(labels.max()) + 1):
        own = labels == label
        made, true = (_spread(x[own]) for x in (generated, images))
        shares.append(made / true if int(own.sum()) > 1 and true > 0 else torch.tensor(torch.nan))
    return torch.stack(shares) if shares else torch.empty(0)


def merged(share: Tensor) -> list[int]:
    """The classes whose images have merged, of what :func:`variation` gives."""
    return (share < MERGED).nonzero()[:, 0].tolist()


def sentence(names: Sequence[str]) -> str:
    """What is said of the classes ``names`` whose images have merged."""
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"The images of {listed} have merged: one image stands for all of the class, so that its codes say nothing."


def _spread(images: Tensor) -> Tensor:
    return (images - images.mean(dim=0)).float().square().mean().sqrt().cpu()
