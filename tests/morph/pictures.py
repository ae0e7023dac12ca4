"""Small drawings for morphs: a bright disc on a plain ground, anywhere and of any size."""

import torch
from torch import Tensor


def disc(x: float, y: float, radius: float, side: int = 32, channels: int = 3, ground: float = 0.1) -> Tensor:
    """A soft disc with its centre at (x, y), in half sides from the middle: (channels, side, side)."""
    along = (torch.arange(side) + 0.5) / side * 2 - 1
    away = torch.hypot(along[None, :] - x, along[:, None] - y)
    inside = torch.sigmoid((radius - away) * side / 2)
    stripes = 0.15 * torch.sin(8 * (along[None, :] - x) / radius).expand(side, side)
    colours = torch.tensor([0.9, 0.7, 0.5])[:channels, None, None]
    return (ground + inside * (colours - ground + stripes)).clamp(0, 1)


def discs(count: int = 4, side: int = 32, channels: int = 3) -> Tensor:
    """A class: discs at different places and of different sizes, (count, channels, side, side)."""
    places = [(-0.35, -0.2, 0.3), (0.3, 0.25, 0.4), (0.1, -0.3, 0.35), (-0.2, 0.3, 0.28), (0.0, 0.0, 0.45)]
    return torch.stack([disc(*places[i % len(places)], side=side, channels=channels) for i in range(count)])


def centre(images: Tensor, ground: float = 0.1) -> Tensor:
    """The centres (B, 2), (x, y), of what is brighter than the ground in (B, C, H, W), in half sides."""
    mass = (images.mean(dim=1) - 1.5 * ground).clamp(min=0)
    mass = mass / mass.sum(dim=(1, 2), keepdim=True)
    along = (torch.arange(images.shape[-1]) + 0.5) / images.shape[-1] * 2 - 1
    return torch.stack([(mass.sum(dim=1) * along).sum(dim=1), (mass.sum(dim=2) * along).sum(dim=1)], dim=1)
