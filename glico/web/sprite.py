"""Sprites: many small images as the tiles of one picture, in a data URL, for the browser."""

import base64
import io
import math
from typing import TypedDict

import numpy as np
from PIL import Image

from glico.pictures import to_pil
from glico.types import Images

LOSSLESS = 2_000_000  # pixels; larger sprites are JPEG of quality 92 (10 megapixels: 0.3 s, a WebP 9 s)
SHEET = 2**24  # pixels of a sprite at most, the limit of graphics cards and phones; 100,000 images still fit
ENCODING = {
    "png": {"compress_level": 1},  # half the time of the usual 6, and 2 % more bytes
    "jpeg": {"quality": 92, "subsampling": 0},
}


class Sprite(TypedDict):
    """Tile i is at column i % ``columns``, row i // ``columns``; ``width`` and ``height`` are one tile's, in pixels."""

    url: str
    columns: int
    width: int
    height: int


def sprite(images: Images, largest: int | None = None) -> Sprite:
    """Return the sprite of images (n, H, W, C) uint8, n >= 1.

    It is nearly square, because browsers limit the side of a picture. Images are shrunk to ``largest`` pixels per side,
    and so that all fit SHEET.
    """
    sheet, columns, (height, width) = tiled(images, largest or max(images.shape[1:3]))
    return {"url": data_url(sheet), "columns": columns, "width": width, "height": height}


def tiled(images: Images, largest: int) -> tuple[np.ndarray, int, tuple[int, int]]:
    """Return the sheet of a :func:`sprite`, (H, W, C) uint8, its columns, and a tile's height and width in pixels."""
    images = _shrunk(images, largest)
    count, height, width, channels = images.shape
    columns = math.ceil(math.sqrt(count * height / width))
    rows = math.ceil(count / columns)
    sheet = np.zeros((rows * columns, height, width, channels), np.uint8)
    sheet[:count] = images
    sheet = sheet.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return sheet.reshape(rows * height, columns * width, channels), columns, (height, width)


def data_url(image: np.ndarray) -> str:
    """Return one picture (H, W, C) uint8 as a data URL: PNG, or JPEG if it is large."""
    kind = "png" if image.shape[0] * image.shape[1] <= LOSSLESS else "jpeg"
    buffer = io.BytesIO()
    to_pil(image).save(buffer, kind, **ENCODING[kind])
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _shrunk(images: Images, largest: int) -> Images:
    count, height, width, channels = images.shape
    scale = min(1, largest / max(height, width), math.sqrt(SHEET / (count * height * width)))
    if scale == 1:
        return images
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    small = [np.asarray(to_pil(image).resize(size, Image.Resampling.BOX)) for image in images]
    return np.stack(small).reshape(count, size[1], size[0], channels)
