"""Labels from a table beside the images, in folder and archive alike."""

import numpy as np
import pytest
from data_files import picture, write_folder

from glico.data import load_dataset
from glico.data.images import UnreadableError
from glico.errors import GlicoError

IMAGES = {f"images/{i}.png": picture(i) for i in range(10)}
LABELS = [(f"images/{i}.png", ("cat", "dog")[i % 2]) for i in range(10)]


def table(rows, header=("path", "label"), mark=",") -> bytes:
    return "\n".join(mark.join(map(str, row)) for row in [header, *rows]).encode()


def names_by_class(data) -> dict[str, set[str]]:
    return {
        name: {file for file, own in zip(data.train_names, data.train_labels, strict=True) if own == label}
        for label, name in enumerate(data.class_names)
    }


@pytest.mark.parametrize(
    "content",
    [
        table(LABELS),
        table(LABELS, mark=";"),
        b"\xef\xbb\xbf" + table(LABELS).replace(b"\n", b"\r\n"),
        table([(label, path.replace("/", "\\")) for path, label in LABELS], ("Class", "File")),
        table([(path.split("/")[1], label, 7) for path, label in LABELS], ("filename", "label", "age")),
        table([(path.split("/")[1][:-4], f'"{label}"') for path, label in LABELS], ("image", "category")),
    ],
    ids=["commas", "semicolons", "Excel", "other names and order", "names alone", "without suffix"],
)
def test_the_table_says_the_class_of_every_image(write, content):
    data = load_dataset(write(IMAGES | {"labels.csv": content, "unlisted.png": picture(99)}), 16, test_fraction=0)
    assert names_by_class(data) == {
        "cat": {f"images/{i}.png" for i in (0, 2, 4, 6, 8)}, "dog": {f"images/{i}.png" for i in (1, 3, 5, 7, 9)},
    }  # fmt: skip


def test_tabs_and_a_table_by_its_own_path_in_the_folder_of_the_images(tmp_path):
    folder = write_folder(tmp_path / "mine", IMAGES | {"animals.tsv": table(LABELS, mark="\t")})
    ours, theirs = load_dataset(folder / "animals.tsv", 16), load_dataset(folder, 16)
    np.testing.assert_array_equal(ours.train_images, theirs.train_images)
    assert (ours.name, ours.class_names) == ("animals", ("cat", "dog"))


def test_a_column_says_the_split_and_val_is_left_out_beside_test(write):
    splits = ["train"] * 5 + ["Test"] * 3 + ["val"] * 2
    rows = [(*row, split) for row, split in zip(LABELS, splits, strict=True)]
    data = load_dataset(write(IMAGES | {"labels.csv": table(rows, ("path", "label", "split"))}), 16)
    assert (len(data.train_labels), len(data.test_labels)) == (5, 3)


def test_tables_or_folders_called_as_splits_are_the_splits(write):
    halves = {"train.csv": table(LABELS[:6]), "test.csv": table(LABELS[6:])}
    data = load_dataset(write(IMAGES | halves), 16)
    assert (len(data.train_labels), len(data.test_labels)) == (6, 4)


def test_paths_that_begin_with_a_split_are_in_it(write):
    files = {f"{split}/{i}.png": picture(i) for split in ("train", "test") for i in range(4)}
    rows = [(name, "ab"[i % 2]) for i, name in enumerate(files)]
    data = load_dataset(write(files | {"labels.csv": table(rows)}), 16)
    assert (len(data.train_labels), len(data.test_labels)) == (4, 4)


def test_classes_that_are_numbers_are_in_their_order(write):
    rows = [(path, 10 * (i % 3)) for i, (path, _) in enumerate(LABELS)]
    assert load_dataset(write(IMAGES | {"labels.csv": table(rows)}), 16).class_names == ("0", "10", "20")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("images/77.png", "cat", ""), "there is no image 'images/77.png'"),
        (("images/cat/9.png", "cat", ""), "there is no image 'images/cat/9.png'"),
        (("images/1.png", "", ""), "'images/1.png' has no label"),
        (
            ("images/1.png", "dog", "later"),
            "the split 'later' is none of train, val and test",
        ),
        (("images/0.png", "dog", "train"), "'images/0.png' is there again, with another label or split"),
    ],
)
def test_a_line_without_an_image_or_a_class_is_named_and_can_be_left_out(write, row, why):
    rows = [(*one, "") for one in LABELS if one[0] != "images/1.png"] + [row]
    path = write(IMAGES | {"labels.csv": table(rows, ("path", "label", "split"))})
    with pytest.raises(UnreadableError) as caught:
        load_dataset(path, 16)
    said = str(caught.value)
    assert f"labels.csv, line 11: {why}; mend it or leave out 1 unreadable label (--unreadable leave-out)." in said
    data = load_dataset(path, 16, test_fraction=0, unreadable="leave-out")
    assert len(data.train_labels) == 9
    assert [name.endswith("labels.csv, line 11") for name in data.left_out] == [True]


def test_an_image_that_cannot_be_read_can_be_left_out(write, two_classes):
    path = write(two_classes | {"cat/broken.png": b"no image"})
    with pytest.raises(UnreadableError, match=r"cat/broken.png cannot be read .* leave out 1 unreadable image"):
        load_dataset(path, 16)
    left = load_dataset(path, 16, unreadable="leave-out")
    assert [name.endswith("cat/broken.png") for name in left.left_out] == [True]
    assert len(left.train_labels) + len(left.test_labels) == 15


def test_a_class_of_which_nothing_can_be_read_is_said(write, two_classes):
    path = write(two_classes | {"eel/1.png": b"no image"})
    with pytest.raises(GlicoError, match="no readable training image of the class 'eel'"):
        load_dataset(path, 16, unreadable="leave-out")


def test_a_table_of_something_else_is_no_table_of_labels(write, two_classes, tmp_path):
    assert load_dataset(write(two_classes | {"prices.csv": b"name,price\ncat,3\n"}), 16).class_names == ("cat", "dog")
    folder = write_folder(tmp_path / "other", two_classes | {"prices.csv": b"name,price\ncat,3\n"})
    with pytest.raises(GlicoError, match="is not a table of labels: its first line must name the columns: path,label"):
        load_dataset(folder / "prices.csv", 16)


def test_two_tables_are_one_too_many(write):
    with pytest.raises(GlicoError, match="has 2 tables of labels"):
        load_dataset(write(IMAGES | {"a.csv": table(LABELS), "b.csv": table(LABELS)}), 16)


def test_an_upload_is_called_as_its_owner_calls_it(tmp_path, monkeypatch, two_classes):
    monkeypatch.setenv("GLICO_UPLOADS", str(tmp_path))
    path = write_folder(tmp_path / "0123456789abcdef" / "my birds", two_classes | {"cat/9.png": b"x"})
    with pytest.raises(GlicoError) as caught:
        load_dataset(path, 16)
    assert str(caught.value).startswith("my birds/cat/9.png cannot be read as an image")
