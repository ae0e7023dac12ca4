"""Distances between images and between codes: in pixels, by features, by angle."""

from collections.abc import Callable
from contextlib import suppress

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.checkpoints.named import is_named
from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.losses.laplacian import LaplacianLoss, blur
from glico.losses.perceptual import PerceptualLoss
from glico.models.vgg import load_vgg
from glico.pixels import to_float
from glico.types import Images

Steps = Callable[[Tensor], Tensor]  # frames (T, C, H, W) in [0, 1] -> (T - 1,), each frame from the one before

WIDEST = 64  # pixels: larger images are shrunk to this for perceptual steps and for the search of neighbours
CHUNK = 32  # images at a time


def pixel_distance(x: Tensor, y: Tensor) -> Tensor:
    """Root mean square of the difference of images (B, C, H, W) in [0, 1], in grey levels of 255: (B,)."""
    return 255 * (x - y).square().mean(dim=(1, 2, 3)).sqrt()


def fine_detail(images: Tensor) -> Tensor:
    """Return the strength (B,) of the finest detail of images (B, C, H, W): the first Laplacian band's mean size."""
    return (images - blur(images)).abs().mean(dim=(1, 2, 3))


def feature_distance(config: TrainConfig, resolution: int) -> tuple[str, Steps]:
    """Return a distance by features, its name and its steps: Eq. (1) if VGG's weights are at hand, else Laplacian.

    Nothing is downloaded. The path of weights in ``config`` is opened only if somebody here has named it. The caller
    shrinks images wider than WIDEST (:func:`shrunk`).
    """
    loss: PerceptualLoss | LaplacianLoss = LaplacianLoss()
    named = [config.vgg_weights] if config.vgg_weights is not None and is_named(config.vgg_weights) else []
    for path in (*named, None):
        with suppress(GlicoError):
            loss = PerceptualLoss(load_vgg(path), min(resolution, WIDEST))
            break
    name = "Laplacian" if isinstance(loss, LaplacianLoss) else "VGG perceptual"

    def steps(frames: Tensor) -> Tensor:
        parts = []
        for start in range(0, len(frames) - 1, CHUNK):  # the activations of a whole path are large
            maps = loss.targets(frames[start : start + CHUNK + 1])
            parts.append(loss.distance([m[1:] for m in maps], [m[:-1] for m in maps]))
        return torch.cat(parts)

    return name, steps


def nearest_in_pixels(frames: Tensor, images: Images) -> tuple[Tensor, Tensor]:
    """Find the image of (n, H, W, C) nearest to each of ``frames`` (B, C, H, W): its row (B,) and its distance (B,).

    Images wider than WIDEST pixels are compared at WIDEST.
    """
    frames = shrunk(frames).flatten(1)
    scale = 255 / frames.shape[1] ** 0.5
    best, where = torch.full((len(frames),), torch.inf), torch.zeros(len(frames), dtype=torch.long)
    for start in range(0, len(images), CHUNK):
        block = shrunk(to_float(images[start : start + CHUNK])).flatten(1)
        near, row = (torch.cdist(frames, block) * scale).min(dim=1)
        where = torch.where(near < best, row + start, where)
        best = torch.minimum(near, best)
    return where, best


def nearest_in_angle(codes: Tensor, training: Tensor) -> tuple[Tensor, Tensor]:
    """Find the code of ``training`` (n, d) nearest by angle to each of (B, d): its row (B,) and the angle (B,) in
    degrees."""
    directions = F.normalize(codes.double(), dim=-1)
    training = F.normalize(training.double(), dim=-1)
    where = (directions @ training.T).argmax(dim=1)
    # From the chord, exact where the arc cosine of the dot product is not: at the ends of the path.
    chord = (directions - training[where]).norm(dim=-1)
    return where, torch.rad2deg(2 * torch.asin((chord / 2).clamp(max=1))).float()


def shrunk(images: Tensor) -> Tensor:
    """Return the images (B, C, H, W), those wider than WIDEST reduced to it."""
    return images if images.shape[-1] <= WIDEST else F.interpolate(images, size=(WIDEST, WIDEST), mode="area")
