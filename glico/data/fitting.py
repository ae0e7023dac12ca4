"""An image of any shape fits into a square: its centre, the whole of it on a border, or squashed."""

import numpy as np
from PIL import Image, ImageOps

from glico.data.preparation import Fit

BICUBIC = Image.Resampling.BICUBIC


def fit_square(image: Image.Image, side: int, fit: Fit) -> Image.Image:
    """Return an L or RGB image -> a square of ``side`` pixels.

    ``crop`` resizes the shorter side and cuts out the centre; ``squash`` resizes both sides; the others resize the
    longer side, and fill the border with white, black, the mirrored image or its mean colour.
    """
    if fit == "crop":
        return ImageOps.fit(image, (side, side), BICUBIC)
    if fit == "squash":
        return image.resize((side, side), BICUBIC)
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    small = image.resize((width, height), BICUBIC)
    left, top = (side - width) // 2, (side - height) // 2
    if fit == "mirrored":
        return _mirrored(small, side, left, top)
    mean = np.asarray(small, dtype=np.float64).reshape(width * height, -1).mean(axis=0).round().astype(int).tolist()
    ground = {"white": [255] * len(mean), "black": [0] * len(mean)}.get(fit, mean)
    square = Image.new(image.mode, (side, side), tuple(ground) if len(ground) > 1 else ground[0])
    square.paste(small, (left, top))
    return square


def _mirrored(image: Image.Image, side: int, left: int, top: int) -> Image.Image:
    """Return the image in a square whose border continues it mirrored, as often as is needed."""
    pixels = np.asarray(image)
    borders = [(top, side - image.height - top), (left, side - image.width - left)]
    padding = borders + [(0, 0)] * (pixels.ndim - 2)
    return Image.fromarray(np.pad(pixels, padding, mode="symmetric"))
