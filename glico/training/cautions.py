"""Warnings about settings and samples with which a training cannot go well, one sentence each."""

import numpy as np

from glico.config import TrainConfig
from glico.data.dataset import Dataset, Sample
from glico.data.duplicates import duplicates_of
from glico.words import listed

COLLAPSES = 0.1  # constant gamma from which classes collapse under the Laplacian loss (benchmarks.default_study)
COMPARED = 3_000  # images: larger data sets are not searched for duplicates, which takes some seconds at this size


def cautions(config: TrainConfig, sample: Sample) -> list[str]:
    """Return warnings about ``config`` on ``sample``; an empty list if there are none."""
    labels = sample.labels[sample.labels >= 0]
    counts = np.bincount(labels, minlength=len(sample.class_names))
    single = [name for name, count in zip(sample.class_names, counts, strict=True) if count == 1]
    images = [sample.images[sample.labels == label] for label in range(len(sample.class_names))]
    alike = [
        name for name, own in zip(sample.class_names, images, strict=True) if len(own) > 1 and (own == own[0]).all()
    ]
    gamma = config.gamma if config.objective == "glico" and config.classifier_input == "image" else None
    warnings = []
    if (gamma or 0) > COLLAPSES and config.reconstruction == "laplacian" and sample.images.shape[-1] == 3:
        warnings.append(
            f"A constant gamma of {gamma:g} collapses the classes if they are photographs. Leave "
            "gamma out, so that it is balanced."
        )
    if len(labels) <= len(sample.class_names):
        warnings.append(
            f"{len(labels)} labelled images of {len(sample.class_names)} classes are too few to form groups. Add "
            "images, so that every class has at least two."
        )
    elif single:
        have = "has" if len(single) == 1 else "have"
        warnings.append(f"{listed(single)} {have} one image, but a path joins two of a class. Add at least one more.")
    if alike:
        warnings.append(f"All images of {listed(alike)} are identical, so there is nothing to interpolate.")
    return warnings


def are_compared(dataset: Dataset) -> bool:
    """Return whether a data set is searched for duplicates without a request: a person's own that is not large."""
    count = len(dataset.train_labels) + len(dataset.test_labels)
    return bool(dataset.train_names) and dataset.train_ids is None and count <= COMPARED


def duplicate_cautions(dataset: Dataset) -> list[str]:
    """Return warnings about duplicates in a user's own data set; nothing for a known or a large one."""
    if not are_compared(dataset):
        return []
    sentences = duplicates_of(dataset).sentences()
    return [*sentences, "Leave duplicates out with --duplicates leave-out."] if sentences else []
