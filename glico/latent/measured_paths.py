"""From rows of a checkpoint to measured paths: decoded, and described by what path_analysis finds on them."""

from collections.abc import Sequence
from typing import Protocol, get_args

import torch
from torch import Tensor

from glico.config import PathName, TrainConfig
from glico.latent.mean import path_through
from glico.latent.path_analysis import (
    CHUNK,
    Decode,
    NoiseName,
    PathAnalysis,
    Steps,
    TrainingImages,
    analyse_path,
    path_noise,
    training_images,
)

PATH_NAMES: tuple[PathName, ...] = get_args(PathName)


class PathCheckpoint(Protocol):
    """What a checkpoint has: codes (n, d), labels (n,), images (n, H, W, C) or None, and a classifier's verdict on
    images or codes (None where it has no classifier)."""

    config: TrainConfig
    class_names: tuple[str, ...]
    codes: Tensor
    labels: Tensor
    images: Tensor | None

    def probabilities(self, images: Tensor, codes: Tensor) -> Tensor | None: ...


def compared_with(checkpoint: PathCheckpoint, decode: Decode) -> TrainingImages:
    """The training images of a checkpoint, or its reconstructions where it holds none."""
    images = None if checkpoint.images is None else checkpoint.images.numpy()
    return training_images(images, checkpoint.codes, checkpoint.labels.numpy(), decode)


def measured_paths(
    checkpoint: PathCheckpoint,
    decode: Decode,
    training: TrainingImages,
    rows: Sequence[int],
    frames: int,
    noise: NoiseName,
    seed: int,
    feature_steps: Steps,
    names: Sequence[PathName] = PATH_NAMES,
) -> dict[PathName, PathAnalysis]:
    """The paths ``names`` through the codes ``rows`` (k,), ``frames`` on each piece, with the same noise on all.

    ``feature_steps`` measures steps beside those in pixels.
    """
    t = torch.linspace(0, 1, frames_in_all(frames, len(rows)), dtype=torch.float64)
    e = path_noise(checkpoint.config, len(t), noise, seed)
    measured: dict[PathName, PathAnalysis] = {}
    for name in names:
        z = path_through(checkpoint.codes[list(rows)], t, name)  # (T, d)
        images = decode(z, e)
        measured[name] = analyse_path(t, z, images, training, _probabilities(checkpoint, images, z), feature_steps)
    return measured


def frames_in_all(frames: int, images: int) -> int:
    """Frames of a path through so many images: ``frames`` on each piece, the images between pieces once."""
    return (frames - 1) * (images - 1) + 1


def _probabilities(checkpoint: PathCheckpoint, images: Tensor, codes: Tensor) -> Tensor | None:
    """The checkpoint's own, a few images at a time: the activations of a path of large images fill a memory."""
    pairs = zip(images.split(CHUNK), codes.split(CHUNK), strict=True)
    parts = [part for x, z in pairs if (part := checkpoint.probabilities(x, z)) is not None]
    return torch.cat(parts) if parts else None
