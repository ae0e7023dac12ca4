"""Laws of class names as folder names: distinct, safe, and read back as the same classes."""

import io
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glico.data import load_dataset
from glico.data.class_folders import class_folders
from glico.pictures import to_pil

NAMES = (
    "cat",
    "Sooty Albatross",
    "003.Black_footed",
    "नमस्ते",
    "犬",
    "e\u0301te\u0301",
    "a+b (c), d's & e",
    "x=y",
    "50 %",
)


def archive(path: Path, names: Sequence[str]) -> Path:
    """Write a data set with two images in each class folder."""
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as file:
        for folder in class_folders(names):
            for image in rng.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8):
                png = io.BytesIO()
                to_pil(image).save(png, "png")
                file.writestr(f"{folder}/{image[0, 0, 0]}-{image[0, 0, 1]}.png", png.getvalue())
    return path


def classes_of(path: Path) -> Counter[str]:
    data = load_dataset(path, resolution=16)
    labels = [*data.train_labels.tolist(), *data.test_labels.tolist()]
    return Counter(data.class_names[label] for label in labels)


def test_class_folders_are_read_back_as_the_class_names(tmp_path: Path) -> None:
    read = classes_of(archive(tmp_path / "a.zip", NAMES))
    assert read == {unicodedata.normalize("NFC", name): 2 for name in NAMES}


def test_class_names_that_no_folder_can_have_stay_apart(tmp_path: Path) -> None:
    names = [
        "a/b",
        "a_b",
        "a:b",
        "A_B",
        "",
        "/",
        "../x",
        ".git",
        "con",
        "Thumbs.db",
        "node_modules",
        "犬" * 300,
        "犬" * 301,
        "x" * 130 + "a",
        "x" * 130 + "b",
    ]
    assert len(classes_of(archive(tmp_path / "a.zip", names))) == len(names)


@given(st.lists(st.text(max_size=300), unique=True, max_size=12))
def test_class_folders_are_distinct_and_safe(names: list[str]) -> None:
    folders = class_folders(names)
    assert len({folder.casefold() for folder in folders}) == len(names)
    for folder in folders:
        assert folder not in ("", ".", "..")
        assert not set(folder) & set('<>:"/\\|?*\0')
        assert len(folder.encode()) <= 255
        assert folder == folder.strip(" .")
