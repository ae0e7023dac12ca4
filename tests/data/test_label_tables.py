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
        "cat": {f"images/{i}.png" for i in (0, 2, 4, 6, 8)},
        "dog": {f"images/{i}.png" for i in (1, 3, 5, 7, 9)},
    }


def test_tab_separated_table_by_its_path_equals_folder(tmp_path):
    """A table is read by its own path as by the folder of the images."""
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
def test_bad_table_line_is_named_and_can_be_skipped(write, row, why):
    """A line without an image or a class is refused with its number, or skipped on request."""
    rows = [(*one, "") for one in LABELS if one[0] != "images/1.png"] + [row]
    path = write(IMAGES | {"labels.csv": table(rows, ("path", "label", "split"))})
    with pytest.raises(UnreadableError) as caught:
        load_dataset(path, 16)
    text = str(caught.value)
    assert f"labels.csv, line 11: {why}; correct it or leave out 1 unreadable label (--unreadable leave-out)." in text
    data = load_dataset(path, 16, test_fraction=0, unreadable="leave-out")
    assert len(data.train_labels) == 9
    assert [name.endswith("labels.csv, line 11") for name in data.skipped] == [True]


def test_an_image_that_cannot_be_read_can_be_left_out(write, two_classes):
    path = write(two_classes | {"cat/broken.png": b"no image"})
    with pytest.raises(UnreadableError, match=r"cat/broken.png cannot be read .* leave out 1 unreadable image"):
        load_dataset(path, 16)
    left = load_dataset(path, 16, unreadable="leave-out")
    assert [name.endswith("cat/broken.png") for name in left.skipped] == [True]
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


# Tables as they are published


def labels_of(data) -> dict[str, str]:
    """The class of every image, by its file's name without a suffix."""
    names = zip((*data.train_names, *data.test_names), (*data.train_labels, *data.test_labels), strict=True)
    return {name.rsplit("/", 1)[-1].partition(".")[0]: data.class_names[label] for name, label in names}


