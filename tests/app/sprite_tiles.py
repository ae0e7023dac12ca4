"""The tiles of a sprite."""

import base64
import io

import numpy as np
from PIL import Image


def decoded(sheet: dict) -> np.ndarray:
    """(n, H, W, C) uint8, with what is empty at the end of the last row."""
    image = Image.open(io.BytesIO(base64.b64decode(sheet["url"].partition(",")[2])))
    pixels = np.asarray(image).reshape(*image.size[::-1], -1)
    h, w = sheet["height"], sheet["width"]
    tiles = pixels.reshape(pixels.shape[0] // h, h, sheet["columns"], w, -1).swapaxes(1, 2)
    return tiles.reshape(-1, h, w, pixels.shape[-1])
