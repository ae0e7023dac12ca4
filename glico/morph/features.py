"""Features by which two images of a class are registered: equal at the same objects, though their colours differ."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from glico.morph.filters import blur, pixel_positions

ORIENTATIONS = 4  # unsigned, of edges
OBJECT_WEIGHT, EDGE_WEIGHT, COLOUR_WEIGHT = 2.5, 0.7, 0.8
OBJECT_BLURS = (0.0, 2.0, 5.3)  # the wider ones attract over longer distances than the outline itself
CENTRE = 1.0  # half sides: standard deviation of the weight that prefers the middle of the image
NEARER = 0.6  # share of the border's pixels that are taken for the background: an object may touch the border
COLOUR_NOISE = 0.06  # standard deviation of a background's colour that is always allowed for


@dataclass(frozen=True)
class Features:
    """``maps`` (n, K, H, W) and ``objectness`` (n, 1, H, W) in [0, 1] of n images."""

    maps: Tensor
    objectness: Tensor


def features(images: Tensor) -> Features:
    """Return the features of ``images`` (n, C, H, W) in [0, 1], scaled over all of them."""
    objects = objectness(images)
    edges = _edges(images)
    colour = images - images.mean(dim=(2, 3), keepdim=True)
    colour = colour / (colour.std(dim=(1, 2, 3), keepdim=True, unbiased=False) + 0.05)
    near = [_scaled(blur(objects, sigma)) for sigma in OBJECT_BLURS]
    maps = [
        _scaled(edges) * (EDGE_WEIGHT / math.sqrt(ORIENTATIONS)),
        *(each * (OBJECT_WEIGHT / math.sqrt(len(near))) for each in near),
        _scaled(colour) * (COLOUR_WEIGHT / math.sqrt(images.shape[1])),
    ]
    return Features(torch.cat(maps, dim=1), objects)


def objectness(images: Tensor) -> Tensor:
    """Return how much each pixel of (n, C, H, W) differs from the background, weighted to the middle: (n, 1, H, W).

    The squared Mahalanobis distance d² from the colours of the border becomes d² / (d² + 2).
    """
    count, channels, height, width = images.shape
    rim = max(2, max(height, width) // 12)
    on_rim = torch.ones(height, width, dtype=torch.bool)
    on_rim[rim:-rim, rim:-rim] = False
    colours = images[:, :, on_rim]  # (n, C, R)
    middle = colours.median(dim=2, keepdim=True).values
    away = colours - middle
    squares = away.square().sum(dim=1)
    background = squares <= squares.quantile(NEARER, dim=1, keepdim=True)
    away = away * background[:, None]
    covariance = away @ away.transpose(1, 2) / background.sum(dim=1)[:, None, None]
    inverse = torch.linalg.inv(covariance + COLOUR_NOISE**2 * torch.eye(channels))
    every = images.flatten(2) - middle
    distance = (every * (inverse @ every)).sum(dim=1) / channels  # d², (n, H W)
    centred = torch.exp(-pixel_positions(height, width).square().sum(dim=-1) / (2 * CENTRE**2))
    raw = blur((distance / (distance + 2)).view(count, 1, height, width) * centred, 0.8)
    top = raw.flatten(1).quantile(0.97, dim=1).clamp(min=1e-3)
    return (raw / top.view(-1, 1, 1, 1)).clamp(max=1)


def centre_and_size(objectness: Tensor) -> tuple[Tensor, Tensor]:
    """Return the centre (n, 2), (x, y), of the objectness (n, 1, H, W) and its spread (n, 2), both in half sides."""
    height, width = objectness.shape[-2:]
    mass = objectness.square().flatten(1) + 1e-6
    mass = mass / mass.sum(dim=1, keepdim=True)
    positions = pixel_positions(height, width).flatten(0, 1)
    centre = mass @ positions
    return centre, (mass @ positions.square() - centre.square()).clamp(min=1e-4).sqrt()


def _edges(images: Tensor) -> Tensor:
    """Return the strength of edges by orientation (n, ORIENTATIONS, H, W), in units of its local mean."""
    brightness = blur(images.mean(dim=1, keepdim=True), 0.7)
    padded = torch.nn.functional.pad(brightness, (1, 1, 1, 1), mode="replicate")
    across = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]
    down = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
    strength, angle = torch.hypot(across, down), torch.atan2(down, across)
    by_angle = [
        strength * torch.cos(2 * angle - 2 * math.pi * k / ORIENTATIONS).clamp(min=0) for k in range(ORIENTATIONS)
    ]
    return torch.cat(by_angle, dim=1) / (blur(strength.square(), 4.0) + 0.02**2).sqrt()


def _scaled(maps: Tensor) -> Tensor:
    """Return each map without its mean over the image, in units of their spread over all images."""
    maps = maps - maps.mean(dim=(2, 3), keepdim=True)
    return maps / maps.std(unbiased=False).clamp(min=1e-3)
