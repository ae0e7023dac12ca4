"""A sample that a file names: by index, by file, with or without its class; a wrong line is said."""

from pathlib import Path

import numpy as np
import pytest
from data_files import picture, write_folder

from glico.config import TrainConfig
from glico.data import configured_sample, load_dataset, small_sample
from glico.data.dataset import Dataset
from glico.errors import GlicoError

PIXELS = np.random.RandomState(0).randint(0, 256, (8, 16, 16, 1), dtype=np.uint8)
DATA = Dataset("mine", PIXELS, np.arange(8) % 2, PIXELS[:0], np.arange(0), ("cat", "dog"))


def index_file_with(path: Path, text: str) -> str:
    file = path / "indices.txt"
    file.write_text(text)
    return str(file)


@pytest.mark.parametrize("text", ["5\n0\n3\n\n2\n", "0\n2 0\n5 dog\n3 1"])
def test_the_named_images_are_the_sample_whatever_the_seed(text: str, tmp_path: Path) -> None:
    sample = small_sample(DATA, 2, 7, index_file=index_file_with(tmp_path, text))
    assert sample.indices.tolist() == [0, 2, 3, 5]
    assert sample.labels.tolist() == [0, 0, 1, 1]
    np.testing.assert_array_equal(sample.images, PIXELS[[0, 2, 3, 5]])


def test_files_of_a_folder_are_named_as_they_lie(tmp_path: Path) -> None:
    names = [f"{label}/{i} bird.png" for label in ("cat", "dog") for i in range(3)]
    folder = write_folder(tmp_path / "mine", {name: picture(n) for n, name in enumerate(names)})
    data = load_dataset(folder, 16, test_fraction=0)
    file = index_file_with(tmp_path, "cat/2 bird.png\ncat/0 bird.png cat\ndog/0 bird.png 1\ndog/1 bird.png\n")
    config = TrainConfig(dataset=str(folder), samples_per_class=2, index_file=file, unlabelled="training")
    sample = configured_sample(data, config)
    assert sample.indices.tolist()[:4] == [0, 2, 3, 4]
    assert set(sample.indices.tolist()[4:]) == {1, 5}, "what is unlabelled lies outside"


@pytest.mark.parametrize(
    "text",
    [
        "cat/2_bird 0\ncat/0_bird 0\ndog/0_bird 1\ndog/1_bird 1\n",
        "\ufeffcat/2_bird\t0\r\ncat/0_bird\t0\r\ndog/0_bird\t1\r\ndog/1_bird\t1\r\n",
        "cat/2_bird.png\tcat\ncat/0_bird\ndog/0_bird dog\n  dog/1_bird\t 1 \n",
    ],
)
def test_published_splits_name_files_without_their_ending(text: str, tmp_path: Path) -> None:
    names = [f"{label}/{i}_bird.png" for label in ("cat", "dog") for i in range(3)]
    folder = write_folder(tmp_path / "mine", {name: picture(n) for n, name in enumerate(names)})
    data = load_dataset(folder, 16, test_fraction=0)
    assert small_sample(data, 2, 0, index_file=index_file_with(tmp_path, text)).indices.tolist() == [0, 2, 3, 4]


def test_a_name_without_its_ending_must_tell_one_file(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "mine", {f"{c}/{n}": picture(0) for c in "ab" for n in ("1.png", "1.bmp", "2.png")}
    )
    data = load_dataset(folder, 16, test_fraction=0)
    with pytest.raises(GlicoError, match="line 1: 'a/1' is not a training image"):
        small_sample(data, 2, 0, index_file=index_file_with(tmp_path, "a/1 0\n"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0\n8\n", "line 2: '8' is not a training image of mine: it takes an index from 0 to 7"),
        ("0\n-1\n", "line 2: '-1' is not a training image"),
        ("0\nbird.png\n", "line 2: 'bird.png' is not a training image"),
        ("0\n3\n0\n", "line 3: the image of line 1 again"),
        ("0\n2 dog\n", "line 2: '2' is of class 0 .cat., not dog"),
        ("\n", "names no image of mine"),
        ("0\n2\n4\n1\n3\n5\n", "has 3 images per class and not 2: ask for 3"),
        ("0\n2\n1\n", "has 1 images of class 'dog'"),
        ("0\n1\n", "has 1 images of class 'cat'; every class needs 2 or more"),
    ],
)
def test_a_wrong_line_is_said(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(GlicoError, match=why):
        small_sample(DATA, 2, 0, index_file=index_file_with(tmp_path, text))


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(GlicoError, match="cannot be read as text"):
        small_sample(DATA, 2, 0, index_file=str(tmp_path / "nothing.txt"))