TRUE = {str(i): ("cat", "dog")[i % 2] for i in range(10)}
FLAT = {f"train_images/{i}.png": picture(i) for i in range(10)}
NAMES = [(f"{i}.png", TRUE[str(i)]) for i in range(10)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.csv", table(list(TRUE.items()), ("id", "breed"))),
        ("train.csv", table(NAMES, ("image_id", "label"))),
        (
            "HAM_metadata.csv",
            table([("x", i, label, 40) for i, label in TRUE.items()], ("lesion_id", "image_id", "dx", "age")),
        ),
        ("meta.csv", table([(p, i % 2, c) for i, (p, c) in enumerate(NAMES)], ("path", "label", "class_name"))),
        ("one_hot.csv", table([(p, int(c == "cat"), int(c == "dog")) for p, c in NAMES], ("image", "cat", "dog"))),
        ("floats.csv", table([(p, float(c == "cat"), float(c == "dog")) for p, c in NAMES], ("image", "cat", "dog"))),
        (
            "metadata.jsonl",
            b"\n".join(b'{"file_name": "%s", "label": "%s"}' % (p.encode(), c.encode()) for p, c in NAMES),
        ),
        ("windows.csv", table([(f"C:\\\\me\\\\data\\\\train_images\\\\{p}", c) for p, c in NAMES])),
        ("other_case.csv", table([(p.replace(".png", ".PNG"), c) for p, c in NAMES])),
        ("url.csv", table([(f"https://x.org/a/{p}?size=1", c) for p, c in NAMES], ("url", "species"))),
        ("studio.csv", table([(f"/data/upload/1/0a1b2c3d-{p}", 7, c) for p, c in NAMES], ("image", "id", "choice"))),
        (
            "studio.json",
            b"["
            + b",".join(
                b'{"id": 1, "data": {"image": "/data/local-files/?d=train_images/%s"}, "annotations": [{"result": '
                b'[{"value": {"choices": ["%s"]}}]}]}' % (p.encode(), c.encode())
                for p, c in NAMES
            )
            + b"]",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_published_tables_say_the_class_of_every_image(write, name, content):
    data = load_dataset(write(FLAT | {name: content, "test_images/99.png": picture(99)}), 16)
    assert labels_of(data) == TRUE
    assert any("test_images/ (1 image)" in sentence for sentence in data.contents.sentences())


@pytest.mark.parametrize("name", ["metadata.csv", "_classes.csv", "labels.csv"])
def test_a_table_in_the_folder_of_each_split_is_of_that_split(write, name):
    files = {}
    for split, numbers in (("train", range(6)), ("valid", range(6, 8)), ("test", range(8, 10))):
        files |= {f"{split}/{i}.png": picture(i) for i in numbers}
        rows = [(f"{i}.png", *(int(TRUE[str(i)] == c) for c in ("cat", "dog"))) for i in numbers]
        labelled = [(f"{i}.png", TRUE[str(i)]) for i in numbers]
        one_hot = name == "_classes.csv"
        files[f"{split}/{name}"] = table(
            rows if one_hot else labelled, ("filename", " cat", " dog") if one_hot else ("file_name", "label")
        )
    data = load_dataset(write(files), 16)
    assert (len(data.train_labels), len(data.test_labels)) == (6, 2)
    assert {name: TRUE[name] for name in labels_of(data)} == labels_of(data)


def test_one_name_in_two_folders_needs_its_folder(write):
    """The longest end of a path decides; a name alone is refused with the reason."""
    files = {f"{folder}/{i}.png": picture(i + 10 * (folder == "b")) for folder in "ab" for i in range(4)}
    rows = [(f"/home/me/{path}", "cat" if path[0] == "a" else "dog") for path in files]
    assert load_dataset(write(files | {"labels.csv": table(rows)}), 16).class_names == ("cat", "dog")
    with pytest.raises(UnreadableError, match=r"2 images are called '0.png': write the folder too"):
        load_dataset(write(files | {"labels.csv": table([("0.png", "cat"), *rows[1:]])}), 16)


def test_a_table_that_contradicts_the_folders_is_a_sentence(write, two_classes, tmp_path):
    rows = [(path, ("cat", "dog")[i % 2], 0.6) for i, path in enumerate(two_classes)]
    files = two_classes | {"predictions.csv": table(rows, ("filename", "class", "probability"))}
    with pytest.raises(GlicoError, match=r"predictions.csv contradicts the folders for \d+ of 15 images"):
        load_dataset(write(files), 16)
    folder = write_folder(tmp_path / "table", files)
    assert len(load_dataset(folder / "predictions.csv", 16).train_names) == 12


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (table([(p, "cat|dog" if p < "2" else c) for p, c in NAMES], ("image", "label")), "it is a multi-label table"),
        (table([(p, 1, 1) for p, _ in NAMES], ("image", "cat", "dog")), "it is a multi-label table"),
        (
            table([(p, i, i % 3, i % 2) for i, (p, _) in enumerate(NAMES)], ("id", "weight", "north", "south")),
            "its columns are id, weight, north, south, of which id names images and none is known to be the class",
        ),
    ],
    ids=["several names", "several ones", "unknown columns"],
)
def test_a_table_without_one_class_per_image_is_refused(write, content, why):
    with pytest.raises(GlicoError) as caught:
        load_dataset(write(FLAT | {"labels.csv": content}), 16)
    assert why in str(caught.value)


def test_tables_about_other_things_change_no_labels(write, two_classes):
    """Ages, a sample submission and a damaged table lie beside class folders, and are mentioned."""
    ages = table([(path, 20 + i % 3) for i, path in enumerate(two_classes)], ("image", "age"))
    files = {
        "ages.csv": ages,
        "sample_submission.csv": table([("cat/0.png", "dog")]),
        "bad.csv": b"path,label\n\xff\xfe\n",
    }
    data = load_dataset(write(two_classes | files), 16)
    assert data.class_names == ("cat", "dog")
    assert sum(name in " ".join(data.contents.sentences()) for name in files) == 3
