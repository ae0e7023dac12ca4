"""Paths and surfaces between images of a checkpoint, generated or morphed, and measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import FRAME_PATHS, FramePathName
from glico.latent.distances import Steps
from glico.latent.morphs import EndsName, Morphs, end_images, morph_path
from glico.latent.path_analysis import (
    Decode,
    FrameAnalysis,
    NoiseName,
    PathAnalysis,
    TrainingImages,
    analyse_frames,
    analyse_path,
    path_noise,
    training_images,
)
from glico.latent.paths import check_corners, path_through, surface
from glico.morph.frames import morph, surface_weights
from glico.types import Progress


@dataclass(frozen=True)
class PathRequest:
    """A path through the images ``rows`` (k,), k >= 2, with ``frames`` on each piece.

    Every path has the same ``noise``, drawn by ``seed``; a morph joins the generated or the original images (``ends``).
    """

    rows: tuple[int, ...]
    frames: int
    noise: NoiseName = "off"
    seed: int = 0
    ends: EndsName = "generated"

    @property
    def key(self) -> tuple[object, ...]:
        """A key that is equal for equal requests."""
        return self.rows, self.frames, self.noise, self.seed, self.ends

    @property
    def total(self) -> int:
        """The number of frames of the whole path: images between pieces count once."""
        return (self.frames - 1) * (len(self.rows) - 1) + 1


@dataclass(frozen=True)
class PathSource:
    """A checkpoint with its generator and the images to which the frames of its paths are compared.

    ``morphs`` holds the fields of the checkpoint's rows; without it there are no morphs.
    """

    checkpoint: Checkpoint
    decode: Decode
    training: TrainingImages
    morphs: Morphs | None = None

    @property
    def paths(self) -> tuple[FramePathName, ...]:
        """The names of the paths that can be measured."""
        return tuple(name for name in FRAME_PATHS if name != "morph" or self.morphs is not None)


def compared_with(checkpoint: Checkpoint, decode: Decode) -> TrainingImages:
    """Return the training images of a checkpoint, or its reconstructions if it holds none."""
    images = None if checkpoint.images is None else checkpoint.images.numpy()
    return training_images(images, checkpoint.codes, checkpoint.labels.numpy(), decode)


def path_source(checkpoint: Checkpoint, progress: Progress | None = None) -> PathSource:
    """Return a checkpoint with all that its paths need. ``progress`` is called while a class is registered."""
    decode = checkpoint.decoder()
    training = compared_with(checkpoint, decode)
    morphs = Morphs(training.images, training.labels, training.original, progress=progress)
    return PathSource(checkpoint, decode, training, morphs)


def measured_paths(
    source: PathSource, request: PathRequest, feature_steps: Steps, names: Sequence[FramePathName] = ()
) -> dict[FramePathName, PathAnalysis]:
    """Measure the paths ``names``, by default all of the source's. ``feature_steps`` measures steps by features."""
    t = torch.linspace(0, 1, request.total, dtype=torch.float64)
    noise = path_noise(source.checkpoint.config, len(t), request.noise, request.seed)
    measured: dict[FramePathName, PathAnalysis] = {}
    for name in names or source.paths:
        codes, frames = path_frames(source, request, name, t, noise)
        measured[name] = analyse_path(
            t, codes, frames, source.training, _probabilities(source.checkpoint, frames, codes), feature_steps,
            len(request.rows),
        )  # fmt: skip
    return measured


def path_frames(
    source: PathSource, request: PathRequest, name: FramePathName, t: Tensor, noise: Tensor | None = None
) -> tuple[Tensor | None, Tensor]:
    """Return the codes (T, d), None for a morph, and the frames (T, C, H, W) of a path at ``t`` (T,).

    ``noise`` is (T, m).
    """
    if name != "morph":
        codes = path_through(source.checkpoint.codes[list(request.rows)], t, name)
        return codes, source.decode(codes, noise)
    rows = request.rows
    fields = [_morphs(source).fields(pair) for pair in pairwise(rows)]
    at = torch.linspace(0, len(t) - 1, len(rows)).round().long()
    end_noise = None if noise is None else noise[at]
    ends = end_images(source.checkpoint, source.decode, _morphs(source), rows, request.ends, end_noise)
    return None, morph_path(ends, fields, t)


def measured_surface(
    source: PathSource,
    corners: Sequence[int],
    side: int,
    names: Sequence[FramePathName] = (),
    ends: EndsName = "generated",
) -> dict[FramePathName, FrameAnalysis]:
    """Measure the surfaces ``names``, by default all of the source's, that three or four images span.

    Each has ``side``² frames, v row by v row, without noise. Raises GlicoError for another number of ``corners``.
    """
    check_corners(len(corners))
    at = torch.linspace(0, 1, side, dtype=torch.float64)
    codes: Tensor | None
    measured: dict[FramePathName, FrameAnalysis] = {}
    for name in names or source.paths:
        if name == "morph":
            images = end_images(source.checkpoint, source.decode, _morphs(source), corners, ends)
            codes, weights = None, surface_weights(at, at, len(corners))
            frames = morph(images, _morphs(source).fields(corners).knots, weights)
        else:
            codes = surface(source.checkpoint.codes[list(corners)], at, at, name).flatten(0, 1)  # (side², d)
            frames = source.decode(codes, None)
        probabilities = _probabilities(source.checkpoint, frames, codes)
        measured[name] = analyse_frames(codes, frames, source.training, probabilities)
    return measured


def _morphs(source: PathSource) -> Morphs:
    if source.morphs is None:
        raise ValueError("these images have no fields")
    return source.morphs


def _probabilities(checkpoint: Checkpoint, frames: Tensor, codes: Tensor | None) -> Tensor | None:
    """Return the weak classifier's probabilities (T, K); None without one, or if it sees codes and a morph has none."""
    judge = checkpoint.judge
    if judge is None or (codes is None and not judge.sees_images):
        return None
    return judge(frames, frames.new_empty(len(frames), 0) if codes is None else codes)
