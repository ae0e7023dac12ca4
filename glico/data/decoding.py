"""An image file becomes pixels: 8 bits as Pillow has them, anything deeper as an array of its own numbers.

EXIF's rotation is applied to both. Of several pages or frames the first is read.
"""

import ctypes
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from pi_heif import register_heif_opener
from PIL import Image, ImageOps, UnidentifiedImageError

from glico.config.limits import limit
from glico.data import tiff
from glico.data.file_kinds import kind_of, suffix_of
from glico.data.text import reason
from glico.data.value_range import Values
from glico.errors import GlicoError
from glico.files import open_regular

Box = tuple[float, float, float, float]  # left, upper, right, lower, in pixels of the file

register_heif_opener(thumbnails=False)
# A stranger's file may be of these formats; Pillow's other decoders (EPS starts Ghostscript) are never reached.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "PPM", "AVIF", "HEIF", "JPEG2000")
HEADLESS_FORMATS = (*FORMATS, "TGA")  # TGA begins with no mark, so that it is tried for files of that name alone
BY_NAME = frozenset((".tga", ".icb", ".vda", ".vst"))
PREVIEWS = frozenset(("MPO",))  # formats whose further frames are previews of the first
MILLION = 1_000_000
RAISED = "GLICO_LIMIT_MEGAPIXELS=N in the environment raises the limit"
ALONE = 2**23  # a larger image is decoded while no other large one is, so that memory holds one
LOW_BYTES = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}  # raw modes that keep one byte of two, and the other byte


class _Silence(logging.Filter):
    """Discards what a library prints about a stranger's file: it is decoded, or one sentence refuses it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.CRITICAL


for _name in ("tifffile", "PIL.TiffImagePlugin", "PIL.PngImagePlugin", "PIL.Image"):
    logging.getLogger(_name).addFilter(_Silence())
with suppress(OSError, AttributeError):  # elsewhere than in Pillow's wheels libtiff may not be found, and speaks
    _libtiff = ctypes.CDLL(Image.core.__file__)  # whose symbols include those of the libraries that it loads
    _libtiff.TIFFSetErrorHandler(None)
    _libtiff.TIFFSetWarningHandler(None)


@dataclass(frozen=True)
class ImageFile:
    """An image's ``name`` for the reader, how to ``open`` its file, and the ``box`` that it is cut to first."""

    name: str
    open: Callable[[], BinaryIO]
    box: Box | None = None


@dataclass(frozen=True)
class Header:
    """The properties that the beginning of an image file states.

    It has ``pixels`` to decode, ``pages`` and ``channels``; it may be ``deep`` (beyond 8 bits), partly ``transparent``
    or ``oblong``.
    """

    pixels: int = 0
    deep: bool = False
    transparent: bool = False
    pages: int = 1
    channels: int = 1
    oblong: bool = False


@dataclass(frozen=True)
class Deep:
    """An image beyond 8 bits: ``values`` (H, W) or (H, W, 3), and its ``alpha`` (H, W) uint8 if it has one."""

    values: Values
    alpha: NDArray[np.uint8] | None = None


def open_file(path: Path) -> BinaryIO:
    """Return the file at ``path``, to be read."""
    return open_regular(path, "image_mib")


def read_header(file: ImageFile, side: int) -> Header:
    """Return the header of ``file``, for a preparation of ``side`` pixels; an empty one if it is no image.

    Raises GlicoError if the file cannot be opened because of a limit.
    """
    try:
        with file.open() as opened:
            layout = _tiff_layout(opened)
            if layout is not None and not layout.by_pillow:
                pixels = layout.width * layout.height
                oblong = file.box is not None or layout.width != layout.height
                return Header(_within_limit(pixels), True, False, layout.pages, layout.channels, oblong)
            with _image(opened, file, side) as image:
                pages = layout.pages if layout else _frames(image)
                deep, transparent = _is_deep(image), image.has_transparency_data
                oblong = file.box is not None or image.width != image.height
                return Header(_within_limit(image.width * image.height), deep, transparent, pages, 1, oblong)
    except GlicoError:
        raise
    except Exception:  # the decoder says why
        return Header()


def decode(file: ImageFile, side: int, large: Lock) -> Image.Image | Deep | str:
    """Return the pixels of ``file``, for a preparation of ``side`` pixels, or why there are none."""
    try:
        with file.open() as opened:
            layout = _tiff_layout(opened)
            if layout is not None and not layout.by_pillow:
                if (pixels := layout.width * layout.height) > limit("megapixels") * MILLION:
                    return _too_many(pixels)
                with _turn(pixels, large):
                    values = _tiff_values(opened, file, side)
                    return Deep(values if file.box is None else _cut(values, file.box))
            with _image(opened, file, side) as image:
                if (pixels := image.width * image.height) > limit("megapixels") * MILLION:
                    return _too_many(pixels)
                with _turn(pixels, large):
                    return _pixels(image, file.box)
    except UnidentifiedImageError:
        return _not_an_image(file)
    except Image.DecompressionBombError:
        return f"it has more than {limit('megapixels')} million pixels; {RAISED}"
    except GlicoError:
        raise
    except Exception as error:  # a decoder that meets a stranger's file may raise anything
        return reason(error)


