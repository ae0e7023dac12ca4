"""Duplicates: the same image is found however it came twice, and nothing else is."""

import io

import numpy as np
import pytest
from PIL import Image

from glico.data import Dataset, load_dataset
from glico.data.duplicates import duplicates_of, find_duplicates, mask_without_duplicates


def scene(seed: int, side: int = 64) -> Image.Image:
    """A picture of large and small shapes that only this seed has."""
    rng = np.random.RandomState(seed)
    coarse = Image.fromarray(rng.randint(0, 256, (5, 5, 3), dtype=np.uint8)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    fine = Image.fromarray(rng.randint(0, 256, (16, 16, 3), dtype=np.uint8)).resize((side, side))
    return Image.blend(coarse, fine, 0.1)


def encoded_again(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=60)
    return Image.open(file).convert("RGB")


def stacked(*images: Image.Image) -> np.ndarray:
    return np.stack([np.asarray(image) for image in images])


ALTERED = {
    "the same": lambda image: image,
    "encoded again": encoded_again,
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "brighter": lambda image: image.point(lambda value: min(255, value + 6)),
    "resized": lambda image: image.resize((40, 40)).resize((64, 64)),
    "cropped": lambda image: image.crop((1, 0, 64, 63)).resize((64, 64)),
}


@pytest.mark.parametrize("how", ALTERED)
def test_an_altered_copy_is_found_among_others(how):
    images = stacked(*map(scene, range(20)), ALTERED[how](scene(7)))
    result = find_duplicates(images)
    assert result.pairs.tolist() == [[7, 20]]
    assert result.exact.tolist() == [how == "the same"]
    assert np.flatnonzero(result.groups == 0).tolist() == [7, 20]


def test_different_images_and_plain_ones_are_no_duplicates():
    """Blank images have the same hash as each other, whatever their colour."""
    plain = [Image.new("RGB", (64, 64), colour) for colour in ("white", "white", "black", "red")]
    assert find_duplicates(stacked(*map(scene, range(60)), *plain)).pairs.tolist() == []


def test_handwritten_digits_of_a_class_are_no_duplicates():
    data = load_dataset("digits", 16)
    result = find_duplicates(data.train_images[:400])
    assert len(result.pairs) <= 4


def test_leaks_and_contradictions_are_counted_and_left_out():
    train = stacked(*map(scene, range(6)), scene(0), scene(1))  # 6 repeats 0, 7 is 1 in another class
    test = stacked(encoded_again(scene(2)), scene(50), scene(51))
    labels, test_labels = np.array([0, 0, 0, 1, 1, 1, 0, 1]), np.array([0, 1, 1])
    duplicates = duplicates_of(Dataset("mine", train, labels, test, test_labels, ("a", "b")))
    assert duplicates.leaked.tolist() == [0]
    assert duplicates.sentences() == [
        "1 of 3 test images is also in the training split, the same or nearly, so that the accuracy is too high.",
        "2 images that are the same or nearly are in different classes, so that some of them are wrong.",
        "2 training images repeat another one, the same or nearly.",
    ]
    assert np.flatnonzero(~mask_without_duplicates(duplicates)).tolist() == [1, 6, 7, 8]
