"""From rows of a checkpoint to measured paths: which of the method's functions the interpolate page calls, in order."""

from collections.abc import Mapping, Sequence
from typing import get_args

import torch
from torch import Tensor

from app.components.scrubber.content import Content, scrubber_content
from glico.config import PathName
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
    pixel_distance,
    to_float,
    to_uint8,
    training_images,
)
from glico.runs.checkpoint import Checkpoint


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
) -> dict[PathName, PathAnalysis]:
    """Both paths through the codes ``rows`` (k,), ``frames`` on each piece, with the same noise on both.

    ``feature_steps`` measures steps beside those in pixels.
    """
    t = torch.linspace(0, 1, frames_in_all(frames, len(rows)), dtype=torch.float64)
    e = path_noise(checkpoint.config, len(t), noise, seed)
    measured: dict[PathName, PathAnalysis] = {}
    for name in get_args(PathName):
        z = path_through(checkpoint.codes[list(rows)], t, name)  # (T, d)
        images = decode(z, e)
        measured[name] = analyse_path(t, z, images, training, _probabilities(checkpoint, images, z), feature_steps)
    return measured


def _probabilities(checkpoint: Checkpoint, images: Tensor, codes: Tensor) -> Tensor | None:
    """The checkpoint's own, a few images at a time: the activations of a path of large images fill a memory."""
    pairs = zip(images.split(CHUNK), codes.split(CHUNK), strict=True)
    parts = [checkpoint.probabilities(x, z) for x, z in pairs]
    return torch.cat([part for part in parts if part is not None]) if checkpoint.classifier else None


def frames_in_all(frames: int, images: int) -> int:
    """Frames of a path through so many images: ``frames`` on each piece, the images between pieces once."""
    return (frames - 1) * (images - 1) + 1


def described_paths(
    checkpoint: Checkpoint,
    decode: Decode,
    training: TrainingImages,
    rows: Sequence[int],
    paths: Mapping[PathName, PathAnalysis],
    feature_name: str,
) -> Content:
    """What the scrubber shows of these paths."""
    drawn = decode(checkpoint.codes[list(rows)], None)
    errors = pixel_distance(drawn, to_float(training.images[list(rows)])).tolist()
    return scrubber_content(paths, rows, to_uint8(drawn), errors, training, checkpoint.class_names, feature_name)
