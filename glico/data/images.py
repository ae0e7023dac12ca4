"""Any image becomes a square of the chosen resolution: 8 bits, RGB or grey.

The rule: EXIF's rotation is applied; transparency is laid on white; 16-bit and 32-bit greys are scaled from
0..65535, floats from 0..1 (or 0..255 where a value is above 1); the shorter side is resized to the resolution
(bicubic, antialiased) and the centre is cut out.
"""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from glico.config.limits import beyond, limit
from glico.data.dataset import Colour
from glico.data.resizing import resize_squares, to_grey
from glico.data.text import plain_text, reason
from glico.errors import GlicoError, MendableError
from glico.files import open_regular
from glico.types import Images, Progress
from glico.words import counted

Unreadable = Literal["refuse", "leave-out"]
Box = tuple[float, float, float, float]  # left, upper, right, lower, in pixels of the file
Found = TypeVar("Found")

# What a stranger's file may be; Pillow's other decoders (EPS starts Ghostscript) are never reached.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF")
SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".avif")
)
MILLION = 1_000_000
BAND = 2**22  # pixels that are converted at once
ALONE = 2**23  # a larger image is decoded while no other large one is, so that memory holds one
TOGETHER = 500  # files that wait for their turn at once


@dataclass(frozen=True)
class ImageFile:
    """An image's ``name`` for the reader, how to ``open`` its file, and the ``box`` that it is cut to first."""

    name: str
    open: Callable[[], BinaryIO]
    box: Box | None = None


def open_file(path: Path) -> BinaryIO:
    """The file at ``path``, to be read."""
    return open_regular(path, "image_mib")


class UnreadableError(MendableError):
    """Some images or labels (``what``) cannot be read; ``names`` are theirs. What is left can be."""

    def __init__(self, sentence: str, names: tuple[str, ...], what: str) -> None:
        super().__init__(sentence, f"Leave out {_unreadable(len(names), what)}", {"unreadable": "leave-out"})
        self.names = names


@dataclass(frozen=True)
class ReadImages:
    """``images`` (n, R, R, C) uint8; ``readable`` (N,) says which n of the files those are; ``left_out`` the names
    of the others."""

    images: Images
    readable: NDArray[np.bool_]
    left_out: tuple[str, ...] = field(default=())


def read_images(
    files: Sequence[ImageFile],
    resolution: int,
    colour: Colour,
    progress: Progress | None = None,
    unreadable: Unreadable | None = None,
) -> ReadImages:
    """Image files as squares of R pixels, C = 1 for ``grey``, else 3.

    All are measured before the first is decoded. One that cannot be read is left out where ``unreadable`` says so;
    else :class:`UnreadableError` names it, and the way to leave it out where there is one. Raises GlicoError beyond
    a limit.
    """
    prepared = _allocate(len(files), resolution, 1 if colour == "grey" else 3)
    why: dict[int, str] = {}  # index -> why that file is not readable
    large = Lock()

    def decode(file: ImageFile) -> Images | str:
        return _decoded(file, resolution, colour, large)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files: they decode, or one sentence refuses them
        pixels = 0
        for file, size in zip(files, _mapped(lambda file: _pixels(file, resolution), files), strict=True):
            pixels += size
            if pixels > limit("total_megapixels") * MILLION:
                raise beyond("total_megapixels", f"The data up to {plain_text(file.name)}")
        for index, found in enumerate(_mapped(decode, files)):
            if isinstance(found, str):
                why[index] = found
            else:
                prepared[index] = found
            _tell(progress, index, len(files), "reading images")
    if not why:
        return ReadImages(prepared, np.ones(len(files), dtype=bool))
    names = tuple(plain_text(files[index].name, limit=1000) for index in why)
    if unreadable != "leave-out":
        sentence = _sentence(names, next(iter(why.values())), unreadable)
        raise UnreadableError(sentence, names, "image") if unreadable else GlicoError(sentence)
    readable = np.ones(len(files), dtype=bool)
    readable[list(why)] = False
    return ReadImages(prepared[readable], readable, names)


