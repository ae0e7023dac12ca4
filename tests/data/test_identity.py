"""A sample's images are found by content, wherever they lie."""

import numpy as np
import pytest

from glico.data.sample import digests, match_digests
from glico.errors import GlicoError


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (30, 4, 4, 3), dtype=np.uint8)


def test_images_are_found_in_any_order(images: np.ndarray) -> None:
    indices = np.array([3, 17, 4])
    wanted = digests(images[indices])
    order = np.random.default_rng(1).permutation(len(images))
    assert np.array_equal(match_digests(wanted, images, indices), indices)
    assert np.array_equal(order[match_digests(wanted, images[order], indices)], indices)


def test_a_changed_pixel_and_another_shape_are_another_image(images: np.ndarray) -> None:
    wanted = digests(images)
    assert len(set(wanted.tolist())) == len(images)
    changed = images.copy()
    changed[5, 0, 0, 0] ^= 1
    with pytest.raises(GlicoError, match="1 of the sample's 30 images are not in this data set"):
        match_digests(wanted, changed, np.arange(30))
    assert not np.intersect1d(wanted, digests(images.reshape(30, 2, 8, 3))).size


def test_fewer_images_than_the_sample_had(images: np.ndarray) -> None:
    with pytest.raises(GlicoError, match="2 of the sample's 3"):
        match_digests(digests(images[[0, 20, 29]]), images[:10], np.array([0, 20, 29]))
