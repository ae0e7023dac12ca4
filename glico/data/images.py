"""Any image becomes a square of the chosen resolution: 8 bits, RGB or grey.

The rule: EXIF's rotation is applied; numbers beyond 8 bits are mapped by one range for the whole data set
(glico.data.value_range); transparency is laid on one ground for the whole data set; the image is fitted into the square
(bicubic, antialiased), by default its shorter side to the resolution, of which the centre is cut out.
"""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glico.config.limits import beyond, limit
from glico.data.decoding import MILLION, Deep, Header, ImageFile, decode, pixels_of, read_header
from glico.data.file_kinds import SUFFIXES
from glico.data.fitting import fit_square
from glico.data.ground import GroundContrast, choose_ground, colour_of, contrast_of
from glico.data.preparation import Choices, Colour, Ground, Preparation, Unreadable
from glico.data.resizing import resize_squares, to_grey
from glico.data.text import plain_text
from glico.data.value_range import FLOATS, INTEGERS, ImageValues, Ranges, decide, measure, to_eight_bits
from glico.errors import FixableError, GlicoError
from glico.pictures import to_pil
from glico.types import Images, Progress
from glico.words import counted

__all__ = ["SUFFIXES", "ImageFile", "ReadImages", "UnreadableError", "match_colour", "read_images", "resize_images"]

Found = TypeVar("Found")
Source = TypeVar("Source")

BAND = 2**22  # pixels that are converted at once
TOGETHER = 500  # files that wait for their turn at once


class UnreadableError(FixableError):
    """Some images or labels (``what``) cannot be read; ``names`` are theirs. What is left can be."""

    def __init__(self, sentence: str, names: tuple[str, ...], what: str) -> None:
        super().__init__(sentence, f"Leave out {_unreadable(len(names), what)}", {"unreadable": "leave-out"})
        self.names = names


@dataclass(frozen=True)
class ReadImages:
    """``images`` (n, R, R, C) uint8; ``readable`` (N,) marks these n of the files; ``skipped`` are the names
    of the others, ``notes`` and ``cautions`` sentences on the images; ``preparation`` is settled, and ``choices`` are
    those that matter."""

    images: Images
    readable: NDArray[np.bool_]
    preparation: Preparation
    skipped: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    cautions: tuple[str, ...] = field(default=())
    choices: Choices = field(default_factory=Choices)


def read_images(
    files: Sequence[ImageFile],
    preparation: Preparation,
    progress: Progress | None = None,
    unreadable: Unreadable | None = None,
) -> ReadImages:
    """Image files as squares of R pixels, C = 1 for ``grey``, else 3.

    The headers of all are read before the first is decoded; those beyond 8 bits or with transparency are then measured
    if the range or the ground is to be taken from them. One that cannot be read is left out if ``unreadable`` says so;
    else :class:`UnreadableError` names it, and the way to leave it out if there is one. Raises GlicoError beyond a
    limit.
    """
    prepared = _allocate(len(files), preparation.resolution, 1 if preparation.colour == "grey" else 3)
    why: dict[int, str] = {}  # index -> why that file is not readable
    large = Lock()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on odd files: they decode, or one sentence refuses them
        headers = _headers(files, preparation)
        look = _look(files, headers, preparation, large)
        convert = partial(_converted, preparation=preparation, look=look, large=large)
        for index, image in enumerate(_mapped(convert, files)):
            if isinstance(image, str):
                why[index] = image
            else:
                prepared[index] = image
            _tell(progress, index, len(files), "reading images")
    names = tuple(plain_text(files[index].name, limit=1000) for index in why)
    if why and unreadable != "leave-out":
        sentence = _sentence(names, next(iter(why.values())), unreadable)
        raise UnreadableError(sentence, names, "image") if unreadable else GlicoError(sentence)
    readable = np.ones(len(files), dtype=bool)
    readable[list(why)] = False
    images = prepared[readable] if why else prepared
    return ReadImages(
        images,
        readable,
        preparation.settled(look.ranges.written, look.ground),
        names,
        notes=(*look.ranges.notes, *look.notes, *_pages_notes(headers)),
        cautions=(*look.ranges.cautions, *_plain_cautions(images)),
        choices=Choices(
            look.ranges.choices, any(each.transparent for each in headers), any(each.oblong for each in headers)
        ),
    )


