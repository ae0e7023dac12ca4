"""Selected images -> a table, CSV, and a ZIP with a folder a class, which is a data set again."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from app.components.sprite import data_url
from glico.data.dataset import Images, Labels

TABLE_ROWS = 300  # a longer table is cut: the files hold everything
COLUMNS = ("row", "image", "class")


def rows_of(runs: str, count: int = 10**7) -> list[int]:
    """``1-3.7`` -> [1, 2, 3, 7], without what is not below ``count``."""
    rows: list[int] = []
    for part in filter(None, runs.split(".")):
        start, _, end = part.partition("-")
        rows.extend(range(int(start), min(int(end or start), count - 1) + 1))
    return rows


def records(rows: Sequence[int], indices: Labels, labels: Labels, names: Sequence[str]) -> list[tuple[int, int, str]]:
    """(row of the codes, place in the data set, class name) of every selected image."""
    return [(row, int(indices[row]), names[labels[row]] if labels[row] >= 0 else "unlabelled") for row in rows]


def table(rows: Sequence[int], found: Sequence[tuple[int, int, str]], images: Images) -> list[dict[str, object]]:
    """The first TABLE_ROWS records, each with its picture as a data URL."""
    pairs = zip(rows[:TABLE_ROWS], found, strict=False)
    return [{"picture": data_url(images[row]), **dict(zip(COLUMNS, record, strict=True))} for row, record in pairs]


def as_csv(found: Sequence[tuple[int, int, str]]) -> bytes:
    """The records with a head line."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    # A spreadsheet runs what begins like a formula; a quote before it makes it text.
    writer.writerows((row, image, re.sub(r"^(?=[=+\-@\t\r])", "'", name)) for row, image, name in found)
    return text.getvalue().encode()


def as_zip(images: Images, names: Sequence[str], stems: Sequence[str]) -> bytes:
    """Images (m, H, W, C) as PNG under a folder a class: ``names[i]/stems[i].png``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for image, name, stem in zip(images, names, stems, strict=True):
            picture = io.BytesIO()
            Image.fromarray(np.squeeze(image, -1) if image.shape[-1] == 1 else image).save(picture, "png")
            archive.writestr(str(PurePosixPath(folder(name)) / f"{stem}.png"), picture.getvalue())
    return buffer.getvalue()


def folder(name: str) -> str:
    """A class name as a folder's name that no archive tool objects to."""
    return re.sub(r"[^\w .()-]", "_", name).strip(" .") or "class"
