"""From rows of a checkpoint to measured paths: decoded, and described by what path_analysis finds on them."""

from collections.abc import Sequence
from typing import get_args

import torch

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import PathName
from glico.latent.mean import path_through
from glico.latent.path_analysis import (
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


def compared_with(checkpoint: Checkpoint, decode: Decode) -> TrainingImages:
    """The training images of a checkpoint, or its reconstructions where it holds none."""
    images = None if checkpoint.images is None else checkpoint.images.numpy()
    return training_images(images, checkpoint.codes, checkpoint.labels.numpy(), decode)


def measured_paths(
    checkpoint: Checkpoint,
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
        measured[name] = analyse_path(t, z, images, training, checkpoint.probabilities(images, z), feature_steps)
    return measured


def frames_in_all(frames: int, images: int) -> int:
    """Frames of a path through so many images: ``frames`` on each piece, the images between pieces once."""
    return (frames - 1) * (images - 1) + 1
