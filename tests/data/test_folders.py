"""Image folders, on disk and zipped: the same rules, the same data set."""

import os
from pathlib import Path

import numpy as np
import pytest
from data_files import encoded, picture, write_folder, write_zip
from hypothesis import given, settings
from hypothesis import strategies as st

from glico.data import load_dataset
from glico.data.dataset import in_test_split
from glico.errors import GlicoError


def digest(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def fails(path: Path, **options: object) -> str:
    with pytest.raises(GlicoError) as caught:
        load_dataset(path, 16, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_a_class(write, two_classes):
    data = load_dataset(write(two_classes), 16)
    assert data.name == "mine"
    assert data.class_names == ("cat", "dog")
    assert data.train_images.shape == (12, 16, 16, 3)
    assert data.test_images.shape == (3, 16, 16, 3)
    assert np.bincount(data.train_labels).tolist() == [8, 4]
    assert np.bincount(data.test_labels).tolist() == [2, 1]
    assert data.train_labels.dtype == data.test_labels.dtype == np.int64
    assert len(digest(data.train_images) | digest(data.test_images)) == 15


def test_folder_and_zip_are_one_data_set(tmp_path, two_classes):
    shuffled = dict(sorted(two_classes.items(), key=lambda item: hash(item[1])))
    ours = load_dataset(write_folder(tmp_path / "mine", two_classes), 16)
    theirs = load_dataset(write_zip(tmp_path / "mine.zip", shuffled), 16)
    for part in ("train_images", "train_labels", "test_images", "test_labels"):
        np.testing.assert_array_equal(getattr(ours, part), getattr(theirs, part))


def test_wrappers_and_what_systems_leave_behind_do_not_matter(write, two_classes, tmp_path):
    expected = load_dataset(write_folder(tmp_path / "plain", two_classes), 16)
    wrapped = {f"outer/inner/{name}": content for name, content in two_classes.items()}
    junk = {
        "__MACOSX/outer/inner/cat/._0.png": b"x",
        ".DS_Store": b"x",
        "outer/inner/cat/.DS_Store": b"x",
        "outer/inner/cat/Thumbs.db": b"x",
        "outer/inner/dog/desktop.ini": b"x",
        "outer/inner/.cache/y.png": b"x",
        "outer/inner/notes.txt": b"x",
        "outer/inner/dog/labels.csv": b"x",
    }
    data = load_dataset(write(wrapped | junk), 16)
    assert data.class_names == expected.class_names
    np.testing.assert_array_equal(data.train_images, expected.train_images)
    np.testing.assert_array_equal(data.test_images, expected.test_images)


@pytest.mark.parametrize("test_name", ["test", "Test", "val", "validation"])
def test_train_and_test_folders_are_the_parts(write, test_name):
    files = {f"Train/{label}/{i}.png": picture(i + len(label)) for label in ("a", "bb") for i in range(3)}
    files |= {f"{test_name}/a/{i}.png": picture(50 + i) for i in range(2)}
    data = load_dataset(write(files), 16)
    assert np.bincount(data.train_labels).tolist() == [3, 3]
    assert data.test_labels.tolist() == [0, 0]


def test_val_is_left_out_beside_test(write):
    files = {f"{part}/{label}/1.png": picture(1) for part in ("train", "val", "test") for label in ("a", "b")}
    data = load_dataset(write(files), 16)
    assert (len(data.train_labels), len(data.test_labels)) == (2, 2)


def test_a_class_called_train_is_a_class(write):
    files = {f"{label}/{i}.png": picture(i) for label in ("train", "car", "bus") for i in range(2)}
    assert load_dataset(write(files), 16).class_names == ("bus", "car", "train")


def test_images_deeper_in_a_class_belong_to_it(write, two_classes):
    data = load_dataset(write(two_classes | {"dog/young/1.png": picture(7)}), 16, test_fraction=0)
    assert np.bincount(data.train_labels).tolist() == [10, 6]
    assert len(data.test_labels) == 0


def test_class_names_are_one_line_of_plain_text(write):
    names = ["<b>bold</b>", "e\u0301t\u00e9", "red\u202egnp", "\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645"]
    files = {f"{name.replace('/', '')}/{i}.png": picture(i) for name in names for i in range(2)}
    assert set(load_dataset(write(files), 16).class_names) == {
        "<b>bold<b>",
        "\u00e9t\u00e9",
        "red\ufffdgnp",
        names[3],
    }


def test_grey_images_stay_grey_unless_told(write, two_classes):
    grey = {name: _grey(number) for number, name in enumerate(two_classes)}
    path = write(grey)
    assert load_dataset(path, 16).image_shape == (16, 16, 1)
    assert load_dataset(path, 16, "rgb").image_shape == (16, 16, 3)
    assert load_dataset(path, colour="grey").image_shape == (64, 64, 1)


def _grey(number: int) -> bytes:
    return encoded(np.random.RandomState(number).randint(0, 256, (16, 16), dtype=np.uint8))


@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.floats(0, 0.9), st.randoms())
@settings(deadline=None)
def test_test_split_is_fixed_and_stratified(sizes, fraction, shuffler):
    """Each class gives its share, whatever the order of the images."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    keys = [f"{label}/{index}.png" for index, label in enumerate(labels)]
    mask = in_test_split(keys, labels, fraction)
    for label, size in enumerate(sizes):
        count = mask[labels == label].sum()
        assert count == (0 if fraction == 0 else min(size - 1, max(1, round(fraction * size))))
    order = list(range(len(keys)))
    shuffler.shuffle(order)
    np.testing.assert_array_equal(in_test_split([keys[i] for i in order], labels[order], fraction), mask[order])


@given(st.integers(2, 40), st.integers(0, 1000))
def test_one_more_image_moves_at_most_one_other(size, name):
    keys = [f"{index}.png" for index in range(size)]
    labels = np.zeros(size + 1, dtype=np.int64)
    before = in_test_split(keys, labels[:-1], 0.2)
    after = in_test_split([*keys, f"new{name}.png"], labels, 0.2)
    assert (before != after[:-1]).sum() <= 1


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ({}, ["no class folder with images"]),
        ({"cat/notes.txt": b"x"}, ["no class folder with images"]),
        ({"1.png": picture(1), "2.png": picture(2)}, ["no class folder with images", "put the images of each class"]),
        ({"cat/1.png": picture(1)}, ["one class folder", "'cat'", "at least two"]),
        ({"cat/1.png": picture(1), "dog/notes.txt": b"x"}, ["one class folder", "(dog has no image)"]),
        ({"cat/1.png": picture(1), "dog/1.png": b"x"}, ["dog/1.png cannot be read as an image"]),
        ({"cat/1.png": picture(1), "dog/1.HEIC": b"x"}, ["dog/1.HEIC cannot be read as an image"]),
        ({"cat\u202a/1.png": picture(1), "cat\u202b/1.png": picture(1)}, ["two class folders", "cat\ufffd"]),
        (
            {f"{name}.png": picture(1) for name in ("train/a/1", "train/b/1", "test/a/1", "test/c/1")},
            ["the class 'c' in its test split but no training image of it"],
        ),
    ],
)
def test_what_is_no_image_folder_gets_one_sentence(write, files, parts):
    path = write(files)
    if path.suffix != ".zip":
        path.mkdir(exist_ok=True)
    message = fails(path)
    assert "mine" in message
    for part in parts:
        assert part in message


def test_an_empty_class_folder_is_left_out_and_named(tmp_path, two_classes):
    path = write_folder(tmp_path / "mine", two_classes)
    (path / "eel").mkdir()
    for data in load_dataset(path, 16), load_dataset(write_zip(tmp_path / "mine.zip", two_classes | {"eel/": b""}), 16):
        assert data.class_names == ("cat", "dog")
        assert "Left out (no image inside): eel." in data.contents.sentences()


def test_links_are_followed_but_not_in_circles(tmp_path, two_classes):
    path = write_folder(tmp_path / "mine", {k: v for k, v in two_classes.items() if k.startswith("cat")})
    elsewhere = write_folder(tmp_path / "elsewhere", {f"{i}.png": picture(i) for i in range(3)})
    (path / "dog").symlink_to(elsewhere)
    assert load_dataset(path, 16, test_fraction=0).train_labels.tolist() == [0] * 10 + [1] * 3
    (path / "dog" / "again").symlink_to(path)
    assert "is a link to a folder above it" in fails(path)


def test_a_broken_link_and_a_pipe_do_not_hang(tmp_path, two_classes):
    path = write_folder(tmp_path / "mine", two_classes)
    os.mkfifo(path / "cat" / "pipe.png")
    load_dataset(path, 16)
    (path / "cat" / "gone.png").symlink_to(path / "nowhere")
    assert "cat/gone.png cannot be read" in fails(path)
