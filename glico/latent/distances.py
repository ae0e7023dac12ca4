"""Distances between images and between codes: in pixels, by features, by angle."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glico.checkpoints.named import is_named
from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.latent.shrinking import WIDEST, shrunk
from glico.losses.laplacian import LaplacianLoss, blur
from glico.models.published import VGG16, published_file
from glico.pixels import to_array
from glico.types import Floats, Images, Labels, Numbers

Steps = Callable[[Floats], Floats]  # frames (T, C, H, W) in [0, 1] -> (T - 1,), each frame from the one before

CHUNK = 32  # images at a time


def pixel_distance(x: Numbers, y: Numbers) -> Floats:
    """Return the root mean square of the difference of images (B, C, H, W) in [0, 1], in grey levels of 255: (B,)."""
    distance: Floats = 255 * np.sqrt(((np.asarray(x) - np.asarray(y)) ** 2).mean(axis=(1, 2, 3)))
    return distance


def fine_detail(images: Numbers) -> Floats:
    """Return the strength of the finest detail of images (B, C, H, W): the mean size of the first Laplacian band,
    (B,)."""
    images = np.asarray(images)
    detail: Floats = np.abs(images - blur(images)).mean(axis=(1, 2, 3))
    return detail


def has_vgg(config: TrainConfig) -> bool:
    """Return whether there may be weights of VGG to measure images of this configuration by; then PyTorch computes."""
    own = config.vgg_weights is not None and is_named(config.vgg_weights)
    return own or published_file(VGG16) is not None


def feature_distance(config: TrainConfig, resolution: int) -> tuple[str, Steps]:
    """Return a distance by features, its name and its steps: Eq. (1) if VGG's weights are at hand, else Laplacian.

    Nothing is downloaded. The path of weights in ``config`` is opened only if somebody here has named it. The caller
    shrinks images wider than WIDEST (:func:`shrunk`).
    """
    by_vgg = _vgg_steps(config, resolution) if has_vgg(config) else None
    return ("VGG perceptual", by_vgg) if by_vgg is not None else ("Laplacian", _steps(LaplacianLoss(), np.asarray))


def _vgg_steps(config: TrainConfig, resolution: int) -> Steps | None:
    """Return the steps of Eq. (1); None if the weights cannot be read."""
    import torch

    from glico.losses.perceptual import PerceptualLoss
    from glico.models.vgg import load_vgg

    named = [config.vgg_weights] if config.vgg_weights is not None and is_named(config.vgg_weights) else []
    for path in (*named, None):
        try:
            return _steps(PerceptualLoss(load_vgg(path), min(resolution, WIDEST)), torch.from_numpy)
        except GlicoError:
            continue
    return None


def _steps(loss: Any, convert: Callable[[Floats], Any]) -> Steps:
    """Return the steps of a ``loss``, which takes what ``convert`` makes of an array."""

    def steps(frames: Floats) -> Floats:
        parts = []
        for start in range(0, len(frames) - 1, CHUNK):  # the activations of a whole path are large
            maps = loss.targets(convert(frames[start : start + CHUNK + 1]))
            parts.append(np.asarray(loss.distance([m[1:] for m in maps], [m[:-1] for m in maps])))
        return np.concatenate(parts)

    return steps


def nearest_in_pixels(frames: Numbers, images: Images) -> tuple[Labels, Floats]:
    """Find the image of (n, H, W, C) nearest to each of ``frames`` (B, C, H, W): its row (B,) and its distance (B,).

    Images wider than WIDEST pixels are compared at WIDEST.
    """
    x = shrunk(np.asarray(frames)).reshape(len(frames), -1)
    best, where = np.full(len(x), np.inf), np.zeros(len(x), np.int64)
    for start in range(0, len(images), CHUNK):
        block = shrunk(to_array(images[start : start + CHUNK])).reshape(-1, x.shape[1])
        # |x - y|² but for |x|², which changes no order
        squares = (block.astype(np.float64) ** 2).sum(axis=1) - 2 * (x.astype(np.float64) @ block.T)
        row, near = squares.argmin(axis=1), squares.min(axis=1)
        where = np.where(near < best, row + start, where)
        best = np.minimum(near, best)
    chosen = shrunk(to_array(images[where])).reshape(len(x), -1)
    return where, (255 * np.sqrt(((x - chosen) ** 2).mean(axis=1))).astype(np.float32)


def nearest_in_angle(codes: Numbers, training: Numbers) -> tuple[Labels, Floats]:
    """Find the code of ``training`` (n, d) nearest by angle to each of (B, d): its row (B,) and the angle (B,) in
    degrees."""
    directions, known = (_directions(each) for each in (codes, training))
    where = (directions @ known.T).argmax(axis=1)
    # From the chord, exact where the arc cosine of the dot product is not: at the ends of the path.
    chord = np.linalg.norm(directions - known[where], axis=-1)
    return where, np.degrees(2 * np.arcsin((chord / 2).clip(max=1))).astype(np.float32)


def _directions(codes: Numbers) -> Any:
    codes = np.asarray(codes, np.float64)
    return codes / np.linalg.norm(codes, axis=-1, keepdims=True)
