"""Small data of our own: image trees, written to a folder or to a .zip."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Files = Mapping[str, bytes]


def encoded(pixels: np.ndarray | Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """An image file's bytes."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def picture(number: int, size: int = 16) -> bytes:
    """A PNG of coloured noise that only this number has."""
    return encoded(np.random.RandomState(number).randint(0, 256, (size, size, 3), dtype=np.uint8))


def write_folder(path: Path, files: Files) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def write_zip(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture(params=["folder", "zip"])
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Files], Path]:
    """Writes files as a folder and, in a second run of the test, as a .zip; returns the path to load."""
    if request.param == "folder":
        return lambda files: write_folder(tmp_path / "mine", files)
    return lambda files: write_zip(tmp_path / "mine.zip", files)


@pytest.fixture
def two_classes() -> dict[str, bytes]:
    """Ten cats and five dogs."""
    cats = {f"cat/{i}.png": picture(i) for i in range(10)}
    return cats | {f"dog/{i}.png": picture(100 + i) for i in range(5)}
