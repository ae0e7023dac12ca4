"""Before and after decisions on single images: classifiers compared on the same images with the same labels.

Decisions also change what is scored: they leave images out, and relabel others. So both classifiers are scored here
on the images that both were tested on, by their places in the published split, and against one and the same labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glico.arrays import Arrays
from glico.data.dataset import Dataset
from glico.errors import GlicoError
from glico.evaluation.statistics import (
    Estimate,
    Hits,
    Key,
    PairedDifference,
    estimate,
    image_differences,
    paired_difference,
)
from glico.types import Labels, Split

NO_LABEL = -1


@dataclass(frozen=True)
class Predicted:
    """The classes ``predicted`` (m,) of the images at ``places`` (m,) of the published ``split``."""

    split: Split
    places: Labels
    predicted: Labels


@dataclass(frozen=True)
class BeforeAfter:
    """The accuracies before and after, over the seeds that both have, on ``images`` in common (of each seed), and the
    paired difference after − before."""

    before: Estimate
    after: Estimate
    difference: PairedDifference
    images: tuple[int, ...]


def predicted_classes(arrays: Arrays, dataset: Dataset) -> Predicted:
    """Return the predictions of a finished classifier run (its predictions.npz) that was scored on ``dataset``. Raises
    GlicoError if it was scored on more images than the data set has."""
    split: Split = "test" if str(arrays["part"]) == "test" else "train"
    places = arrays["indices"]
    if places.max(initial=-1) >= len(dataset.test_labels if split == "test" else dataset.train_labels):
        raise GlicoError(
            f"Cannot compare before and after: {dataset.name} has fewer images than when it was scored. Put the images "
            "back, or classify again."
        )
    if dataset.published is not None:
        places = dataset.published.rows(split)[places]
    return Predicted(split, places, arrays["logits"].argmax(axis=1))


def labels_by_place(dataset: Dataset, split: Split) -> Labels:
    """Return the label at each place (N,) of the published split, NO_LABEL for an image that was left out."""
    labels = dataset.test_labels if split == "test" else dataset.train_labels
    if dataset.published is None:
        return labels
    places = dataset.published.rows(split)
    by_place = np.full(int(places.max(initial=-1)) + 1, NO_LABEL, dtype=np.int64)
    by_place[places] = labels
    return by_place


def compare(
    before: Mapping[Key, Predicted], after: Mapping[Key, Predicted], labels: Labels, scored: Labels
) -> BeforeAfter | None:
    """Return the comparison over the seeds that both have, None without any.

    ``labels`` (N,) are those that the predictions are compared with, by place. Images without a label in ``scored``
    (N,) do not count, so that several ``labels`` can be compared on the same images.
    """
    seeds = [seed for seed in before if seed in after]
    hits: tuple[dict[Key, Hits], dict[Key, Hits]] = {}, {}
    for seed in seeds:
        both = np.intersect1d(before[seed].places, after[seed].places)
        both = both[(_at(labels, both) >= 0) & (_at(scored, both) >= 0)]
        for own, run in zip(hits, (before[seed], after[seed]), strict=True):
            own[seed] = Hits(run.split, both, _of(run, both) == labels[both])
    seeds = [seed for seed in seeds if len(hits[0][seed].right)]
    if not seeds:
        return None
    scores = [[float(own[seed].right.mean()) for seed in seeds] for own in hits]
    difference = paired_difference(scores[1], scores[0], image_differences(hits[1], hits[0], seeds))
    images = tuple(len(hits[0][seed].right) for seed in seeds)
    return BeforeAfter(estimate(scores[0]), estimate(scores[1]), difference, images)


def changed(places: Sequence[Labels], published: Labels, decided: Labels) -> int:
    """Return how many of the images at ``places`` decisions have relabelled or left out."""
    scored = np.unique(np.concatenate([*places, np.zeros(0, dtype=np.int64)]))
    return int((_at(published, scored) != _at(decided, scored)).sum())


def _at(labels: Labels, places: Labels) -> Labels:
    """Return the labels at places, NO_LABEL beyond the last."""
    inside = places < len(labels)
    at = np.full(len(places), NO_LABEL, dtype=np.int64)
    at[inside] = labels[places[inside]]
    return at


def _of(run: Predicted, places: Labels) -> Labels:
    order = np.argsort(run.places)
    return run.predicted[order[np.searchsorted(run.places, places, sorter=order)]]
