"""The work of the pages that needs PyTorch, each a function of plain values: see :func:`glico.runs.worker.call`.

A file is named by its path and a ``stamp`` that changes with its content, so that what is read of it can be kept.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from glico.augmentation.synthetic import Synthetic
from glico.config import DataConfig, TrainConfig
from glico.data.dataset import Dataset
from glico.latent.encoded import Encoding
from glico.latent.registrations import MorphImages
from glico.types import Codes, Floats, Images, Numbers

if TYPE_CHECKING:
    from glico.checkpoints.checkpoint import Checkpoint
    from glico.checkpoints.decoder import ArrayClassifier
    from glico.checkpoints.trained_classifier import TrainedClassifier
    from glico.evaluation.reference import Reference
    from glico.latent.distances import Steps
    from glico.latent.encode import Encoder
    from glico.latent.morphs import Morphs

Stamp = tuple[str, int]


def encode(
    path: Path, stamp: Stamp, image: Images, originals: Images | None, progress: Callable[[float, Codes], None]
) -> Encoding:
    """Return the code of an ``image`` (1, H, W, C) on the checkpoint at ``path``.

    Without training errors and images in the checkpoint, ``originals`` (n, H, W, C) are compared with. Raises
    GlicoError.
    """
    return _encoder(path, stamp, _Kept(originals)).encode(image, progress=progress)


def references(config: TrainConfig, most: int) -> "list[Reference]":
    """Return the references on the small sample of a training: see :func:`glico.evaluation.reference.references`."""
    from glico.data.catalogue import load_configured
    from glico.data.sample import training_sample
    from glico.evaluation.reference import references as scored

    dataset = load_configured(config)
    return scored(training_sample(dataset, config), dataset, most)


def codes_of_morph(path: Path, stamp: Stamp, originals: Images | None, ends: Codes, frames: Floats) -> Codes:
    """Return the codes (T, d) of a morph's ``frames`` (T, C, H, W) between the codes ``ends`` (2, d)."""
    from torch import from_numpy

    from glico.latent.morph_codes import morph_codes

    return morph_codes(_encoder(path, stamp, _Kept(originals)), from_numpy(ends), from_numpy(frames)).numpy()


def probabilities(path: Path, stamp: Stamp, images: Floats, codes: Codes) -> Floats:
    """Return the weak classifier's probabilities (B, K) of ``images`` (B, C, H, W) generated from ``codes`` (B, d)."""
    return _classifier(path, stamp)(images, codes)


def feature_name(config: TrainConfig, resolution: int) -> str:
    """Return the name of the distance by features of checkpoints of this configuration."""
    return _feature_distance(config, resolution)[0]


def feature_steps(config: TrainConfig, resolution: int, frames: Floats) -> Floats:
    """Return the steps (T - 1,) of ``frames`` (T, C, H, W) by features."""
    return _feature_distance(config, resolution)[1](frames)


def morph_path(of: MorphImages, images: Floats, rows: Sequence[int], t: Numbers) -> Floats:
    """Return the frames (T, C, H, W) of morphs: see :class:`glico.latent.registrations.MorphFrames`."""
    return _morphs(of).path(images, rows, t)


def morph_surface(of: MorphImages, images: Floats, rows: Sequence[int], at: Numbers) -> Floats:
    """Return the frames (S², C, H, W) of a surface of morphs, as :func:`morph_path` those of a path."""
    return _morphs(of).surface(images, rows, at)


def morph_score(of: MorphImages, rows: Sequence[int]) -> float:
    """Return how well the images ``rows`` (k,) morph, 0 to 1: the least score of any two that follow each other."""
    return _morphs(of).score(rows)


def best_pairs(of: MorphImages, labels: Sequence[int]) -> list[tuple[int, int, float]]:
    """Return the pairs of rows of these classes that morph best, each with its score, best first."""
    return _morphs(of).best_pairs(labels)


def synthesise(path: Path, stamp: Stamp, per_class: int, seed: int, settings: Mapping[str, Any]) -> Synthetic:
    """Return ``per_class`` generated images of every class of the checkpoint at ``path``. Raises GlicoError."""
    from glico.augmentation.synthesis import synthesise

    return synthesise(_checkpoint(path, stamp), per_class, seed, **settings)


def predict(file: Path, stamp: Stamp, images: Images) -> Floats:
    """Return the probabilities (n, K) of ``images`` (n, H, W, C) uint8 by a trained classifier. Raises GlicoError."""
    return _trained(file, stamp).probabilities(images).numpy()


def export_classifier(file: Path, stamp: Stamp, kind: Literal["torchscript", "onnx"]) -> bytes:
    """Return a trained classifier as a file for other programs. Raises GlicoError."""
    trained = _trained(file, stamp)
    return trained.onnx() if kind == "onnx" else trained.torchscript()


def check_checkpoint(path: Path) -> None:
    """Raise GlicoError if the file at ``path`` is not a checkpoint that can be read."""
    from glico.checkpoints.checkpoint import Checkpoint

    Checkpoint.load(path)


def read_dataset(config: DataConfig) -> Dataset:
    """Return the data set that a configuration names. Raises GlicoError."""
    from glico.data import load_configured

    return load_configured(config)


class _Kept:
    """Images that are no part of a key: they follow from the rest."""

    def __init__(self, images: Images | None) -> None:
        self.images = images

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and (self.images is None) == (other.images is None)

    def __hash__(self) -> int:
        return hash(self.images is None)


_distances: dict[str, tuple[str, "Steps"]] = {}


def _feature_distance(config: TrainConfig, resolution: int) -> tuple[str, "Steps"]:
    from glico.latent.distances import feature_distance

    key = f"{config.vgg_weights} {resolution}"
    if key not in _distances:
        _distances.clear()  # VGG's weights are large
        _distances[key] = feature_distance(config, resolution)
    return _distances[key]


@lru_cache(maxsize=4)
def _checkpoint(path: Path, stamp: Stamp) -> "Checkpoint":
    from glico.checkpoints.checkpoint import Checkpoint

    return Checkpoint.load(path)


@lru_cache(maxsize=4)
def _encoder(path: Path, stamp: Stamp, originals: _Kept) -> "Encoder":
    from dataclasses import replace

    from torch import from_numpy

    from glico.latent.encode import Encoder

    model = _checkpoint(path, stamp)
    return Encoder(model if originals.images is None else replace(model, images=from_numpy(originals.images)))


@lru_cache(maxsize=4)
def _classifier(path: Path, stamp: Stamp) -> "ArrayClassifier":
    from glico.checkpoints.decoder import ArrayClassifier
    from glico.errors import GlicoError

    judge = _checkpoint(path, stamp).judge
    if judge is None:
        raise GlicoError("This checkpoint has no classifier.")
    return ArrayClassifier(judge)


@lru_cache(maxsize=4)
def _trained(file: Path, stamp: Stamp) -> "TrainedClassifier":
    from glico.checkpoints.trained_classifier import TrainedClassifier

    return TrainedClassifier.load(file)


def _morphs(of: MorphImages) -> "Morphs":
    from glico.latent.morphs import Morphs

    return Morphs(of.images, of.labels, of.original, of.new)
