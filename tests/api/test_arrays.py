"""Images and labels that cannot be learned from get one sentence, and those that can are taken as they are."""

import numpy as np
import pytest
import torch
from api_models import Squares, fitted, tiny
from numpy.typing import NDArray

import glico
from glico.api.arrays import label_array, positions_of, uint8_images

IMAGES = np.zeros((6, 16, 16, 1), dtype=np.uint8)


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (IMAGES / 255, "type float64: give uint8 from 0 to 255; "),
        (IMAGES.astype(np.int64), "type int64: give uint8"),
        (np.zeros((6, 3, 16, 16), np.uint8), "channels first"),
        (np.zeros((6, 16, 16, 4), np.uint8), r"shape \(6, 16, 16, 4\): give uint8 of shape"),
        (np.zeros((16, 16), np.uint8), r"shape \(16, 16\)"),
        (IMAGES[:0], "which is empty"),
        (IMAGES[:, :0], "which is empty"),
        ([np.zeros((4, 4), np.uint8), np.zeros((5, 5), np.uint8)], "are not one array"),
        (["a.png"] * 6, "type <U5"),
        (None, "are not one array|give images and labels"),
    ],
)
def test_wrong_images_are_one_sentence(images: object, sentence: str) -> None:
    with pytest.raises(glico.GlicoError, match=sentence) as error:
        tiny().fit(images, [0, 1, 0, 1, 0, 1])  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ([0, 1, 0, 1, 0], "There are 6 images and 5 labels"),
        ([0] * 6, "one class only"),
        ([0, 0, 0, 0, 0, 1], "1 has one image"),
        (["cat", "cat", "dog", "dog", "cow", "pig"], "'cow', 'pig' has one image"),
        (np.eye(6, dtype=int), r"shape \(6, 6\)"),
        ([0.5, 1, 0, 1, 0, 1], "type float64"),
        ([0, 1, 0, 1, 0, np.nan], "type float64"),
        (["a", "b", "a", "b", "a", None], "mix several types"),
        (np.array([0, "a", 0, "a", 0, "a"], dtype=object), "mix several types"),
        (3, r"shape \(\)"),
        (["a" * 300 + end for end in "xxyyxy"], "read the same"),
    ],
)
def test_wrong_labels_are_one_sentence(labels: object, sentence: str) -> None:
    with pytest.raises(glico.GlicoError, match=sentence) as error:
        tiny().fit(IMAGES, labels)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


def test_fit_needs_arrays_or_a_folder() -> None:
    for arguments in ({}, {"images": IMAGES}, {"labels": [0]}, {"images": IMAGES, "labels": [0], "folder": "digits"}):
        with pytest.raises(glico.GlicoError, match="give images and labels, or folder"):
            tiny().fit(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["list", "torch", "column", "float", "bytes", "strided"])
def test_labels_and_images_of_other_types_are_the_same(kind: str, squares: Squares, model: glico.GLICO) -> None:
    """Lists, tensors, columns, whole floats and views give the model that plain arrays give."""
    images: object = squares.images
    labels: object = squares.labels
    if kind == "list":
        images, labels = squares.images.tolist(), squares.labels.tolist()
        images = np.array(images, np.uint8)
    elif kind == "torch":
        images, labels = torch.from_numpy(squares.images), torch.from_numpy(squares.labels)
    elif kind == "column":
        labels = squares.labels[:, None]
    elif kind == "float":
        labels = squares.labels.astype(np.float32)
    elif kind == "bytes":
        labels = squares.labels.astype("S1")
    else:
        images = np.asfortranarray(squares.images.repeat(2, axis=3))[..., ::2]
    assert np.array_equal(fitted(images, labels).codes_, model.codes_)


def test_positions_follow_the_classes() -> None:
    texts = np.array(["cat", "dog"])
    numbers = np.array([3, 7])
    assert positions_of(["dog", "cat"], texts, 2).tolist() == [1, 0]
    assert positions_of([7, 3, 7], numbers, 3).tolist() == [1, 0, 1]
    assert positions_of([3], np.array(["3", "7"]), 1).tolist() == [0]
    with pytest.raises(glico.GlicoError, match="labels hold 8, which is no class of the model: its classes are 3, 7"):
        positions_of([8], numbers, 1)
    many = np.arange(30)
    with pytest.raises(glico.GlicoError, match="and 20 more"):
        positions_of([99], many, 1)


def test_images_are_not_copied_without_need() -> None:
    assert np.shares_memory(uint8_images(IMAGES), IMAGES)
    labels: NDArray[np.int64] = label_array(np.arange(6), 6)
    assert labels.dtype == np.int64
