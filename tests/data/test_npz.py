""".npz files with MedMNIST's keys."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glico.data import load_dataset
from glico.errors import GlicoError


def arrays(shape: tuple[int, ...] = (28, 28), classes: int = 3, count: int = 9, seed: int = 0) -> dict[str, np.ndarray]:
    draw = np.random.RandomState(seed)
    return {
        "train_images": draw.randint(0, 256, (count, *shape), dtype=np.uint8),
        "train_labels": (np.arange(count) % classes).astype(np.uint8)[:, None],
        "val_images": np.zeros((2, *shape), dtype=np.uint8),
        "val_labels": np.zeros((2, 1), dtype=np.uint8),
        "test_images": draw.randint(0, 256, (4, *shape), dtype=np.uint8),
        "test_labels": (np.arange(4) % classes).astype(np.uint8)[:, None],
    }


def write(path: Path, **values: object) -> Path:
    np.savez_compressed(path / "mine.npz", **values)
    return path / "mine.npz"


def fails(path: Path) -> str:
    with pytest.raises(GlicoError) as caught:
        load_dataset(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@given(
    st.sampled_from(((28, 28), (16, 16, 1), (20, 31, 3), (70, 65, 3))),
    st.sampled_from((None, 16, 32)),
    st.booleans(),
    st.integers(0, 2**31 - 1),
)
@settings(deadline=None, max_examples=25)
def test_every_layout_becomes_a_data_set(tmp_path_factory, shape, resolution, flat, seed):
    values = arrays(shape, seed=seed)
    if flat:
        values |= {key: values[key].reshape(-1) for key in ("train_labels", "test_labels")}
    data = load_dataset(write(tmp_path_factory.mktemp("npz"), **values), resolution)
    side = resolution or {28: 32, 16: 16, 20: 32, 70: 64}[shape[0]]
    assert data.image_shape == (side, side, 3 if shape[-1] == 3 else 1)
    assert data.test_images.shape[1:] == data.train_images.shape[1:]
    assert data.class_names == ("0", "1", "2")
    np.testing.assert_array_equal(data.train_labels, values["train_labels"].reshape(-1))
    np.testing.assert_array_equal(data.test_labels, values["test_labels"].reshape(-1))
    assert data.train_labels.dtype == np.int64


@pytest.mark.parametrize("shape", [(32, 32), (32, 32, 3)])
def test_images_of_the_right_size_come_back_bit_for_bit(tmp_path, shape):
    values = arrays(shape)
    data = load_dataset(write(tmp_path, **values))
    np.testing.assert_array_equal(data.train_images.reshape(values["train_images"].shape), values["train_images"])
    np.testing.assert_array_equal(data.test_images.reshape(values["test_images"].shape), values["test_images"])


def test_class_names_are_plain_text(tmp_path):
    data = load_dataset(write(tmp_path, **arrays(), class_names=np.array(["<i>a</i>", "b\n\x1b[31m", "c"])))
    assert data.class_names == ("<i>a</i>", "b\ufffd\ufffd[31m", "c")


def test_share_becomes_the_test_split_without_one(tmp_path):
    """An array file without test images has a test split all the same."""
    values = {key: value for key, value in arrays(count=30).items() if key.startswith("train")}
    data = load_dataset(write(tmp_path, **values), test_fraction=0.3)
    assert np.bincount(data.train_labels).tolist() == [7, 7, 7]
    assert np.bincount(data.test_labels).tolist() == [3, 3, 3]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"train_labels": None}, "needs train_images, train_labels"),
        ({"test_labels": None}, "needs train_images, train_labels"),
        ({"train_images": np.zeros((9, 28, 28), complex)}, "train_images of type complex128"),
        ({"train_images": np.zeros((9, 28, 28))}, "train_images of type float64 and test_images of type uint8"),
        ({"train_images": np.zeros((9, 28, 28, 28), np.uint8)}, "these are volumes, as of MedMNIST's 3-D sets"),
        ({"train_images": np.zeros((9, 28, 28, 4), np.uint8)}, "shape (9, 28, 28, 4)"),
        ({"train_images": np.zeros((9, 0, 28), np.uint8)}, "images are empty"),
        ({"train_images": np.zeros((8, 28, 28), np.uint8)}, "8 train_images but 9 train_labels"),
        ({"test_labels": np.zeros(5, np.uint8)}, "4 test_images but 5 test_labels"),
        ({"train_labels": np.full((9, 14), 2, np.uint8)}, "14 labels per image"),
        (
            {"train_labels": np.eye(9, 14, dtype=np.uint8) + np.eye(9, 14, 1, dtype=np.uint8)},
            "is a multi-label data set",
        ),
        (
            {"train_labels": np.array([0, 2, 2, 0, 2, 0, 2, 0, 2])},
            "3 classes, 1 of them without a training image (the first: 1)",
        ),
        ({"train_labels": np.zeros(9)}, "train_labels of type float64"),
        ({"train_labels": np.arange(9) - 1}, "labels from -1 to 7"),
        ({"test_labels": np.array([0, 1, 2, 3])}, "labels from 0 to 3 and 3 classes; labels must be 0 to 2"),
        ({"train_labels": np.array([0, 1, 2, 3, 4, 5, 6, 7, 10**12])}, "without a training image"),
        ({"train_labels": np.zeros(9, int), "test_labels": np.zeros(4, int)}, "at least two are needed"),
        ({"class_names": np.array(["a", "b"])}, "2 classes; labels must be 0 to 1"),
        ({"class_names": np.array(["a", "b", "c", "d"])}, "4 classes, 1 of them without a training image"),
        ({"class_names": np.array(["a", "b", "b"])}, "class_names that repeat"),
        ({"class_names": np.array([1, 2, 3])}, "needs a list of texts"),
        ({"class_names": np.array(["a", "b", "c"], dtype=object)}, "Python objects in class_names"),
        ({"train_images": np.array([{}] * 9, dtype=object)}, "Python objects in train_images"),
        (
            {"train_images": np.zeros((0, 28, 28), np.uint8), "train_labels": np.zeros((0, 1), np.uint8)},
            "no training image",
        ),
    ],
)
def test_what_does_not_fit_gets_one_sentence(tmp_path, change, sentence):
    values = {key: value for key, value in (arrays() | change).items() if value is not None}
    assert sentence in fails(write(tmp_path, **values))


def test_labels_from_one_keep_their_numbers(tmp_path):
    """Three classes called 1 to 3 are three classes, and none is empty."""
    values = arrays()
    labels = {key: value.astype(int) + 1 for key, value in values.items() if key.endswith("labels")}
    data = load_dataset(write(tmp_path, **(values | labels)))
    assert data.class_names == ("1", "2", "3")
    np.testing.assert_array_equal(data.train_labels, values["train_labels"].reshape(-1))


def test_one_hot_labels_are_classes(tmp_path):
    values = arrays()
    hot = {key: np.eye(3, dtype=np.uint8)[value.reshape(-1)] for key, value in values.items() if key.endswith("labels")}
    data = load_dataset(write(tmp_path, **(values | hot)))
    np.testing.assert_array_equal(data.train_labels, values["train_labels"].reshape(-1))


@pytest.mark.parametrize("kind", [np.uint16, np.int16, np.float32])
def test_images_beyond_8_bits_share_one_range(tmp_path, kind):
    """The least value of both splits is black, the greatest white, whatever the numbers are."""
    values = arrays()
    deep = {key: value.astype(kind) * 4 - 3 * (kind == np.int16) for key, value in values.items() if "images" in key}
    data = load_dataset(write(tmp_path, **(values | deep)), 32)
    low = min(value.min() for value in deep.values())
    high = max(value.max() for key, value in deep.items() if not key.startswith("val"))
    assert data.preparation.value_range == f"{low:.9g}:{high:.9g}"
    assert (data.train_images.min(), data.train_images.max()) == (0, 255)
    assert any("beyond 8 bits" in sentence for sentence in data.contents.sentences())


def test_what_is_no_npz_gets_one_sentence(tmp_path):
    path = tmp_path / "mine.npz"
    path.write_bytes(b"no archive")
    assert "is not an .npz file" in fails(path)
    np.save(path.open("wb"), np.zeros(3))
    assert "is not an .npz file" in fails(path)
    with zipfile.ZipFile(path, "w") as archive:
        for key in arrays():
            archive.writestr(f"{key}.npy", b"no array")
    assert "is not an .npz file that can be read" in fails(path)


def test_array_header_with_false_size_allocates_nothing(tmp_path):
    """A header that claims more than the file has is refused first."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**6, 10**6)}
    )
    path = write(tmp_path, **{key: value for key, value in arrays().items() if key != "train_images"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("train_images.npy", header.getvalue())
    assert "has not the size that its header states" in fails(path)
