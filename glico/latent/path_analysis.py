"""What happens along a path, or on a surface: norm, class probabilities, the training image nearest to every frame; and
along a path the steps."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import nan
from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import PathName, TrainConfig
from glico.data.dataset import Images, Labels
from glico.errors import GlicoError
from glico.latent.paths import path_through, slerp, surface
from glico.losses.laplacian import LaplacianLoss, pyramid
from glico.losses.perceptual import PerceptualLoss
from glico.models.generators import draw_noise
from glico.models.vgg import load_vgg
from glico.pixels import to_float, to_uint8

Floats = NDArray[np.float32]
Decode = Callable[[Tensor, Tensor | None], Tensor]  # codes (B, d), noise (B, m) or None -> images (B, C, H, W)
NoiseName = Literal["off", "fixed", "resampled"]
Steps = Callable[[Tensor], Tensor]  # frames (T, C, H, W) in [0, 1] -> (T - 1,), each frame from the one before

STEP_UNIT = 0.01  # of t: steps are given per this much of the path, so that they do not depend on the frame count
WIDEST = 64  # pixels: larger images are shrunk to this for perceptual steps and for the search of neighbours
TYPICAL = 500  # images, at most, that the typical reconstruction error is taken over
CHUNK = 32  # images at a time
PAIRS = 64  # whose halfway images are looked at


@dataclass(frozen=True)
class TrainingImages:
    """What frames are compared with.

    ``images`` (n, H, W, C) uint8; ``codes`` (n, d) on the sphere; ``labels`` (n,), -1 for unlabelled. Where the
    checkpoint holds no images, they are its reconstructions and ``original`` is False. ``typical_error``: median
    distance of a reconstruction from its original, in grey levels (0 without originals).
    """

    images: Images
    codes: Tensor
    labels: Labels
    original: bool
    typical_error: float


@dataclass(frozen=True)
class FrameAnalysis:
    """T frames and what is measured on each. Distances in pixels are root mean squares in grey levels.

    ``images`` (T, H, W, C) uint8; ``norm`` (T,), the length of z; ``probabilities`` (T, classes) or None without a
    classifier; ``pixel_neighbour``, ``code_neighbour`` (T,): row of the nearest training image; ``pixel_distance``
    (T,) in grey levels, ``code_angle`` (T,) in degrees: how near it is.
    """

    images: Images
    norm: Floats
    probabilities: Floats | None
    pixel_neighbour: Labels
    pixel_distance: Floats
    code_neighbour: Labels
    code_angle: Floats


@dataclass(frozen=True)
class PathAnalysis(FrameAnalysis):
    """One path: its frames at ``t`` (T,), and each one's distance from the frame before per STEP_UNIT of t.

    The first of ``pixel_step`` and ``feature_step`` (T,) is taken from the second.
    """

    t: Floats
    pixel_step: Floats
    feature_step: Floats


def path_noise(config: TrainConfig, frames: int, noise: NoiseName, seed: int) -> Tensor | None:
    """The noise e of every frame, (T, m): one sample for all (fixed) or one for each (resampled); None for off."""
    if noise == "off":
        return None
    drawn = draw_noise(config, 1 if noise == "fixed" else frames, torch.Generator().manual_seed(seed))
    return None if drawn is None else drawn.expand(frames, -1)


def training_images(images: Images | None, codes: Tensor, labels: Labels, decode: Decode) -> TrainingImages:
    """The images that frames are compared with: the originals, else (``images`` None) the reconstructions."""
    if images is None:
        return TrainingImages(to_uint8(decode(codes, None)), codes, labels, False, 0.0)
    few = np.linspace(0, len(images) - 1, min(len(images), TYPICAL)).astype(int)
    errors = pixel_distance(decode(codes[few], None), to_float(images[few]))
    return TrainingImages(images, codes, labels, True, float(errors.median()))


def analyse_frames(
    codes: Tensor, frames: Tensor, training: TrainingImages, probabilities: Tensor | None
) -> FrameAnalysis:
    """Measure ``codes`` (T, d), generated as ``frames`` (T, C, H, W) in [0, 1], each by itself.

    ``probabilities`` (T, classes) are the classifier's of these frames.
    """
    pixel_neighbour, neighbour_distance = nearest_in_pixels(frames, training.images)
    code_neighbour, code_angle = nearest_in_angle(codes, training.codes)
    return FrameAnalysis(
        images=to_uint8(frames),
        norm=codes.double().norm(dim=-1).float().numpy(),
        probabilities=None if probabilities is None else probabilities.float().numpy(),
        pixel_neighbour=pixel_neighbour.numpy(),
        pixel_distance=neighbour_distance.numpy(),
        code_neighbour=code_neighbour.numpy(),
        code_angle=code_angle.numpy(),
    )


def analyse_path(
    t: Tensor,
    codes: Tensor,
    frames: Tensor,
    training: TrainingImages,
    probabilities: Tensor | None,
    feature_steps: Steps,
) -> PathAnalysis:
    """Measure the path ``codes`` (T, d) at ``t`` (T,), generated as ``frames`` (T, C, H, W) in [0, 1], T >= 2.

    ``probabilities`` (T, classes) are the classifier's of these frames; ``feature_steps`` is what
    :func:`feature_distance` gives.
    """
    share = (t.diff() / STEP_UNIT).float()
    return PathAnalysis(
        **vars(analyse_frames(codes, frames, training, probabilities)),
        t=t.float().numpy(),
        pixel_step=_from_second(pixel_distance(frames[1:], frames[:-1]) / share),
        feature_step=_from_second(feature_steps(_shrink(frames)) / share),
    )


def feature_distance(config: TrainConfig, resolution: int) -> tuple[str, Steps]:
    """A distance by features, its name and its steps: Eq. (1) where VGG's weights are at hand, else Laplacian.

    Nothing is downloaded. Images wider than WIDEST are shrunk first by :func:`analyse_path`.
    """
    loss: PerceptualLoss | LaplacianLoss = LaplacianLoss()
    for path in (config.vgg_weights, None):
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


def pixel_distance(x: Tensor, y: Tensor) -> Tensor:
    """Root mean square of the difference of images (B, C, H, W) in [0, 1], in grey levels of 255: (B,)."""
    return 255 * (x - y).square().mean(dim=(1, 2, 3)).sqrt()


def off_cross_dissolve(start: Tensor, halfway: Tensor, end: Tensor) -> Tensor:
    """How far a path's halfway image is from the pixel mean of its ends, in units of the ends' distance: (B,).

    Images are (B, C, H, W). 0 is a double exposure; the ends themselves are at 0.5. NaN where the ends are one image.
    """
    return pixel_distance(halfway, (start + end) / 2) / pixel_distance(start, end)


def sharpness(start: Tensor, halfway: Tensor, end: Tensor) -> Tensor:
    """The fine detail of a path's halfway image as a share of its ends', by the pyramid's finest band: (B,).

    Images are (B, C, H, W). 1 is as sharp as the ends; a double exposure of unrelated images has about 0.75.
    """
    first, half, last = (pyramid(images)[0].abs().mean(dim=(1, 2, 3)) for images in (start, halfway, end))
    return 2 * half / (first + last)


class Halfway(NamedTuple):
    """What halfway images are on average: a cross-dissolve, near to a training image, and how sharp.

    ``from_mean`` is :func:`off_cross_dissolve`; ``from_nearest`` the distance from the nearest reconstruction, in the
    same units; ``sharpness`` as above. NaN where there is no path.
    """

    from_mean: float
    from_nearest: float
    sharpness: float


def halfway(decode: Callable[[Tensor], Tensor], codes: Tensor, labels: Tensor) -> Halfway:
    """Slerp halfway between images of a class: ``codes`` (n, d) on the sphere, ``labels`` (n,), -1 for unlabelled.

    Each image is paired with the next of its class, PAIRS pairs at most, evenly spaced.
    """
    order = labels.argsort(stable=True)
    pairs = torch.stack([order[:-1], order[1:]], dim=1)
    pairs = pairs[(labels[pairs[:, 0]] == labels[pairs[:, 1]]) & (labels[pairs[:, 0]] >= 0)]
    if not len(pairs):
        return Halfway(nan, nan, nan)
    pairs = pairs[torch.linspace(0, len(pairs) - 1, min(len(pairs), PAIRS)).long()]
    a, b = codes[pairs[:, 0]], codes[pairs[:, 1]]
    start, middle, end = decode(a), decode(slerp(a, b, 0.5)), decode(b)
    few = codes[torch.linspace(0, len(codes) - 1, min(len(codes), TYPICAL)).long()]
    others = np.concatenate([to_uint8(decode(part)) for part in few.split(CHUNK)])
    near = nearest_in_pixels(middle, others)[1] / pixel_distance(_shrink(start), _shrink(end))
    of_pairs = off_cross_dissolve(start, middle, end), near, sharpness(start, middle, end)
    return Halfway(*(float(values.nanmean()) for values in of_pairs))


def nearest_in_pixels(frames: Tensor, images: Images) -> tuple[Tensor, Tensor]:
    """The row (B,) of the image of (n, H, W, C) nearest to each of ``frames`` (B, C, H, W), and its distance (B,).

    Images wider than WIDEST pixels are compared at WIDEST.
    """
    frames = _shrink(frames).flatten(1)
    scale = 255 / frames.shape[1] ** 0.5
    best, where = torch.full((len(frames),), torch.inf), torch.zeros(len(frames), dtype=torch.long)
    for start in range(0, len(images), CHUNK):
        block = _shrink(to_float(images[start : start + CHUNK])).flatten(1)
        near, row = (torch.cdist(frames, block) * scale).min(dim=1)
        where = torch.where(near < best, row + start, where)
        best = torch.minimum(near, best)
    return where, best


def nearest_in_angle(codes: Tensor, training: Tensor) -> tuple[Tensor, Tensor]:
    """The row (B,) of the code of ``training`` (n, d) at the least angle to each of (B, d), and it in degrees (B,)."""
    directions = F.normalize(codes.double(), dim=-1)
    training = F.normalize(training.double(), dim=-1)
    where = (directions @ training.T).argmax(dim=1)
    # From the chord, exact where the arc cosine of the dot product is not: at the ends of the path.
    chord = (directions - training[where]).norm(dim=-1)
    return where, torch.rad2deg(2 * torch.asin((chord / 2).clamp(max=1))).float()


def likeliest_other(probabilities: Floats, classes: list[int]) -> tuple[Labels, Floats]:
    """The likeliest class beside ``classes`` in each row of (T, classes), (T,), and its probability (T,).

    The class is -1, its probability 0, where there is no other.
    """
    others = np.delete(np.arange(probabilities.shape[1]), classes)
    if not len(others):
        return np.full(len(probabilities), -1), np.zeros(len(probabilities), np.float32)
    chosen = others[probabilities[:, others].argmax(axis=1)]
    return chosen, probabilities[np.arange(len(chosen)), chosen]


def remarks(analysis: FrameAnalysis, training: TrainingImages, classes: list[int], names: tuple[str, ...]) -> list[str]:
    """A plain warning for every frame, "" where there is none: it has left ``classes``, or is hardly new.

    Left: the likeliest class is none of ``classes`` (those of the images that are joined). Hardly new: no farther from
    a training image than a reconstruction is, in the median, from its original.
    """
    sentences = []
    for frame in range(len(analysis.images)):
        said = []
        if analysis.probabilities is not None and classes:
            likeliest = int(analysis.probabilities[frame].argmax())
            if likeliest not in classes:
                said.append(f"Left its class: the classifier sees {names[likeliest]}.")
        near, row = analysis.pixel_distance[frame], analysis.pixel_neighbour[frame]
        if training.original and near <= training.typical_error:
            said.append(f"Hardly new: as near to training image {row} as reconstructions are to their originals.")
        sentences.append(" ".join(said))
    return sentences


def _shrink(images: Tensor) -> Tensor:
    return images if images.shape[-1] <= WIDEST else F.interpolate(images, size=(WIDEST, WIDEST), mode="area")


def _from_second(steps: Tensor) -> Floats:
    return torch.cat([steps[:1], steps]).float().numpy()


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


def measured_surface(
    checkpoint: Checkpoint,
    decode: Decode,
    training: TrainingImages,
    corners: Sequence[int],
    side: int,
    names: Sequence[PathName] = PATH_NAMES,
) -> dict[PathName, FrameAnalysis]:
    """The surfaces ``names`` that three or four codes span: ``side``² frames, v row by v row, without noise.

    Raises GlicoError for another number of ``corners``.
    """
    at = torch.linspace(0, 1, side, dtype=torch.float64)
    measured: dict[PathName, FrameAnalysis] = {}
    for name in names:
        z = surface(checkpoint.codes[list(corners)], at, at, name).flatten(0, 1)  # (side², d)
        images = decode(z, None)
        measured[name] = analyse_frames(z, images, training, checkpoint.probabilities(images, z))
    return measured


def frames_in_all(frames: int, images: int) -> int:
    """Frames of a path through so many images: ``frames`` on each piece, the images between pieces once."""
    return (frames - 1) * (images - 1) + 1
