"""Before and after decisions: the same images, the same labels, whatever the decisions did to the split."""

from dataclasses import replace

import numpy as np
import pytest

from glico.data.dataset import Dataset
from glico.data.decisions import Decision, with_decisions
from glico.errors import GlicoError
from glico.evaluation.before_after import NO_LABEL, changed, compare, labels_by_place, predicted_classes

IMAGES = np.zeros((6, 4, 4, 1), np.uint8)
LABELS = np.array([0, 0, 0, 1, 1, 1])
PUBLISHED = Dataset("six", IMAGES, LABELS, IMAGES, LABELS, ("a", "b"))
DECIDED = with_decisions(PUBLISHED, [Decision("1", "a", "test", "leave-out"), Decision("2", "b", "test", "relabel")])


def predictions(dataset: Dataset, predicted: list[int]):  # type: ignore[no-untyped-def]
    indices = np.arange(len(dataset.test_labels))
    arrays = {"part": np.array("test"), "indices": indices, "logits": np.eye(2)[predicted], "labels": indices}
    return predicted_classes(arrays, dataset)


def test_images_are_paired_by_their_place_in_the_published_split() -> None:
    """Image 1 is left out, so that all later ones have moved; image 2 has another label."""
    before = {0: predictions(PUBLISHED, [0, 0, 1, 1, 1, 0])}
    after = {0: predictions(DECIDED, [0, 1, 1, 1, 1])}
    decided, published = labels_by_place(DECIDED, "test"), labels_by_place(PUBLISHED, "test")
    assert decided.tolist() == [0, NO_LABEL, 1, 1, 1, 1]
    compared = compare(before, after, decided, decided)
    assert compared is not None
    assert compared.images == (5,)
    assert (compared.before.mean, compared.after.mean) == (pytest.approx(4 / 5), 1.0)
    assert compared.difference.mean == pytest.approx(1 / 5)
    by_published = compare(before, after, published, decided)
    assert by_published is not None
    assert by_published.before.mean == pytest.approx(3 / 5)
    assert by_published.after.mean == pytest.approx(4 / 5)
    assert changed([before[0].places], published, decided) == 2


def test_seeds_that_only_one_has_are_not_compared() -> None:
    labels = labels_by_place(PUBLISHED, "test")
    one = {0: predictions(PUBLISHED, [0] * 6)}
    assert compare(one, {1: one[0]}, labels, labels) is None
    both = compare(one, {0: one[0], 1: one[0]}, labels, labels)
    assert both is not None
    assert both.difference.count == 1


def test_predictions_beyond_the_split_get_a_sentence() -> None:
    fewer = replace(PUBLISHED, test_images=IMAGES[:5], test_labels=LABELS[:5])
    of_six = {"part": np.array("test"), "indices": np.arange(6), "logits": np.eye(2)[[0] * 6]}
    with pytest.raises(GlicoError, match="fewer images than when it was scored"):
        predicted_classes(of_six, fewer)