def resize_images(images: Images, preparation: Preparation, progress: Progress | None = None) -> Images:
    """(n, H, W) or (n, H, W, 1 or 3) uint8 -> (n, R, R, C) uint8, C = 1 if the images have one channel or the colour is
    grey."""
    resolution = preparation.resolution
    images = images[..., None] if images.ndim == 3 else images
    channels = images.shape[-1]
    grey = channels == 3 and preparation.colour == "grey"
    if images.shape[1:3] == (resolution, resolution) and not grey:
        return np.ascontiguousarray(images)
    prepared = _allocate(len(images), resolution, 1 if grey else channels)
    is_square = images.shape[1] == images.shape[2]
    step = max(1, len(images) // 100)
    for start in range(0, len(images), step):
        batch = images[start : start + step]
        resized = resize_squares(batch, resolution) if is_square else _resize_each(batch, preparation)
        prepared[start : start + step] = to_grey(resized) if grey else resized
        _tell(progress, min(start + step, len(images)) - 1, len(images), "preparing images")
    return prepared


def match_colour(colour: Colour, *splits: Images) -> tuple[Images, ...]:
    """Return the splits (n, R, R, C), with C = 1 or 3 for all: with ``auto``, C is 1 if every pixel is grey."""
    if colour == "grey" or (colour == "auto" and all(map(_is_grey, splits))):
        return tuple(np.ascontiguousarray(images[..., :1]) for images in splits)
    return tuple(images if images.shape[-1] == 3 else images.repeat(3, axis=-1) for images in splits)


@dataclass(frozen=True)
class Look:
    """The findings about a data set's images: the range of their values, the ground of transparent ones, and notes."""

    ranges: Ranges = field(default_factory=lambda: Ranges(INTEGERS, FLOATS, "auto"))
    ground: Ground = "white"
    notes: tuple[str, ...] = ()


def to_square(image: Image.Image, preparation: Preparation, look: Look | None = None) -> Images:
    """Return one image of any size and mode -> (R, R, C) uint8, C = 1 for ``grey``, else 3, by this module's rule.

    Without a ``look`` at its data set the image is a data set of its own.
    """
    pixels = pixels_of(image)
    if look is None:
        values = [measure(pixels.values)] if isinstance(pixels, Deep) else []
        contrasts = [] if isinstance(pixels, Deep) or not pixels.has_transparency_data else [contrast_of(pixels)]
        look = _settle(values, contrasts, preparation)
    return _square(pixels, preparation, look)


def _square(pixels: Image.Image | Deep, preparation: Preparation, look: Look) -> Images:
    image = _eight_bits(pixels, look.ranges) if isinstance(pixels, Deep) else pixels
    if image.has_transparency_data:
        image = _in_bands(image, partial(_on_ground, ground=colour_of(look.ground)), "RGB")
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    square = fit_square(image, preparation.resolution, preparation.fit)
    grey = preparation.colour == "grey"
    return np.asarray(square.convert("L" if grey else "RGB")).reshape(*square.size[::-1], -1)


def _eight_bits(deep: Deep, ranges: Ranges) -> Image.Image:
    image = Image.fromarray(to_eight_bits(deep.values, ranges.range_for(deep.values)))
    if deep.alpha is not None:
        image = image.convert("RGB")
        image.putalpha(Image.fromarray(deep.alpha))
    return image


def _on_ground(band: Image.Image, ground: str) -> Image.Image:
    layer = band.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, ground), layer).convert("RGB")


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


def _resize_each(images: Images, preparation: Preparation) -> Images:
    squares = [fit_square(to_pil(image), preparation.resolution, preparation.fit) for image in images]
    return np.stack([np.asarray(square).reshape(*square.size[::-1], -1) for square in squares])


# The first look at all files


def _headers(files: Sequence[ImageFile], preparation: Preparation) -> list[Header]:
    headers, pixels = [], 0
    for file, header in zip(files, _mapped(lambda file: read_header(file, preparation.resolution), files), strict=True):
        headers.append(header)
        pixels += header.pixels
        if pixels > limit("total_megapixels") * MILLION:
            raise beyond("total_megapixels", f"The data up to {plain_text(file.name)}")
    return headers


