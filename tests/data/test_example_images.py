"""A few files under several preparations, and which choices of preparation matter."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from glico.data import load_dataset
from glico.data.examples import examples

COUNT = 5  # images of a class


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Deep squares and oblong images of 8 bits, some of them transparent, below a top folder."""
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / "top" / name).mkdir(parents=True)
        for i in range(COUNT):
            tifffile.imwrite(tmp_path / "top" / name / f"{i}.tif", random.integers(0, 4096, (16, 16), dtype=np.uint16))
            pixels = random.integers(0, 256, (20, 30, 4), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "top" / name / f"{i}.png")
    return tmp_path


def test_examples_are_as_in_the_whole_data_set(folder: Path) -> None:
    """A file is prepared among a few as it is among all, for every option of fit, range and ground."""
    data = load_dataset(folder, 16)
    preparation = replace(data.preparation, colour="rgb")
    names = [data.train_names[row] for row in (0, 3, 5)]
    options = [{"fit": "squash"}, {"value_range": data.choices.ranges["stored"]}, {"ground": "grey"}]
    shown = examples(str(folder), names, [replace(preparation, **option) for option in options])
    for option, images in zip(options, shown, strict=True):
        whole = load_dataset(folder, 16, **({"ground": data.preparation.ground} | option))
        assert np.array_equal(images, whole.train_images[[0, 3, 5]])


def test_choices_matter_only_if_they_change_images(folder: Path) -> None:
    """The ranges are written as numbers; a folder of square, opaque images of 8 bits has no choice."""
    result = load_dataset(folder, 16).choices
    assert result.oblong
    assert result.transparent
    assert result.ranges["stored"] == "0:65535"
    assert set(result.ranges) == {"auto", "stored", "percentiles"}
    for path in folder.rglob("*.*"):
        path.unlink()
    for name in ("a", "b"):
        for i in range(COUNT):
            Image.new("RGB", (16, 16), (i, 0, 0)).save(folder / "top" / name / f"{i}.png")
    result = load_dataset(folder, 16).choices
    assert (result.oblong, result.transparent, dict(result.ranges)) == (False, False, {})
