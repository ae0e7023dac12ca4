"""Build a classifier's training from a checkpoint: the images to learn from, and the images to score."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import from_numpy

from glico.augmentation.latent_sampler import LatentSampler
from glico.augmentation.step_context import Crop
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ClassifyConfig, augmentation_method
from glico.data import DATASETS
from glico.data.dataset import Dataset, in_holdout
from glico.data.sample import configured_sample, indices_without
from glico.errors import GlicoError
from glico.machine import choose_device, choose_dtype
from glico.training.classification import Classification, ClassificationData
from glico.training.mixmatch import MixMatch
from glico.types import Images, Labels, Split


class Scored(NamedTuple):
    """The images that are scored: the split of the data set and their ``indices`` (m,) in it."""

    split: Split
    indices: Labels


def build_classification(
    config: ClassifyConfig, checkpoint: Checkpoint, dataset: Dataset, device: str | None = None
) -> Classification:
    """Build the classification of ``checkpoint``'s small sample, scored on ``dataset``, from which the sample is.

    ``dataset`` must have the checkpoint's image shape and classes, and its sample at ``indices`` (see
    :func:`glico.checkpoints.relocation.relocated`). Raises GlicoError if it does not, or if nothing is left to score.
    """
    _check(checkpoint, dataset)
    labels = np.where(holdout_rows(config, checkpoint), -1, checkpoint.labels.cpu().numpy())
    split, scored = scored_split(config, checkpoint, dataset)
    images, classes = (
        (dataset.test_images, dataset.test_labels) if split == "test" else (dataset.train_images, dataset.train_labels)
    )
    data = ClassificationData(
        _sample_images(checkpoint, dataset), labels, images[scored], classes[scored], len(dataset.class_names)
    )
    target = choose_device(device or config.device)
    sampler = None
    if augmentation_method(config.augmentation).generative:
        sampler = LatentSampler.from_checkpoint(
            replace(checkpoint, labels=from_numpy(labels)),  # so that it does not generate from the holdout
            path=config.path,
            factors=config.interpolation_factors,
            drawn_from=config.drawn_from,
            with_classifier=config.least_confidence > 0,
            device=target,
            dtype=choose_dtype(config.precision, target),
        )
    crop = _crop(config, checkpoint)
    if config.learning == "mixmatch":
        return MixMatch(unlabelled_images(config, checkpoint, dataset), config, data, crop, sampler, str(target))
    return Classification(config, data, crop, sampler, str(target))


def _check(checkpoint: Checkpoint, dataset: Dataset) -> None:
    """Raise GlicoError if the data set cannot be the one that the checkpoint was trained on."""
    shape = tuple(dataset.train_images.shape[1:])
    if shape != checkpoint.image_shape:
        raise GlicoError(
            f"The data set's images are {'x'.join(map(str, shape))}, the checkpoint's "
            f"{'x'.join(map(str, checkpoint.image_shape))}: load it at the checkpoint's resolution and colour."
        )
    if dataset.class_names != checkpoint.class_names:
        raise GlicoError(
            "The data set's classes are not the checkpoint's: it is another data set. "
            "Choose the data set of the checkpoint."
        )


def _sample_images(checkpoint: Checkpoint, dataset: Dataset) -> Images:
    """Return the images of the sample (n, H, W, C). Unlabelled rows, which are never used, are black."""
    labelled = checkpoint.labels.cpu().numpy() >= 0
    images = np.zeros((len(labelled), *checkpoint.image_shape), dtype=np.uint8)
    if checkpoint.images is not None:
        images[labelled] = checkpoint.images.cpu().numpy()[labelled]
    else:
        images[labelled] = dataset.train_images[checkpoint.indices.cpu().numpy()[labelled]]
    return images


def _crop(config: ClassifyConfig, checkpoint: Checkpoint) -> Crop:
    """Return the configured crop, or the one that suits the data set if it has a name."""
    known = DATASETS.get(checkpoint.config.dataset)
    return Crop(
        flip=config.flip == "on" or (config.flip == "auto" and (known is None or known.flips)),
        inside=config.crop in ("inside", "resized") or (config.crop == "auto" and known is not None and known.inside),
    )


def scored_split(config: ClassifyConfig, checkpoint: Checkpoint, dataset: Dataset) -> Scored:
    """Return what ``config`` scores the classifier on: the holdout, or the test split.

    If the data set has no test split, the training images outside the sample take its place.
    """
    if config.scored_on == "holdout" and checkpoint.config.holdout is not None:
        return Scored("train", holdout_indices(config, checkpoint, dataset))
    if config.scored_on == "holdout":
        return Scored("train", checkpoint.indices.cpu().numpy()[holdout_rows(config, checkpoint)])
    if len(dataset.test_images):
        return Scored("test", np.arange(len(dataset.test_images)))
    taken = checkpoint.indices[checkpoint.labels >= 0].cpu().numpy()
    return Scored("train", np.setdiff1d(np.arange(len(dataset.train_images)), taken))


def unlabelled_images(config: ClassifyConfig, checkpoint: Checkpoint, dataset: Dataset) -> Images:
    """Return the images that MixMatch uses without their labels, (m, H, W, C) uint8.

    None of them is scored, unless the checkpoint learned codes for the test split (the transductive mode). Raises
    GlicoError if there are none.
    """
    if config.unlabelled == "none":
        return dataset.train_images[:0]
    if config.unlabelled == "training":
        split, scored = scored_split(config, checkpoint, dataset)
        taken = checkpoint.indices[checkpoint.labels >= 0].cpu().numpy()
        used = np.concatenate([taken, scored]) if split == "train" else taken
        return dataset.train_images[indices_without(dataset, used, checkpoint.config.seed, config.unlabelled_limit)]
    rows = (checkpoint.labels < 0).nonzero()[: config.unlabelled_limit, 0].cpu()
    if len(rows) == 0:
        raise GlicoError(
            "The checkpoint has no unlabelled images: train it with unlabelled ones, or use those of the "
            "training split."
        )
    if checkpoint.images is not None:
        return checkpoint.images[rows].cpu().numpy()
    source = dataset.test_images if checkpoint.config.unlabelled == "test" else dataset.train_images
    return source[checkpoint.indices[rows].cpu().numpy()]


def holdout_rows(config: ClassifyConfig, checkpoint: Checkpoint) -> NDArray[np.bool_]:
    """Return which rows of the checkpoint's sample are the holdout, (n,): a share of each class, by ``config``'s seed.

    The rows are the same whatever else is configured, so that candidates are compared on the same images. There are
    none if the checkpoint was trained without its holdout. Otherwise its generator has seen the whole sample.
    """
    labels = checkpoint.labels.cpu().numpy()
    if config.scored_on != "holdout" or checkpoint.config.holdout is not None:
        return np.zeros(len(labels), dtype=bool)
    if checkpoint.config.groups:
        raise GlicoError(
            "Cannot hold out images of this checkpoint: its generator has seen the whole sample, and its groups are "
            "not stored. Score on the test split, or train the checkpoint without its holdout "
            f"(--holdout {config.seed})."
        )
    return in_holdout(checkpoint.indices.cpu().numpy(), labels, config.seed, config.holdout_fraction)


def holdout_indices(config: ClassifyConfig, checkpoint: Checkpoint, dataset: Dataset) -> Labels:
    """Return the indices (m,) of the holdout that the checkpoint was trained without.

    Raises GlicoError if it is not the holdout of ``config``, or if the data set is no longer the one that the sample
    was drawn from.
    """
    trained = checkpoint.config
    if (trained.holdout, trained.holdout_fraction) != (config.seed, config.holdout_fraction):
        raise GlicoError(
            f"The checkpoint was trained without the holdout of seed {trained.holdout} (a share of "
            f"{trained.holdout_fraction:g}): score with that seed and share, or on the test split."
        )
    sample = configured_sample(dataset, trained)
    held = in_holdout(sample.indices, sample.labels, config.seed, config.holdout_fraction, dataset.train_groups)
    if not np.array_equal(np.sort(sample.indices[~held]), np.sort(checkpoint.indices.cpu().numpy())):
        raise GlicoError(
            "The data set has changed since the checkpoint was trained: its holdout is no longer known. "
            "Score on the test split, or train again."
        )
    return sample.indices[held]