def resize_images(images: Images, resolution: int, colour: Colour, progress: Progress | None = None) -> Images:
    """(n, H, W) or (n, H, W, 1 or 3) uint8 -> (n, R, R, C) uint8, C = 1 where the images have one channel or
    ``colour`` is grey."""
    images = images[..., None] if images.ndim == 3 else images
    channels = images.shape[-1]
    grey = channels == 3 and colour == "grey"
    if images.shape[1:3] == (resolution, resolution) and not grey:
        return np.ascontiguousarray(images)
    prepared = _allocate(len(images), resolution, 1 if grey else channels)
    resize = resize_squares if images.shape[1] == images.shape[2] else _resize_each
    step = max(1, len(images) // 100)
    for start in range(0, len(images), step):
        resized = resize(images[start : start + step], resolution)
        prepared[start : start + step] = to_grey(resized) if grey else resized
        _tell(progress, min(start + step, len(images)) - 1, len(images), "preparing images")
    return prepared


def _resize_each(images: Images, resolution: int) -> Images:
    mode: Colour = "grey" if images.shape[-1] == 1 else "rgb"
    return np.stack(
        [to_square(Image.fromarray(image[..., 0] if mode == "grey" else image), resolution, mode) for image in images]
    )


def match_colour(colour: Colour, *splits: Images) -> tuple[Images, ...]:
    """The splits (n, R, R, 1 or 3), all with one channel or all with three: ``auto`` is one if every pixel is grey."""
    if colour == "grey" or (colour == "auto" and all(map(_is_grey, splits))):
        return tuple(np.ascontiguousarray(images[..., :1]) for images in splits)
    return tuple(images if images.shape[-1] == 3 else images.repeat(3, axis=-1) for images in splits)


def to_square(image: Image.Image, resolution: int, colour: Colour) -> Images:
    """One image of any size and mode -> (R, R, C) uint8, C = 1 for ``grey``, else 3, by this module's rule."""
    ImageOps.exif_transpose(image, in_place=True)
    image = _eight_bits(image)
    if image.has_transparency_data:
        image = _in_bands(image, _on_white, "RGB")
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    square = ImageOps.fit(image, (resolution, resolution), Image.Resampling.BICUBIC)
    return np.asarray(square.convert("L" if colour == "grey" else "RGB")).reshape(resolution, resolution, -1)


def _on_white(band: Image.Image) -> Image.Image:
    layer = band.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode != "F" and not image.mode.startswith("I"):
        return image
    peak: float = 65535
    if image.mode == "F":
        peak = 255 if max(_values(band).max() for band in _bands(image)) > 1 else 1

    def scale(band: Image.Image) -> Image.Image:
        return Image.fromarray(np.rint(_values(band).clip(0, peak) * (255 / peak)).astype(np.uint8))

    return _in_bands(image, scale, "L")


def _values(image: Image.Image) -> NDArray[np.float64]:
    return np.nan_to_num(np.asarray(image, dtype=np.float64))


def _bands(image: Image.Image) -> Iterator[Image.Image]:
    """Bands of rows from the top down, of BAND pixels or little more."""
    height = max(1, BAND // image.width)
    if height >= image.height:
        yield image
        return
    for top in range(0, image.height, height):
        yield image.crop((0, top, image.width, min(top + height, image.height)))


def _in_bands(image: Image.Image, convert: Callable[[Image.Image], Image.Image], mode: str) -> Image.Image:
    """``image`` converted band by band, so that a large one is not held several times."""
    converted = Image.new(mode, image.size)
    top = 0
    for band in _bands(image):
        converted.paste(convert(band), (0, top))
        top += band.height
    return converted


def _opened(file: BinaryIO, resolution: int, box: Box | None) -> Image.Image:
    """The image in a file, not yet decoded; a JPEG will be decoded no larger than is needed."""
    _raise_limit_of_pillow()
    image = Image.open(file, formats=FORMATS)
    if box is None and image.width * image.height <= limit("megapixels") * MILLION:
        image.draft(None, (2 * resolution, 2 * resolution))
    return image


def _raise_limit_of_pillow() -> None:
    """Let Pillow open images up to our own limit: it refuses those beyond twice its own before we look at them."""
    most = limit("megapixels") * MILLION
    if Image.MAX_IMAGE_PIXELS is not None and most > Image.MAX_IMAGE_PIXELS:
        Image.MAX_IMAGE_PIXELS = most


def _pixels(file: ImageFile, resolution: int) -> int:
    """How many pixels of the file will be decoded; 0 where it is no image."""
    try:
        with file.open() as opened, _opened(opened, resolution, file.box) as image:
            size = image.width * image.height
            return size if size <= limit("megapixels") * MILLION else 0
    except GlicoError:
        raise
    except Exception:  # the decoder says why
        return 0


def _decoded(file: ImageFile, resolution: int, colour: Colour, large: Lock) -> Images | str:
    """The image of a file as a square, or why there is none."""
    try:
        with file.open() as opened, _opened(opened, resolution, file.box) as image:
            pixels, most = image.width * image.height, limit("megapixels")
            if pixels > most * MILLION:
                return (
                    f"it has {pixels / MILLION:,.0f} million pixels and at most {most} million are read; "
                    "GLICO_LIMIT_MEGAPIXELS=N in the environment raises the limit"
                )
            with large if pixels > ALONE else nullcontext():
                part = image if file.box is None else image.crop(_within(file.box, image.size))
                return to_square(part, resolution, colour)
    except UnidentifiedImageError:
        return "its content is not an image of a known format"
    except Image.DecompressionBombError:
        most = limit("megapixels")
        return f"it has more than {most} million pixels; GLICO_LIMIT_MEGAPIXELS=N in the environment raises the limit"
    except GlicoError:
        raise
    except Exception as error:  # a decoder that meets a stranger's file may raise anything
        return reason(error)


def _sentence(names: tuple[str, ...], why: str, unreadable: Unreadable | None) -> str:
    mend = without(len(names), "image") if unreadable else "take it out"
    if len(names) == 1:
        return f"{names[0]} cannot be read as an image ({why}): replace it or {mend}."
    return f"{names[0]} and {len(names) - 1} more cannot be read as images (the first: {why}): replace them or {mend}."


def without(count: int, what: str) -> str:
    """How to go on without ``count`` unreadable images or labels."""
    return f"leave out {_unreadable(count, what)} (--unreadable leave-out)"


def _unreadable(count: int, what: str) -> str:
    return counted(count, f"unreadable {what}")


def _mapped(function: Callable[[ImageFile], Found], files: Sequence[ImageFile]) -> Iterator[Found]:
    """``function`` of each file, in order, by several threads; no more is begun once the caller has gone."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for start in range(0, len(files), TOGETHER):
            yield from pool.map(function, files[start : start + TOGETHER])


def _within(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The whole pixels of ``box`` inside an image of ``size``, at least one."""
    left, upper = (min(max(round(start), 0), length - 1) for start, length in zip(box[:2], size, strict=True))
    right, lower = (
        min(max(round(end), start + 1), length) for end, start, length in zip(box[2:], (left, upper), size, strict=True)
    )
    return left, upper, right, lower


def _allocate(count: int, resolution: int, channels: int) -> Images:
    shape = (count, resolution, resolution, channels)
    if int(np.prod(shape, dtype=np.int64)) > limit("memory_mib") * 2**20:
        raise beyond("memory_mib", f"A data set of {count:,} images at {resolution} pixels")
    return np.empty(shape, dtype=np.uint8)


def _is_grey(images: Images) -> bool:
    """Whether every pixel is; looked at in pieces, so that no second copy is made."""
    return images.shape[-1] == 1 or all(
        bool((images[start : start + 1000] == images[start : start + 1000, ..., :1]).all())
        for start in range(0, len(images), 1000)
    )


def _tell(progress: Progress | None, index: int, count: int, doing: str) -> None:
    if progress and ((index + 1) % max(1, count // 100) == 0 or index + 1 == count):
        progress((index + 1) / count, f"{doing}: {index + 1} of {count}")
