"""Any image becomes a square of the chosen resolution: 8 bits, RGB or grey.

The rule: EXIF's rotation is applied; transparency is laid on white; 16-bit and 32-bit greys are scaled from
0..65535, floats from 0..1 (or 0..255 where a value is above 1); the shorter side is resized to the resolution
(bicubic, antialiased) and the centre is cut out.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import BinaryIO, Literal

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from glico.data.dataset import Images, Progress
from glico.data.text import plain_text, reason
from glico.errors import GlicoError

Colour = Literal["auto", "grey", "rgb"]
Source = tuple[str, Callable[[], BinaryIO]]  # an image's name for the reader, and how to open its file
Box = tuple[float, float, float, float]  # left, upper, right, lower, in pixels of the file

# What a stranger's file may be; Pillow's other decoders (EPS starts Ghostscript) are never reached.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF")
SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".avif")
)
MAX_PIXELS = 80_000_000  # of one image; more than any camera's usual picture, less than Pillow's own bomb limit
MAX_MEMORY = 8 * 2**30  # bytes of all prepared images together


def read_images(
    sources: Sequence[Source],
    resolution: int,
    colour: Colour,
    progress: Progress | None = None,
    boxes: Sequence[Box] | None = None,
) -> Images:
    """Image files -> (n, R, R, C) uint8, C = 1 for ``grey``, else 3. Raises GlicoError that names a bad file.

    With ``boxes``, one an image, each is cut to its box first.
    """
    prepared = _allocate(len(sources), resolution, colour)
    with warnings.catch_warnings(), ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files: they decode, or one sentence refuses them
        images = pool.map(lambda source, box: _read(source, resolution, colour, box), sources, boxes or repeat(None))
        _fill(prepared, images, progress, "reading images")
    return prepared


def resize_images(images: Images, resolution: int, colour: Colour, progress: Progress | None = None) -> Images:
    """(n, H, W) or (n, H, W, 1 or 3) uint8 -> (n, R, R, C) uint8, C = 1 for ``grey``, else 3."""
    if images.shape[-1] == 1 and images.ndim == 4:
        images = images[..., 0]
    if images.shape[1:] == (resolution, resolution, 3) and colour != "grey":
        return np.ascontiguousarray(images)
    prepared = _allocate(len(images), resolution, colour)
    squares = (to_square(Image.fromarray(image), resolution, colour) for image in images)
    _fill(prepared, squares, progress, "preparing images")
    return prepared


def match_colour(colour: Colour, *parts: Images) -> tuple[Images, ...]:
    """The parts (n, R, R, 3), where ``auto`` drops to one channel if every pixel of every part is grey."""
    if colour == "auto" and all((part == part[..., :1]).all() for part in parts):
        return tuple(np.ascontiguousarray(part[..., :1]) for part in parts)
    return parts


def to_square(image: Image.Image, resolution: int, colour: Colour) -> Images:
    """One image of any size and mode -> (R, R, C) uint8, C = 1 for ``grey``, else 3, by this module's rule."""
    image = _eight_bits(ImageOps.exif_transpose(image))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    image = image if image.mode == "L" else image.convert("RGB")
    square = ImageOps.fit(image, (resolution, resolution), Image.Resampling.BICUBIC)
    return np.asarray(square.convert("L" if colour == "grey" else "RGB")).reshape(resolution, resolution, -1)


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode != "F" and not image.mode.startswith("I"):
        return image
    values = np.nan_to_num(np.asarray(image, dtype=np.float64))
    peak = 65535 if image.mode != "F" else 255 if values.max() > 1 else 1
    return Image.fromarray(np.rint(values.clip(0, peak) * (255 / peak)).astype(np.uint8))


def _read(source: Source, resolution: int, colour: Colour, box: Box | None) -> Images:
    name, open_file = source
    name = plain_text(name, limit=1000)
    try:
        with open_file() as file, Image.open(file, formats=FORMATS) as image:
            pixels = image.width * image.height
            if pixels <= MAX_PIXELS and box is not None:
                return to_square(image.crop(_within(box, image.size)), resolution, colour)
            if pixels <= MAX_PIXELS:
                image.draft(None, (2 * resolution, 2 * resolution))  # a JPEG is decoded no larger than is needed
                return to_square(image, resolution, colour)
        why = f"it has {pixels / 1e6:.0f} million pixels and at most {MAX_PIXELS / 1e6:.0f} million are read"
    except UnidentifiedImageError:
        why = "its content is not an image of a known format"
    except Exception as error:  # a decoder that meets a stranger's file may raise anything
        why = reason(error)
    raise GlicoError(f"{name} cannot be read as an image ({why}): replace it or take it out.")


def _within(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The whole pixels of ``box`` inside an image of ``size``, at least one."""
    left, upper = (min(max(round(start), 0), length - 1) for start, length in zip(box[:2], size, strict=True))
    right, lower = (
        min(max(round(end), start + 1), length) for end, start, length in zip(box[2:], (left, upper), size, strict=True)
    )
    return left, upper, right, lower


def _allocate(count: int, resolution: int, colour: Colour) -> Images:
    shape = (count, resolution, resolution, 1 if colour == "grey" else 3)
    size = int(np.prod(shape, dtype=np.int64))
    if size > MAX_MEMORY:
        raise GlicoError(
            f"{count} images at {resolution} pixels need {size / 2**30:.0f} GiB of memory and at most "
            f"{MAX_MEMORY / 2**30:.0f} GiB are used: choose a smaller resolution."
        )
    return np.empty(shape, dtype=np.uint8)


def _fill(prepared: Images, images: Iterable[Images], progress: Progress | None, doing: str) -> None:
    count = len(prepared)
    every = max(1, count // 100)
    for index, image in enumerate(images):
        prepared[index] = image
        if progress and ((index + 1) % every == 0 or index + 1 == count):
            progress((index + 1) / count, f"{doing}: {index + 1} of {count}")
