"""The laws of the small sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glico.config import DataConfig
from glico.data import Dataset, load_dataset, small_sample
from glico.data.sample import class_sizes
from glico.errors import GlicoError

SEEDS = st.integers(0, 2**31 - 1)


def numbered(classes: int = 3, count: int = 20, test: int = 9, seed: int = 0) -> Dataset:
    """A data set whose images are (i, part) in each pixel, i their place; labels in no order."""
    labels = np.random.RandomState(seed).permutation(np.repeat(np.arange(classes), count))

    def images(n: int, part: int) -> np.ndarray:
        return np.stack([np.full((2, 2, 3), (i % 256, i // 256, part), dtype=np.uint8) for i in range(n)])

    names = tuple(f"class {c}" for c in range(classes))
    return Dataset("numbered", images(len(labels), 0), labels, images(test, 1), np.arange(test) % classes, names)


DATA = numbered()
GOLDEN = [34, 51, 19, 46, 33, 15]
GOLDEN_DIGITS = [763, 454, 243, 221, 66, 558, 37, 581, 935, 1048]


@given(SEEDS, st.integers(1, 20))
def test_balanced_distinct_and_true_to_the_data(seed, k):
    sample = small_sample(DATA, k, seed)
    assert np.bincount(sample.labels).tolist() == [k, k, k]
    assert len(set(sample.indices.tolist())) == 3 * k
    np.testing.assert_array_equal(sample.labels, DATA.train_labels[sample.indices])
    np.testing.assert_array_equal(sample.images, DATA.train_images[sample.indices])
    assert sample.indices.dtype == sample.labels.dtype == np.int64
    assert sample.class_names == DATA.class_names


@given(SEEDS, st.integers(1, 20), SEEDS)
def test_the_same_whatever_was_drawn_before(seed, k, disturbance):
    first = small_sample(DATA, k, seed)
    np.random.seed(disturbance)  # noqa: NPY002 (the global stream is what must not matter)
    np.random.random(disturbance % 7)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    np.testing.assert_array_equal(small_sample(DATA, k, seed).indices, first.indices)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@given(SEEDS, st.integers(1, 20), st.integers(1, 20))
def test_a_larger_sample_contains_the_smaller(seed, one, other):
    small, large = (small_sample(DATA, k, seed).indices.tolist() for k in sorted((one, other)))
    assert set(small) <= set(large)


def test_seeds_differ_and_classes_do_not_depend_on_each_other():
    assert len({tuple(small_sample(DATA, 5, seed).indices) for seed in range(20)}) == 20
    keep = DATA.train_labels < 2
    fewer = Dataset(
        "two", DATA.train_images[keep], DATA.train_labels[keep], DATA.test_images, DATA.test_labels, ("a", "b")
    )
    np.testing.assert_array_equal(small_sample(fewer, 5, 3).images, small_sample(DATA, 5, 3).images[:10])


@given(SEEDS, st.integers(1, 19), st.integers(1, 70), st.sampled_from(("training", "test")))
@settings(deadline=None)
def test_unlabelled_images_follow_and_are_others(seed, k, limit, part):
    sample = small_sample(DATA, k, seed, part, limit)
    labelled, rest = sample.labels >= 0, sample.labels == -1
    assert labelled.tolist() == sorted(labelled, reverse=True)
    np.testing.assert_array_equal(sample.indices[labelled], small_sample(DATA, k, seed).indices)
    available = 60 - 3 * k if part == "training" else 9
    assert rest.sum() == min(limit, available)
    assert len(set(map(bytes, sample.images.reshape(len(sample.images), -1)))) == len(sample.images)
    source = DATA.test_images if part == "test" else DATA.train_images
    np.testing.assert_array_equal(sample.images[rest], source[sample.indices[rest]])


def test_the_same_on_every_machine():
    """Indices written down once: a change of these is a change of every published number."""
    assert small_sample(DATA, 2, 0).indices.tolist() == GOLDEN
    digits = load_dataset("digits")
    assert small_sample(digits, 1, 7).indices.tolist() == GOLDEN_DIGITS
    assert np.bincount(digits.test_labels).sum() == 599


def test_too_few_images_are_named_with_their_counts():
    with pytest.raises(GlicoError) as caught:
        small_sample(DATA, 21, 0)
    assert str(caught.value) == (
        "numbered has too few training images for 21 per class: 'class 0' has 20 (and 3 to test), 'class 1' has 20 "
        "(and 3 to test), 'class 2' has 20 (and 3 to test); use 20 per class, or up to 21 "
        "(--samples-per-class up-to-21)."
    )
    with pytest.raises(GlicoError, match="and 2 more classes are short"):
        small_sample(numbered(classes=5, count=4), 5, 0)


@pytest.mark.parametrize(("k", "seed", "limit"), [(0, 0, 1), (1, -1, 1), (1, 2**32, 1), (1, 0, 0)])
def test_senseless_numbers_are_refused(k, seed, limit):
    with pytest.raises(GlicoError, match="at least 1 image per class"):
        small_sample(DATA, k, seed, "none", limit)


def test_nothing_left_to_use_without_labels_is_said():
    with pytest.raises(GlicoError, match="no image left in its training split"):
        small_sample(DATA, 20, 0, "training")
    with pytest.raises(GlicoError, match="no image left in its test split"):
        small_sample(
            Dataset(
                "x", DATA.train_images, DATA.train_labels, DATA.test_images[:0], DATA.test_labels[:0], DATA.class_names
            ),
            2,
            0,
            "test",
        )


def uneven() -> Dataset:
    labels = np.repeat([0, 1, 2], [9, 4, 2])
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None, None].repeat(16, 1).repeat(16, 2)
    return Dataset("uneven", images, labels, images[:0], labels[:0], ("many", "some", "few"))


def test_smaller_class_contributes_all_images_on_request():
    """With ``up-to`` a class with fewer images contributes all of them."""
    data = uneven()
    up_to = small_sample(data, 5, 0, per_class="up-to")
    assert np.bincount(up_to.labels).tolist() == [5, 4, 2]
    assert np.bincount(small_sample(data, 5, 0, per_class="all").labels).tolist() == [9, 4, 2]
    few = small_sample(data, 2, 0)
    assert set(few.indices) <= set(up_to.indices), "a larger sample contains the smaller"
    with pytest.raises(GlicoError, match=r"'few' has 2 .* use 2 per class, or up to 5"):
        small_sample(data, 5, 0)


def test_sizes_say_what_the_sample_would_take_of_each_class():
    config = DataConfig(samples_per_class="up-to-5")
    assert [(size.name, size.training, size.test, size.sample) for size in class_sizes(uneven(), config)] == [
        ("many", 9, 0, 5),
        ("some", 4, 0, 4),
        ("few", 2, 0, 2),
    ]
