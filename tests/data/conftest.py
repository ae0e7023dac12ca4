"""Small data sets that several tests read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from data_files import Files, picture, write_folder, write_zip


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
