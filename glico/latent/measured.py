"""Paths and surfaces between images of a checkpoint, generated or morphed, and measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glico.checkpoints.opened import OpenCheckpoint
from glico.config import FRAME_PATHS, FramePathName
from glico.errors import GlicoError
from glico.latent.distances import Steps
from glico.latent.path_analysis import (
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
from glico.latent.registrations import EndsName, MorphFrames
from glico.pixels import to_array
from glico.types import Codes, Floats, Numbers


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
    """A checkpoint, and the images to which the frames of its paths are compared.

    ``morphs`` draws the morphs between the checkpoint's rows; without it there are none.
    """

    checkpoint: OpenCheckpoint
    training: TrainingImages
    morphs: MorphFrames | None = None

    @property
    def paths(self) -> tuple[FramePathName, ...]:
        """The names of the paths that can be measured."""
        return tuple(name for name in FRAME_PATHS if name != "morph" or self.morphs is not None)


def compared_with(opened: OpenCheckpoint) -> TrainingImages:
    """Return the training images of a checkpoint, or its reconstructions if it holds none."""
    space = opened.space
    return training_images(space.images, space.codes, space.labels, opened.decode)


def measured_paths(
    source: PathSource, request: PathRequest, feature_steps: Steps, names: Sequence[FramePathName] = ()
) -> dict[FramePathName, PathAnalysis]:
    """Measure the paths ``names``, by default all of the source's. ``feature_steps`` measures steps by features."""
    t = np.linspace(0, 1, request.total)
    noise = path_noise(source.checkpoint.space.config, len(t), request.noise, request.seed)
    measured: dict[FramePathName, PathAnalysis] = {}
    for name in names or source.paths:
        codes, frames = path_frames(source, request, name, t, noise)
        measured[name] = analyse_path(
            t,
            codes,
            frames,
            source.training,
            source.checkpoint.probabilities(frames, codes),
            feature_steps,
            len(request.rows),
        )
    return measured


def path_frames(
    source: PathSource, request: PathRequest, name: FramePathName, t: Numbers, noise: Floats | None = None
) -> tuple[Codes | None, Floats]:
    """Return the codes (T, d), None for a morph, and the frames (T, C, H, W) of a path at ``t`` (T,).

    ``noise`` is (T, m).
    """
    if name != "morph":
        codes = path_through(source.checkpoint.space.codes[list(request.rows)], t, name)
        return codes, source.checkpoint.decode(codes, noise)
    at = np.linspace(0, len(t) - 1, len(request.rows)).round().astype(int)
    return None, morph_frames(source, request.rows, t, request.ends, None if noise is None else noise[at])


def morph_frames(
    source: PathSource, rows: Sequence[int], t: Numbers, ends: EndsName = "generated", noise: Floats | None = None
) -> Floats:
    """Return the frames (T, C, H, W) at ``t`` (T,) of the morph through the images ``rows`` (k,), k >= 2.

    ``noise`` (k, m) is that of the generated images.
    """
    return _morphs(source).path(_end_images(source, rows, ends, noise), rows, t)


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
    at = np.linspace(0, 1, side)
    codes: Codes | None
    measured: dict[FramePathName, FrameAnalysis] = {}
    for name in names or source.paths:
        if name == "morph":
            codes, frames = None, _morphs(source).surface(_end_images(source, corners, ends), corners, at)
        else:
            z = surface(source.checkpoint.space.codes[list(corners)], at, at, name).reshape(side**2, -1)
            codes, frames = z, source.checkpoint.decode(z)
        probabilities = source.checkpoint.probabilities(frames, codes)
        measured[name] = analyse_frames(codes, frames, source.training, probabilities)
    return measured


def _morphs(source: PathSource) -> MorphFrames:
    if source.morphs is None:
        raise ValueError("these images have no fields")
    return source.morphs


def _end_images(source: PathSource, rows: Sequence[int], ends: EndsName, noise: Floats | None = None) -> Floats:
    """Return the images (k, C, H, W) in [0, 1] that a morph through ``rows`` joins.

    ``generated`` are the generator's, from ``noise`` (k, m). ``original`` are the sample's own: the generated ones with
    their detail given back. Raises GlicoError if the checkpoint holds no originals.
    """
    if ends == "generated":
        return source.checkpoint.decode(source.checkpoint.space.codes[list(rows)], noise)
    images = _morphs(source).of
    if not images.original:
        raise GlicoError("Cannot morph the originals: this checkpoint holds no images. Morph the generated images.")
    return to_array(images.images[list(rows)])
