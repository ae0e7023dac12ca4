"""The small sample: k labelled images per class, the same for the same seed whatever was sampled before.

Its images are identified by their content, so that it is found again wherever its data set is stored.
"""

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from glico.config import DataConfig, TrainConfig
from glico.data.dataset import Dataset, Sample, in_holdout
from glico.data.index_file import read_indices
from glico.errors import FixableError, GlicoError
from glico.types import Images, Labels

PerClass = Literal["exactly", "up-to", "all"]
FEWEST = 2  # images of a class: new images need two codes to lie between
UNLABELLED_LIMIT: int = DataConfig.model_fields["unlabelled_limit"].default
UNLABELLED_STREAM = 2**32 - 1  # the largest word of a seed: no class has this number


def configured_sample(dataset: Dataset, config: DataConfig) -> Sample:
    """Return the small sample that a configuration describes. Raises GlicoError."""
    return small_sample(
        dataset,
        config.samples_per_class,
        config.seed,
        config.unlabelled,
        config.unlabelled_limit,
        config.index_file,
        config.per_class,
    )


def training_sample(dataset: Dataset, config: TrainConfig) -> Sample:
    """Return the small sample that a latent optimisation learns from: without its holdout. Raises GlicoError."""
    sample = configured_sample(dataset, config)
    if config.holdout is None:
        return sample
    rows = ~in_holdout(sample.indices, sample.labels, config.holdout, config.holdout_fraction, dataset.train_groups)
    return replace(sample, images=sample.images[rows], labels=sample.labels[rows], indices=sample.indices[rows])


@dataclass(frozen=True)
class ClassSize:
    """The number of a class's training and test images, and of the training images in the small sample."""

    name: str
    training: int
    test: int
    sample: int


def class_sizes(dataset: Dataset, config: DataConfig) -> list[ClassSize]:
    """Return the sizes of all classes for the small sample of ``config``. Raises GlicoError as drawing it does."""
    labels = dataset.train_labels[
        _labelled(dataset, config.samples_per_class, config.seed, config.index_file, config.per_class)
    ]
    count = len(dataset.class_names)
    splits = (dataset.train_labels, dataset.test_labels, labels)
    sizes = zip(*(np.bincount(split, minlength=count).tolist() for split in splits), strict=True)
    return [ClassSize(name, *size) for name, size in zip(dataset.class_names, sizes, strict=True)]


def small_sample(
    dataset: Dataset,
    samples_per_class: int,
    seed: int,
    unlabelled: Literal["none", "training", "test"] = "none",
    unlabelled_limit: int = UNLABELLED_LIMIT,
    index_file: str | None = None,
    per_class: PerClass = "exactly",
) -> Sample:
    """Draw ``samples_per_class`` images of every class, class after class, then the unlabelled ones with label -1.

    Every class has its own stream, named by (seed, class), of NumPy's frozen ``RandomState``. So the sample is the same
    on every machine, a larger ``samples_per_class`` contains the smaller, and a class does not depend on the others.
    Decisions on some images do not move the others. With ``per_class="up-to"`` smaller classes contribute all
    their images, with "all" every class does. Unlabelled images are the rest of the training split, or the test split
    (section III's transductive mode), at most ``unlabelled_limit`` of them. An ``index_file`` replaces the draw
    (glico.data.index_file). Raises GlicoError if a class has too few images.
    """
    if samples_per_class < 1 or unlabelled_limit < 1 or not 0 <= seed < 2**32:
        raise GlicoError(
            "A sample needs at least 1 image per class, a limit of at least 1 and a seed from 0 to 2^32 - 1."
        )
    labelled = _labelled(dataset, samples_per_class, seed, index_file, per_class)
    images, labels, indices = [dataset.train_images[labelled]], [dataset.train_labels[labelled]], [labelled]
    if unlabelled != "none":
        source = dataset.test_images if unlabelled == "test" else dataset.train_images
        excluded = labelled if unlabelled == "training" else labelled[:0]
        rest = indices_without(dataset, excluded, seed, unlabelled_limit, unlabelled)
        images.append(source[rest])
        labels.append(np.full(len(rest), -1, dtype=np.int64))
        indices.append(rest)
    return Sample(np.concatenate(images), np.concatenate(labels), np.concatenate(indices), dataset.class_names)


def indices_without(
    dataset: Dataset, excluded: Labels, seed: int, limit: int, split: Literal["training", "test"] = "training"
) -> Labels:
    """Return at most ``limit`` indices of a split, none of them ``excluded``, in an order that depends on ``seed``.

    Raises GlicoError if there is none.
    """
    source = dataset.test_images if split == "test" else dataset.train_images
    rest = _shuffled(np.arange(len(source)), seed, UNLABELLED_STREAM)
    rest = rest[~np.isin(rest, excluded)]
    if len(rest) == 0:
        raise GlicoError(
            f"{dataset.name} has no image left in its {split} split to use without its label. Take a smaller sample or "
            "no unlabelled images."
        )
    return rest[:limit]


