"""Measurements along a path or on a surface: norm, class probabilities, the training image nearest to every frame; and
along a path its steps, its detail and how far it is a double exposure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from glico.config import TrainConfig
from glico.latent.distances import Steps, fine_detail, nearest_in_angle, nearest_in_pixels, pixel_distance
from glico.latent.double_exposure import double_exposure
from glico.latent.paths import pieces
from glico.latent.shrinking import shrunk
from glico.models.generator_layers import noise_size
from glico.pixels import to_array, to_uint8
from glico.rows import evenly_spaced
from glico.types import Codes, Floats, Images, Labels, Numbers

Decode = Callable[[Codes, Floats | None], Floats]  # codes (B, d), noise (B, m) or None -> images (B, C, H, W)
NoiseName = Literal["off", "fixed", "resampled"]

STEP_UNIT = 0.01  # of t: steps are given per this much of the path, so that they do not depend on the frame count
TYPICAL = 500  # images, at most, that the typical reconstruction error is taken over


@dataclass(frozen=True)
class TrainingImages:
    """The training images with which frames are compared.

    ``images`` (n, H, W, C) uint8; ``codes`` (n, d) on the sphere; ``labels`` (n,), -1 for unlabelled. If the
    checkpoint holds no images, they are its reconstructions, and ``original`` is False. ``typical_error``: median
    distance of a reconstruction from its original, in grey levels (0 without originals).
    """

    images: Images
    codes: Codes
    labels: Labels
    original: bool
    typical_error: float


@dataclass(frozen=True)
class FrameAnalysis:
    """Measurements of T frames. Distances in pixels are root mean squares in grey levels.

    ``images`` (T, H, W, C) uint8; ``probabilities`` (T, classes), None without a classifier of images;
    ``pixel_neighbour`` (T,): row of the nearest training image, and ``pixel_distance`` (T,) from it. Frames of a morph
    have no codes, and None for the rest: ``norm`` (T,), the length of z; ``code_neighbour`` (T,): row of the training
    image nearest by code, and ``code_angle`` (T,) from it in degrees.
    """

    images: Images
    norm: Floats | None
    probabilities: Floats | None
    pixel_neighbour: Labels
    pixel_distance: Floats
    code_neighbour: Labels | None
    code_angle: Floats | None


@dataclass(frozen=True)
class PathAnalysis(FrameAnalysis):
    """One path: its frames at ``t`` (T,), and each one's distance from the frame before per STEP_UNIT of t.

    The first of ``pixel_step`` and ``feature_step`` (T,) is taken from the second. ``double_exposure`` (T,) of the two
    images that a frame is between, and ``detail`` (T,): the frame's fine detail as a share of theirs, weighted by t.
    """

    t: Floats
    pixel_step: Floats
    feature_step: Floats
    double_exposure: Floats
    detail: Floats


def path_noise(config: TrainConfig, frames: int, noise: NoiseName, seed: int) -> Floats | None:
    """Return the noise e of every frame, (T, m): one sample for all (fixed) or one for each (resampled); None for
    off."""
    size = noise_size(config)
    if noise == "off" or size is None:
        return None
    drawn = np.random.default_rng(seed).standard_normal((1 if noise == "fixed" else frames, size), np.float32)
    return np.broadcast_to(np.float32(config.noise_std) * drawn, (frames, size))


def training_images(images: Images | None, codes: Codes, labels: Labels, decode: Decode) -> TrainingImages:
    """Return the images with which frames are compared: the originals or, if ``images`` is None, reconstructions."""
    if images is None:
        return TrainingImages(to_uint8(decode(codes, None)), codes, labels, False, 0.0)
    few = evenly_spaced(len(images), TYPICAL)
    errors = pixel_distance(decode(codes[few], None), to_array(images[few]))
    return TrainingImages(images, codes, labels, True, float(np.median(errors)))


def analyse_frames(
    codes: Codes | None, frames: Floats, training: TrainingImages, probabilities: Floats | None
) -> FrameAnalysis:
    """Measure ``frames`` (T, C, H, W) in [0, 1] separately; ``codes`` (T, d) are None for a morph's.

    ``probabilities`` (T, classes) are the classifier's of these frames.
    """
    pixel_neighbour, neighbour_distance = nearest_in_pixels(frames, training.images)
    code_neighbour, code_angle = (None, None) if codes is None else nearest_in_angle(codes, training.codes)
    return FrameAnalysis(
        images=to_uint8(frames),
        norm=None if codes is None else np.linalg.norm(codes.astype(np.float64), axis=-1).astype(np.float32),
        probabilities=probabilities,
        pixel_neighbour=pixel_neighbour,
        pixel_distance=neighbour_distance,
        code_neighbour=code_neighbour,
        code_angle=code_angle,
    )


def analyse_path(
    t: Numbers,
    codes: Codes | None,
    frames: Floats,
    training: TrainingImages,
    probabilities: Floats | None,
    feature_steps: Steps,
    joined: int = 2,
) -> PathAnalysis:
    """Measure a path at ``t`` (T,) through ``joined`` images: its ``frames`` (T, C, H, W) in [0, 1], T >= 2.

    ``codes`` (T, d) are None for a morph; ``probabilities`` (T, classes) are the classifier's of these frames;
    ``feature_steps`` is returned by :func:`glico.latent.distances.feature_distance`. The joined images are the frames
    at t = i / (joined - 1).
    """
    share = (np.diff(t) / STEP_UNIT).astype(np.float32)
    exposure, detail = _along(t, frames, joined)
    return PathAnalysis(
        **vars(analyse_frames(codes, frames, training, probabilities)),
        t=t.astype(np.float32),
        pixel_step=_from_second(pixel_distance(frames[1:], frames[:-1]) / share),
        feature_step=_from_second(feature_steps(shrunk(frames)) / share),
        double_exposure=exposure,
        detail=detail,
    )


def _along(t: Numbers, frames: Floats, joined: int) -> tuple[Floats, Floats]:
    """Return the double exposure and the detail of every frame, relative to the two images around it: (T,) each."""
    start, along = pieces(t, joined)  # (T,)
    ends = frames[np.linspace(0, len(frames) - 1, joined).round().astype(int)]
    exposure = np.nan_to_num(double_exposure(ends[start], frames, ends[start + 1]))
    own = fine_detail(ends)  # (joined,)
    there = fine_detail(frames) / ((1 - along) * own[start] + along * own[start + 1]).clip(1e-6)
    return exposure, there.astype(np.float32)


def likeliest_other(probabilities: Floats, classes: list[int]) -> tuple[Labels, Floats]:
    """Return the likeliest class (T,) outside ``classes`` in each row of (T, K), and its probability (T,).

    The class is -1 and its probability 0 if there is no other.
    """
    others = np.delete(np.arange(probabilities.shape[1]), classes)
    if not len(others):
        return np.full(len(probabilities), -1), np.zeros(len(probabilities), np.float32)
    chosen = others[probabilities[:, others].argmax(axis=1)]
    return chosen, probabilities[np.arange(len(chosen)), chosen]


def remarks(analysis: FrameAnalysis, training: TrainingImages, classes: list[int], names: tuple[str, ...]) -> list[str]:
    """Return a warning for every frame that left ``classes`` or is hardly new; "" for the others.

    Left: the likeliest class is none of ``classes`` (those of the images that are joined). Hardly new: no farther from
    a training image than a reconstruction is, in the median, from its original.
    """
    sentences = []
    for frame in range(len(analysis.images)):
        warnings = []
        if analysis.probabilities is not None and classes:
            likeliest = int(analysis.probabilities[frame].argmax())
            if likeliest not in classes:
                warnings.append(f"Left its class: the classifier sees {names[likeliest]}.")
        near, row = analysis.pixel_distance[frame], analysis.pixel_neighbour[frame]
        if training.original and near <= training.typical_error:
            warnings.append(f"Hardly new: as near to training image {row} as reconstructions are to their originals.")
        sentences.append(" ".join(warnings))
    return sentences


def _from_second(steps: Floats) -> Floats:
    return np.concatenate([steps[:1], steps]).astype(np.float32)
