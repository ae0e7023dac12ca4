"""From a checkpoint's small sample to a classifier's training: what it learns from, and what it is scored on."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import from_numpy

from glico.augmentation.latent_sampler import LatentSampler
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import GENERATIVE, ClassifyConfig
from glico.data import DATASETS
from glico.data.dataset import Dataset, held_out_of_sample
from glico.data.sample import configured_sample, outside
from glico.errors import GlicoError
from glico.machine import choose_device, choose_dtype
from glico.training.classification import Classification
from glico.training.mixmatch import MixMatch
from glico.types import Images, Labels


class Scored(NamedTuple):
    """The images that are scored: the split of the data set and their ``indices`` (m,) in it."""

    split: Literal["test", "train"]
    indices: Labels


def build_classification(
    config: ClassifyConfig, checkpoint: Checkpoint, dataset: Dataset, device: str | None = None
) -> Classification:
    """The classification of ``checkpoint``'s small sample, scored on ``dataset``, from which the sample was drawn.

    ``dataset`` must have the checkpoint's image shape and classes, and its sample at ``indices`` (see
    :func:`glico.checkpoints.located.located`); GlicoError if it does not, or if nothing is left to score.
    """
    shape = tuple(dataset.train_images.shape[1:])
    if shape != checkpoint.image_shape:
        raise GlicoError(
            f"The data set's images are {'x'.join(map(str, shape))}, the checkpoint's "
            f"{'x'.join(map(str, checkpoint.image_shape))}: load it at the checkpoint's resolution and colour."
        )
    if dataset.class_names != checkpoint.class_names:
        raise GlicoError("The data set's classes are not the checkpoint's: it is another data set.")
    labels = checkpoint.labels.cpu().numpy()
    labelled = labels >= 0
    taken = checkpoint.indices.cpu().numpy()[labelled]
    images = np.zeros((len(labels), *shape), dtype=np.uint8)  # unlabelled rows stay black and are never used
    if checkpoint.images is not None:
        images[labelled] = checkpoint.images.cpu().numpy()[labelled]
    else:
        images[labelled] = dataset.train_images[taken]
    learned = np.where(holdout(config, checkpoint), -1, labels)
    split, scored = scored_split(config, checkpoint, dataset)
    scored_images = (dataset.test_images if split == "test" else dataset.train_images)[scored]
    scored_labels = (dataset.test_labels if split == "test" else dataset.train_labels)[scored]

    target = choose_device(device or config.device)
    sampler = None
    if config.augmentation in GENERATIVE:
        dtype = choose_dtype(config.precision, target)
        sampler = LatentSampler.from_checkpoint(
            replace(checkpoint, labels=from_numpy(learned)),  # so that the held out rows are not drawn from
            path=config.path,
            factors=config.interpolation_factors,
            drawn_from=config.drawn_from,
            judged=config.least_confidence > 0,
            device=target,
            dtype=dtype,
        )
    known = DATASETS.get(checkpoint.config.dataset)  # which says what suits its images
    flip = config.flip == "on" or (config.flip == "auto" and (known is None or known.flips))
    inside = config.crop in ("inside", "resized") or (config.crop == "auto" and known is not None and known.inside)
    learner: Callable[..., Classification] = Classification
    if config.learning == "mixmatch":
        learner = partial(MixMatch, unlabelled_images(config, checkpoint, dataset))
    return learner(
        config, images, learned, scored_images, scored_labels, len(dataset.class_names),
        flip=flip, inside=inside, sampler=sampler, device=str(target),
    )  # fmt: skip


def scored_split(config: ClassifyConfig, checkpoint: Checkpoint, dataset: Dataset) -> Scored:
    """What ``config`` scores the classifier on: the held out part of the sample, or the test split.

    Where the data set has no test split, the training images outside the sample are the test split.
    """
    if config.scored_on == "holdout" and checkpoint.config.holdout is not None:
        return Scored("train", left_out(config, checkpoint, dataset))
    if config.scored_on == "holdout":
        return Scored("train", checkpoint.indices.cpu().numpy()[holdout(config, checkpoint)])
    if len(dataset.test_images):
        return Scored("test", np.arange(len(dataset.test_images)))
    taken = checkpoint.indices[checkpoint.labels >= 0].cpu().numpy()
    return Scored("train", np.setdiff1d(np.arange(len(dataset.train_images)), taken))


def unlabelled_images(config: ClassifyConfig, checkpoint: Checkpoint, dataset: Dataset) -> Images:
    """The images that MixMatch uses without their labels, (m, H, W, C) uint8; none that is scored, unless the
    checkpoint learned codes for the test split (the transductive mode). GlicoError if there are none."""
    if config.unlabelled == "none":
        return dataset.train_images[:0]
    if config.unlabelled == "training":
        split, scored = scored_split(config, checkpoint, dataset)
        taken = checkpoint.indices[checkpoint.labels >= 0].cpu().numpy()
        used = np.concatenate([taken, scored]) if split == "train" else taken
        return dataset.train_images[outside(dataset, used, checkpoint.config.seed, config.unlabelled_limit)]
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


def holdout(config: ClassifyConfig, checkpoint: Checkpoint) -> NDArray[np.bool_]:
    """(n,) True where a row of the checkpoint's sample is held out: a share of each class that ``config``'s seed names.

    The same rows whatever else is configured, so that candidates are compared on the same images. No row where the
    checkpoint was trained without them; else its generator learned from the whole sample, held out rows too.
    """
    labels = checkpoint.labels.cpu().numpy()
    if config.scored_on != "holdout" or checkpoint.config.holdout is not None:
        return np.zeros(len(labels), dtype=bool)
    return held_out_of_sample(checkpoint.indices.cpu().numpy(), labels, config.seed, config.holdout_fraction)


def left_out(config: ClassifyConfig, checkpoint: Checkpoint, dataset: Dataset) -> Labels:
    """The indices (m,) of what the checkpoint was trained without. GlicoError where that is not what ``config`` holds
    out, or the data set is no longer the one that the sample was drawn from."""
    trained = checkpoint.config
    if (trained.holdout, trained.holdout_fraction) != (config.seed, config.holdout_fraction):
        raise GlicoError(
            f"The checkpoint was trained without the holdout of seed {trained.holdout} (a share of "
            f"{trained.holdout_fraction:g}): score with that seed and share, or on the test split."
        )
    sample = configured_sample(dataset, trained)
    held = held_out_of_sample(sample.indices, sample.labels, config.seed, config.holdout_fraction)
    if not np.array_equal(np.sort(sample.indices[~held]), np.sort(checkpoint.indices.cpu().numpy())):
        raise GlicoError("The data set has changed since the checkpoint was trained: its holdout is no longer known.")
    return sample.indices[held]