def _labelled(
    dataset: Dataset, samples_per_class: int, seed: int, index_file: str | None, per_class: PerClass
) -> Labels:
    """Return the indices of the sample's labelled images in the training split, class after class."""
    if index_file is not None:
        published = dataset.published
        if published is not None and len(published.train) < len(published.labels):
            raise GlicoError(
                f"Cannot use the index file {index_file} with decisions that leave training images out. Take these "
                "images out of the index file, and undo the decisions."
            )
        listed = read_indices(index_file, dataset)
        _check_listed(dataset, listed, samples_per_class, index_file, per_class)
        return listed
    members = _in_order_of_draw(dataset, seed)
    least = samples_per_class - dataset.may_lack if per_class == "exactly" else FEWEST
    _check_counts(dataset, [len(member) for member in members], samples_per_class, least, per_class)
    most = None if per_class == "all" else samples_per_class
    return np.concatenate([member[:most] for member in members])


def _in_order_of_draw(dataset: Dataset, seed: int) -> list[Labels]:
    """Return the training images of each class in the order in which samples take them.

    Published labels decide the order, so that decisions on some images leave the others in the sample: the next one of
    its class takes the place of an image that is left out, and a relabelled image keeps its place in its new class.
    """
    published, classes = dataset.published, range(len(dataset.class_names))
    if published is None:
        return [_shuffled(np.flatnonzero(dataset.train_labels == label), seed, label) for label in classes]
    place = np.empty(len(published.labels), dtype=np.int64)
    for label in classes:
        order = _shuffled(np.flatnonzero(published.labels == label), seed, label)
        place[order] = np.arange(len(order))
    own = place[published.train]
    stays = dataset.train_labels == published.labels[published.train]
    order = np.lexsort((stays, own))  # by place; a relabelled image comes before another one with the same place
    return [order[dataset.train_labels[order] == label] for label in classes]


def _shuffled(members: Labels, seed: int, stream: int) -> Labels:
    return members[np.random.RandomState([seed, stream]).permutation(len(members))]


def _check_counts(dataset: Dataset, counts: list[int], samples_per_class: int, least: int, per_class: PerClass) -> None:
    short = [label for label, count in enumerate(counts) if count < least]
    if not short:
        return
    tests = np.bincount(dataset.test_labels, minlength=len(counts))
    classes = ", ".join(f"{dataset.class_names[c]!r} has {counts[c]} (and {tests[c]} to test)" for c in short[:3])
    more = f" and {len(short) - 3} more classes are short" if len(short) > 3 else ""
    if min(counts) < FEWEST:
        raise GlicoError(
            f"{dataset.name} has too few training images: {classes}{more}; every class needs {FEWEST} or more, so add "
            "images or remove the class."
        )
    raise FixableError(
        f"{dataset.name} has too few training images for {samples_per_class} per class: {classes}{more}; use "
        f"{min(counts)} per class, or up to {samples_per_class} (--samples-per-class up-to-{samples_per_class}).",
        f"Use {min(counts)} per class",
        {"samples_per_class": min(counts)},
    )


def _check_listed(
    dataset: Dataset, labelled: Labels, samples_per_class: int, index_file: str, per_class: PerClass
) -> None:
    """Check that the file lists ``samples_per_class`` images; a class may have fewer, as CUB-200's smallest do."""
    counts = np.bincount(dataset.train_labels[labelled], minlength=len(dataset.class_names))
    most = int(counts.max())
    if counts.min() < FEWEST:
        raise GlicoError(
            f"{index_file} has {counts.min()} images of class {dataset.class_names[counts.argmin()]!r}; every class "
            f"needs {FEWEST} or more: add lines for it."
        )
    if per_class != "all" and (most > samples_per_class or (per_class == "exactly" and most < samples_per_class)):
        raise GlicoError(
            f"{index_file} has {most} images per class and not {samples_per_class}: ask for {most} per class."
        )


Digests = NDArray[np.int64]


def digests(images: Images) -> Digests:
    """Return (n,) int64 for images (n, H, W, C) uint8: eight bytes of each one's BLAKE2b, which reveal no image."""
    shape = str(images.shape[1:]).encode()
    each = (blake2b(shape + np.ascontiguousarray(image).data, digest_size=8).digest() for image in images)
    return np.frombuffer(b"".join(each), dtype="<i8").astype(np.int64)


def match_digests(names: Digests, images: Images, indices: Labels) -> Labels:
    """Return the positions (n,) in ``images`` (N, H, W, C) of the images with the digests ``names`` (n,).

    The search looks at their former ``indices`` (n,) first, then everywhere. Raises GlicoError with the number of
    missing images if there are any.
    """
    inside = indices[indices < len(images)]
    if len(inside) == len(indices) and np.array_equal(digests(images[indices]), names):
        return indices
    present = digests(images)
    order = np.argsort(present, kind="stable")
    positions = order[np.searchsorted(present, names, sorter=order).clip(max=len(present) - 1)]
    missing = int((present[positions] != names).sum())
    if missing:
        raise GlicoError(
            f"{missing} of the sample's {len(names)} images are not in this data set: it is another one, or its "
            "images have changed. Choose the data set of the sample."
        )
    return positions