def _look(files: Sequence[ImageFile], headers: Sequence[Header], preparation: Preparation, large: Lock) -> Look:
    """Return the range and the ground of a data set, for which files are decoded only if these depend on them."""

    def is_needed(header: Header) -> bool:
        return header.deep or (header.transparent and preparation.ground == "auto")

    measured = [file for file, header in zip(files, headers, strict=True) if is_needed(header)]
    values: list[ImageValues] = []
    contrasts: list[GroundContrast] = []
    for measurement in _mapped(lambda file: _measured(file, preparation, large), measured):
        if isinstance(measurement, ImageValues):
            values.append(measurement)
        elif measurement is not None:
            contrasts.append(measurement)
    return _settle(values, contrasts, preparation)


def _settle(values: list[ImageValues], contrasts: list[GroundContrast], preparation: Preparation) -> Look:
    ranges = decide(values, preparation.value_range)
    ground, notes = choose_ground(contrasts, preparation.ground)
    return Look(ranges, ground, notes)


def _measured(file: ImageFile, preparation: Preparation, large: Lock) -> ImageValues | GroundContrast | None:
    pixels = decode(file, preparation.resolution, large)
    if isinstance(pixels, Deep):
        return measure(pixels.values)
    return contrast_of(pixels) if isinstance(pixels, Image.Image) and pixels.has_transparency_data else None


def _converted(file: ImageFile, preparation: Preparation, look: Look, large: Lock) -> Images | str:
    """Return the image of a file as a square, or why there is none."""
    pixels = decode(file, preparation.resolution, large)
    return pixels if isinstance(pixels, str) else _square(pixels, preparation, look)


def _pages_notes(headers: Sequence[Header]) -> list[str]:
    paged = sum(header.pages > 1 for header in headers)
    banded = [header.channels for header in headers if header.channels == 2 or header.channels > 4]
    notes = []
    if paged:
        notes.append(f"{_files(paged)} several pages or frames, of which the first is read.")
    if banded:
        read = "first is" if max(banded) == 2 else "first three are"
        notes.append(f"{_files(len(banded))} {max(banded)} channels, of which the {read} read.")
    return notes


def _files(count: int) -> str:
    return f"{count} file{'s have' if count > 1 else ' has'}"


def _plain_cautions(images: Images) -> list[str]:
    """Return a sentence on images that are of one colour, in which nothing can be learned."""
    plain = int(sum((image == image[:1, :1]).all() for image in images))
    return [f"{plain} image{'s are' if plain > 1 else ' is'} of one colour as prepared."] if plain else []


# Sentences and small things


def _sentence(names: tuple[str, ...], why: str, unreadable: Unreadable | None) -> str:
    remedy = without(len(names), "image") if unreadable else "take it out"
    if len(names) == 1:
        return f"{names[0]} cannot be read as an image ({why}): replace it or {remedy}."
    return (
        f"{names[0]} and {len(names) - 1} more cannot be read as images (the first: {why}): replace them or {remedy}."
    )


def without(count: int, what: str) -> str:
    """Return the advice to continue without ``count`` unreadable images or labels."""
    return f"leave out {_unreadable(count, what)} (--unreadable leave-out)"


def _unreadable(count: int, what: str) -> str:
    return counted(count, f"unreadable {what}")


def _mapped(function: Callable[[Source], Found], sources: Sequence[Source]) -> Iterator[Found]:
    """``function`` of each, in order, by several threads; no more is begun once the caller has gone."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for start in range(0, len(sources), TOGETHER):
            yield from pool.map(function, sources[start : start + TOGETHER])


def _allocate(count: int, resolution: int, channels: int) -> Images:
    shape = (count, resolution, resolution, channels)
    if int(np.prod(shape, dtype=np.int64)) > limit("memory_mib") * 2**20:
        raise beyond("memory_mib", f"A data set of {count:,} images at {resolution} pixels")
    return np.empty(shape, dtype=np.uint8)


def _is_grey(images: Images) -> bool:
    """Return whether every pixel is grey. The images are compared in pieces, so that no second copy is made."""
    return images.shape[-1] == 1 or all(
        bool((images[start : start + 1000] == images[start : start + 1000, ..., :1]).all())
        for start in range(0, len(images), 1000)
    )


def _tell(progress: Progress | None, index: int, count: int, doing: str) -> None:
    if progress and ((index + 1) % max(1, count // 100) == 0 or index + 1 == count):
        progress((index + 1) / count, f"{doing}: {index + 1} of {count}")
