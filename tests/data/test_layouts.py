"""Data sets as they are published: the true classes and splits, or one sentence; nothing is left out in silence."""

from zlib import crc32

import numpy as np
import pytest
from data_files import picture

from glico.data import load_dataset
from glico.errors import GlicoError


def images(folder: str, count: int = 4, first: int = 0) -> dict[str, bytes]:
    return {f"{folder}/{first + i}.png": picture(crc32(f"{folder}{i}".encode())) for i in range(count)}


def tree(*folders: str, count: int = 4) -> dict[str, bytes]:
    return {name: content for folder in folders for name, content in images(folder, count).items()}


def sizes(data) -> tuple[dict[str, int], dict[str, int]]:
    """Training and test images by class; classes without a test image are left out of the second."""
    result = []
    for labels in (data.train_labels, data.test_labels):
        counts = np.bincount(labels, minlength=len(data.class_names)).tolist()
        result.append({name: count for name, count in zip(data.class_names, counts, strict=True) if count})
    return result[0], result[1]


ALL, SHARED = ({"cat": 4, "dog": 4}, {"cat": 4, "dog": 4}), ({"cat": 3, "dog": 3}, {"cat": 1, "dog": 1})
LAYOUTS = {
    "splits": (["train/cat", "train/dog", "test/cat", "test/dog"], ALL, ""),
    "nested splits": (["x/y/Training/cat", "x/y/Training/dog", "x/y/Testing/cat", "x/y/Testing/dog"], ALL, ""),
    "common words": (["seg_train/seg_train/cat", "seg_train/seg_train/dog", "seg_test/seg_test/cat",
                      "seg_test/seg_test/dog", "seg_pred/seg_pred"], ALL, "seg_pred/"),
    "train and dev": (["train/cat", "train/dog", "dev/cat", "dev/dog"], ALL, ""),
    "three splits": (["train/cat", "train/dog", "dev/cat", "dev/dog", "test/cat", "test/dog"], ALL, "dev/"),
    "years": (["train2017/cat", "train2017/dog", "val2017/cat", "val2017/dog"], ALL, ""),
    "sets": (["trainset/cat", "trainset/dog", "testset/cat", "testset/dog"], ALL, ""),
    "further folders": (["train/cat", "train/dog", "test/cat", "test/dog", "augmented/cat"], ALL, "augmented/"),
    "splits inside classes": (["cat/train", "cat/test", "dog/train", "dog/test"], ALL, ""),
    "unlabelled test": (["train/cat", "train/dog", "test"], SHARED, "test/"),
    "unlabelled test beside val": (["train/cat", "train/dog", "val/cat", "val/dog", "test"], ALL, "test/"),
    "unknown test": (["train/cat", "train/dog", "test/unknown"], SHARED, "test/"),
    "test beside classes": (["cat", "dog", "test"], SHARED, "test/"),
    "training split alone": (["train/cat", "train/dog"], SHARED, ""),
    "other case in the test split": (["train/cat", "train/dog", "test/Cat", "test/DOG"], ALL, ""),
    "a second copy": (["cat", "dog", "all/cat", "all/dog"], SHARED, "all/"),
    "a second copy deeper": (["cat", "dog", "backup/pets/cat", "backup/pets/dog"], SHARED, "backup/"),
    "a doubled folder": (["train/cat", "train/dog", "test/cat", "test/dog", "x/train/cat", "x/test/cat"], ALL, "x/"),
    "masks beside images": (["images/cat", "images/dog", "masks/cat", "masks/dog"], SHARED, "masks/"),
    "masks inside classes": (["cat/images", "cat/masks", "dog/images", "dog/masks"], SHARED, "masks/"),
    "annotations beside classes": (["cat", "dog", "annotations"], SHARED, "annotations/"),
    "thumbnails": (["cat", "dog", "cat/@eaDir/0.png", "Thumbnails"], SHARED, "Thumbnails/"),
    "leftovers": (["cat", "dog", "$RECYCLE.BIN/S-1", "lost+found", "System Volume Information", ".thumbs"], SHARED, ""),
    "predictions": (["cat", "dog", "predictions"], SHARED, "predictions/"),
    "groups inside classes": (["cat/day 1", "dog/day 1"], SHARED, "read as part of the class"),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_give_the_true_classes_and_splits(write, name):
    """A folder named as a split is never a class, and the data set names the folders that it leaves out."""
    folders, expected, mentioned = LAYOUTS[name]
    data = load_dataset(write(tree(*folders)), 16)
    assert sizes(data) == expected
    assert mentioned in " ".join(data.contents.sentences())


@pytest.mark.parametrize(
    "classes",
    [
        ["mask", "no mask"],
        ["with_mask", "without_mask"],
        ["test tube", "beaker"],
        ["train station", "airport"],
        ["0", "1"],
        ["new", "old"],
    ],
)
def test_ordinary_classes_stay_classes(write, classes):
    assert set(load_dataset(write(tree(*classes)), 16).class_names) == set(classes)


@pytest.mark.parametrize(
    ("folders", "parts"),
    [
        (["color/apple", "color/pear", "gray/apple", "gray/pear"], ["color", "gray", "same folders (apple, pear)"]),
        (["images_part_1", "images_part_2"], ["images_part_1/, images_part_2/", "table of labels"]),
        (["images", "masks"], ["images/", "table of labels"]),
        (["pictures of pets"], ["one class folder, 'pictures of pets'"]),
        (["control", "test"], ["control/", "test/", "no training split"]),
        (["val/cat", "val/dog", "test/cat", "test/dog"], ["no training split"]),
        (["cat/train", "cat/test", "dog"], ["splits inside its class folders", "dog has no training split"]),
        (["train/cat"], ["one class folder"]),
    ],
)
def test_layouts_that_are_no_classes_are_refused_with_the_reason(write, folders, parts):
    with pytest.raises(GlicoError) as caught:
        load_dataset(write(tree(*folders)), 16)
    assert "\n" not in str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def test_two_versions_of_the_same_files_are_refused(write):
    names = ["DSC_0412.png", "DSC_0517.png", "DSC_0533.png", "DSC_0871.png"]
    files = {f"{folder}/{name}": picture(i) for folder in ("rgb", "thermal") for i, name in enumerate(names)}
    with pytest.raises(GlicoError, match="hold files of the same names"):
        load_dataset(write(files), 16)


def test_numbered_classes_are_in_the_order_of_counting(write):
    folders = [f"class {number}" for number in (1, 2, 10, 11)]
    assert load_dataset(write(tree(*folders)), 16).class_names == tuple(folders)


def test_masks_beside_their_images_are_left_out(write):
    files = {f"{c}/{c} ({i}){end}.png": picture(i) for c in ("cat", "dog") for i in range(4) for end in ("", "_mask")}
    data = load_dataset(write(files), 16)
    assert sizes(data) == SHARED
    assert any("masks by their names" in sentence for sentence in data.contents.sentences())


def test_image_content_decides_and_files_are_counted(write):
    """Names without a suffix and unusual ones are read; what is not read is counted by suffix."""
    files = {
        f"{c}/{c}{i}{suffix}": picture(i)
        for c in ("cat", "dog")
        for i, suffix in enumerate(["", ".jpe", ".dat", ".png"])
    }
    data = load_dataset(write(files | {"cat/clip.mov": b"\0\0\0\x14ftypqt  ", "notes.txt": b"x"}), 16)
    assert sizes(data) == SHARED
    assert data.contents.read == {"": 2, ".jpe": 2, ".dat": 2, ".png": 2}
    assert data.contents.unread == {".mov": 1, ".txt": 1}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a/scan.dcm", b"\0" * 128 + b"DICM", "DICOM file"),
        ("a.zip", b"PK\x03\x04", "zip archive"),
        ("a.tar.gz", b"\x1f\x8b", "gzip archive"),
        ("a/photo.nef", b"II*\0", "raw photograph"),
    ],
)
def test_the_sentence_names_what_is_there_instead_of_images(write, name, content, kind):
    with pytest.raises(GlicoError, match=f"it has 1 {kind}, which are not read"):
        load_dataset(write({name: content, "b/readme.txt": b"x"}), 16)