def within(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the whole pixels of ``box`` inside an image of ``size``, at least one."""
    left, upper = (min(max(round(start), 0), length - 1) for start, length in zip(box[:2], size, strict=True))
    right, lower = (
        min(max(round(end), start + 1), length) for end, start, length in zip(box[2:], (left, upper), size, strict=True)
    )
    return left, upper, right, lower


def pixels_of(image: Image.Image) -> Image.Image | Deep:
    """Return an image in memory of any mode, upright: as it is with 8 bits, else its numbers."""
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode == "F" or image.mode.startswith("I"):
        return Deep(np.asarray(image))
    return image


def _pixels(image: Image.Image, box: Box | None) -> Image.Image | Deep:
    low_bytes = _colour_of_16_bits(image)
    if low_bytes is None:
        part = image if box is None else image.crop(within(box, image.size))
        part.load()
        return pixels_of(part)
    orientation = image.getexif().get(tiff.ORIENTATION, 1)
    pixels = tiff.upright(low_bytes, orientation if isinstance(orientation, int) else 1)
    pixels = pixels if box is None else _cut(pixels, box)
    alpha = (pixels[..., 3] >> 8).astype(np.uint8) if pixels.shape[-1] == 4 else None
    return Deep(pixels[..., :3], alpha)


def _colour_of_16_bits(image: Image.Image) -> NDArray[np.uint16] | None:
    """Return the numbers (H, W, 3 or 4) of a colour image of 16 bits a sample, None for any other.

    Pillow keeps the upper byte of such a sample. It is decoded a second time in the other byte order, so that its upper
    byte is the file's lower one.
    """
    if not _is_colour_of_16_bits(image):
        return None
    file = image.fp  # type: ignore[attr-defined]
    upper = np.asarray(image)
    file.seek(0)
    with Image.open(file, formats=("PNG",)) as other:
        other.tile = [tile._replace(args=LOW_BYTES[str(tile.args)]) for tile in other.tile]
        lower = np.asarray(other)
    return (upper.astype(np.uint16) << 8) | lower


def _is_colour_of_16_bits(image: Image.Image) -> bool:
    tiles = getattr(image, "tile", [])
    return image.format == "PNG" and len(tiles) == 1 and tiles[0].args in LOW_BYTES


def _tiff_values(opened: BinaryIO, file: ImageFile, side: int) -> Values:
    """Return the numbers of a TIFF.

    Pillow reads one that is compressed as tifffile cannot read, if it reads it right.
    """
    try:
        opened.seek(0)
        return tiff.read_values(opened)
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        with _image(opened, file, side) as image:
            if image.mode not in ("I;16", "I;16B", "F"):
                raise ValueError("its compression is not read for such numbers; save it without compression") from None
            return np.asarray(pixels_of(image).values)  # type: ignore[union-attr]


def _tiff_layout(opened: BinaryIO) -> tiff.TiffLayout | None:
    """Return the layout of a TIFF, None for any other file. Raises ValueError for one whose directory is damaged.

    Pillow's libtiff would print its complaints to standard error.
    """
    head = opened.read(4)
    opened.seek(0)
    if head[:2] not in (b"II", b"MM") or head[2:4] not in (b"*\0", b"\0*", b"+\0", b"\0+"):
        return None
    try:
        return tiff.layout_of(opened)
    except Exception as error:  # a stranger's file may raise anything
        raise ValueError(f"it is a damaged TIFF: {reason(error)}") from error
    finally:
        opened.seek(0)


def _image(opened: BinaryIO, file: ImageFile, side: int) -> Image.Image:
    """Return the image in a file, not yet decoded; a JPEG will be decoded no larger than is needed."""
    _raise_limit_of_pillow()
    opened.seek(0)
    image = Image.open(opened, formats=HEADLESS_FORMATS if suffix_of(file.name) in BY_NAME else FORMATS)
    if file.box is None and image.width * image.height <= limit("megapixels") * MILLION:
        image.draft(None, (2 * side, 2 * side))
    return image


def _raise_limit_of_pillow() -> None:
    """Let Pillow open images up to our own limit: it refuses those beyond twice its own before we look at them."""
    most = limit("megapixels") * MILLION
    if Image.MAX_IMAGE_PIXELS is not None and most > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = most


def _is_deep(image: Image.Image) -> bool:
    return _is_colour_of_16_bits(image) or image.mode == "F" or image.mode.startswith("I")


def _frames(image: Image.Image) -> int:
    """Return two for a file of several frames, without counting them, else one."""
    return 2 if image.format not in PREVIEWS and getattr(image, "is_animated", False) else 1


def _turn(pixels: int, large: Lock) -> AbstractContextManager[object]:
    return large if pixels > ALONE else nullcontext()


def _cut(values: NDArray[np.generic], box: Box) -> Values:
    left, upper, right, lower = within(box, (values.shape[1], values.shape[0]))
    return values[upper:lower, left:right]


def _within_limit(pixels: int) -> int:
    return pixels if pixels <= limit("megapixels") * MILLION else 0


def _too_many(pixels: int) -> str:
    return f"it has {pixels / MILLION:,.0f} million pixels and at most {limit('megapixels')} million are read; {RAISED}"


def _not_an_image(file: ImageFile) -> str:
    with file.open() as opened:
        kind = kind_of(file.name, opened.read(512))
    return "its content is not an image of a known format" + (f" but one of {kind}" if kind else "")
