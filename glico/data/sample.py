"""The small sample: k labelled images a class, the same for the same seed whatever was drawn before."""

from typing import Literal

import numpy as np

from glico.config import DataConfig
from glico.data.dataset import Dataset, Labels, Sample
from glico.data.index_file import read_indices
from glico.errors import GlicoError

UNLABELLED_LIMIT: int = DataConfig.model_fields["unlabelled_limit"].default
UNLABELLED_STREAM = 2**32 - 1  # the largest word of a seed: no class has this number


def configured_sample(dataset: Dataset, config: DataConfig) -> Sample:
    """The small sample that a configuration describes. Raises GlicoError."""
    return small_sample(
        dataset, config.samples_per_class, config.seed, config.unlabelled, config.unlabelled_limit, config.index_file
    )


def small_sample(
    dataset: Dataset,
    samples_per_class: int,
    seed: int,
    unlabelled: Literal["none", "training", "test"] = "none",
    unlabelled_limit: int = UNLABELLED_LIMIT,
    index_file: str | None = None,
) -> Sample:
    """``samples_per_class`` images of every class, class after class, then the unlabelled ones with label -1.

    Every class has a stream of its own, named by (seed, class), of NumPy's frozen ``RandomState``: the sample is
    the same on every machine, a larger ``samples_per_class`` contains the smaller, and a class does not depend on
    the others. Unlabelled images are the rest of the training part, or the test part (section III's transductive
    mode), at most ``unlabelled_limit`` of them. An ``index_file`` replaces the draw (glico.data.index_file). Raises
    GlicoError if a class has too few images.
    """
    if samples_per_class < 1 or unlabelled_limit < 1 or not 0 <= seed < 2**32:
        raise GlicoError(
            "A sample needs at least 1 image a class, a limit of at least 1 and a seed from 0 to 2^32 - 1."
        )
    if index_file is None:
        labelled = _drawn(dataset, samples_per_class, seed)
    else:
        labelled = read_indices(index_file, dataset)
        _check_given(dataset, labelled, samples_per_class, index_file)
    images, labels, indices = [dataset.train_images[labelled]], [dataset.train_labels[labelled]], [labelled]
    if unlabelled != "none":
        source = dataset.test_images if unlabelled == "test" else dataset.train_images
        used = labelled if unlabelled == "training" else labelled[:0]
        rest = outside(dataset, used, seed, unlabelled_limit, unlabelled)
        images.append(source[rest])
        labels.append(np.full(len(rest), -1, dtype=np.int64))
        indices.append(rest)
    return Sample(np.concatenate(images), np.concatenate(labels), np.concatenate(indices), dataset.class_names)


def outside(
    dataset: Dataset, used: Labels, seed: int, limit: int, part: Literal["training", "test"] = "training"
) -> Labels:
    """At most ``limit`` indices of a part, none of them in ``used``, in an order that ``seed`` names.

    Raises GlicoError if there is none.
    """
    source = dataset.test_images if part == "test" else dataset.train_images
    rest = _shuffled(np.arange(len(source)), seed, UNLABELLED_STREAM)
    rest = rest[~np.isin(rest, used)]
    if len(rest) == 0:
        raise GlicoError(f"{dataset.name} has no image left in its {part} part to use without its label.")
    return rest[:limit]


def _drawn(dataset: Dataset, samples_per_class: int, seed: int) -> Labels:
    members = [np.flatnonzero(dataset.train_labels == label) for label in range(len(dataset.class_names))]
    _check_counts(dataset, [len(member) for member in members], samples_per_class)
    return np.concatenate([_shuffled(member, seed, label)[:samples_per_class] for label, member in enumerate(members)])


def _shuffled(members: Labels, seed: int, stream: int) -> Labels:
    return members[np.random.RandomState([seed, stream]).permutation(len(members))]


def _check_counts(dataset: Dataset, counts: list[int], samples_per_class: int) -> None:
    short = [label for label, count in enumerate(counts) if count < samples_per_class - dataset.may_lack]
    if not short:
        return
    held = np.bincount(dataset.test_labels, minlength=len(counts))
    named = ", ".join(f"{dataset.class_names[c]!r} has {counts[c]} (and {held[c]} to test)" for c in short[:3])
    more = f" and {len(short) - 3} more classes are short" if len(short) > 3 else ""
    raise GlicoError(
        f"{dataset.name} has too few training images for {samples_per_class} a class: {named}{more}; "
        f"ask for at most {min(counts)} a class or add images."
    )


def _check_given(dataset: Dataset, labelled: Labels, samples_per_class: int, index_file: str) -> None:
    """``samples_per_class`` must say what the file holds; a class may have fewer, as CUB-200's smallest do."""
    counts = np.bincount(dataset.train_labels[labelled], minlength=len(dataset.class_names))
    if counts.max() != samples_per_class:
        raise GlicoError(
            f"{index_file} has {counts.max()} images a class and not {samples_per_class}: ask for {counts.max()} "
            "samples a class."
        )
    if counts.min() < 2:
        raise GlicoError(
            f"{index_file} has {counts.min()} images of class {dataset.class_names[counts.argmin()]!r}; each class "
            "needs 2."
        )
