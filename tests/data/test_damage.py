"""A damaged file gives a data set or one sentence: never another exception, never a warning of a library."""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from data_files import encoded, write_zip
from hypothesis import given, settings
from hypothesis import strategies as st

from glico.data import load_dataset
from glico.data.decoding import ImageFile
from glico.data.images import read_images
from glico.data.preparation import Preparation
from glico.errors import GlicoError

EDITS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6)
KEPT = st.sampled_from((1.0, 1.0, 1.0, 0.9, 0.5, 0.1))


def damaged(content: bytes, edits: list[tuple[float, int]], kept: float) -> bytes:
    """The content with some bytes changed, half of them among the first hundred, and its end cut off."""
    changed = bytearray(content)
    for index, (place, value) in enumerate(edits):
        changed[int(place * (min(100, len(changed)) if index % 2 else len(changed)))] = value
    return bytes(changed[: int(kept * len(changed))])


def works_or_says_why(load) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sentence = ""
        try:
            load()
        except GlicoError as error:
            sentence = str(error)
    assert "\n" not in sentence


PIXELS = np.random.RandomState(0).randint(0, 256, (20, 24, 3), dtype=np.uint8)
PICTURES = {kind: encoded(PIXELS, kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")}


@given(st.sampled_from(sorted(PICTURES)), EDITS, KEPT)
@settings(deadline=None, max_examples=200)
def test_a_damaged_image(kind, edits, kept):
    content = damaged(PICTURES[kind], edits, kept)
    works_or_says_why(lambda: read_images([ImageFile("image", lambda: io.BytesIO(content))], Preparation(16)))


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("damage")
    files = {f"{label}/{i}.png": encoded(PIXELS[:8, :8] // (i + 1)) for label in "ab" for i in range(2)}
    write_zip(folder / "mine.zip", files)
    labels = np.array([0, 1])
    images = np.zeros((2, 4, 4), dtype=np.uint8)
    np.savez_compressed(
        folder / "mine.npz",
        train_images=images,
        train_labels=labels,
        test_images=images,
        test_labels=labels,
        class_names=np.array(["a", "b"]),
    )
    return folder, {name: (folder / name).read_bytes() for name in ("mine.zip", "mine.npz")}


@given(name=st.sampled_from(("mine.zip", "mine.npz")), edits=EDITS, kept=KEPT)
@settings(deadline=None, max_examples=200)
def test_a_damaged_archive(originals, name, edits, kept):
    folder, contents = originals
    (folder / name).write_bytes(damaged(contents[name], edits, kept))
    works_or_says_why(lambda: load_dataset(folder / name, 16))
