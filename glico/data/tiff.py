"""TIFF files that Pillow reads wrong or not at all, by tifffile: planes, other numbers than 8 bits, many channels.

Pillow reads 8-bit TIFFs of the usual colour models, whatever their compression. tifffile reads the rest: 16-bit planes
one after the other, zero-is-white beyond 8 bits, signed, 32-bit and 64-bit numbers, floats in colour, and any number of
channels. Of several pages the first is read; of several channels the first three, or the first of two.
"""

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from tifffile import PHOTOMETRIC, TiffFile, TiffPage

from glico.config.limits import limit
from glico.data.value_range import Values

PILLOW_COLOURS = frozenset(
    (
        PHOTOMETRIC.MINISWHITE,
        PHOTOMETRIC.MINISBLACK,
        PHOTOMETRIC.RGB,
        PHOTOMETRIC.PALETTE,
        PHOTOMETRIC.SEPARATED,
        PHOTOMETRIC.YCBCR,
        PHOTOMETRIC.CIELAB,
        PHOTOMETRIC.MASK,
    ),
)
REDUCED = 1  # of a page's subfile type: a smaller copy of another page
ORIENTATION = 274


@dataclass(frozen=True)
class TiffLayout:
    """The layout of a TIFF file: its size, and its numbers of ``pages`` and ``channels``.

    Pillow reads it right if ``by_pillow``. ``rows_as_pages`` is an array (H, W, C) that tifffile wrote as H pages of
    W x C.
    """

    width: int
    height: int
    pages: int
    channels: int
    by_pillow: bool
    rows_as_pages: bool


def layout_of(file: BinaryIO) -> TiffLayout:
    """Return the layout of the TIFF in ``file``, by its tags alone. Raises any exception for a damaged one."""
    with TiffFile(file, name="image") as tiff:
        first = _first(tiff)
        shape = _stored_shape(tiff)
        if shape is not None:
            height, width, channels = shape
            return TiffLayout(width, height, 1, channels, by_pillow=False, rows_as_pages=True)
        pages = sum(1 for page in tiff.pages if not int(getattr(page, "subfiletype", 0) or 0) & REDUCED)
        return TiffLayout(
            first.imagewidth, first.imagelength, pages, first.samplesperpixel, _is_for_pillow(first), False
        )


def read_values(file: BinaryIO) -> Values:
    """Return the first image of a TIFF: (H, W) or (H, W, 3) of any real type, zero black, upright.

    Raises ValueError with the reason for one that cannot be read, and any exception for a damaged one.
    """
    with TiffFile(file, name="image") as tiff:
        first = _first(tiff)
        shape = _stored_shape(tiff)
        if shape is not None:
            if int(np.prod(shape)) > limit("megapixels") * 3_000_000:
                raise ValueError("it has too many pixels")
            values = np.stack([page.asarray(maxworkers=1) for page in tiff.pages])
        else:
            values = _with_channels_last(first.asarray(maxworkers=1), first)
        if values.dtype.kind not in "uif":
            raise ValueError(f"its values are of type {values.dtype}")
        if first.photometric == PHOTOMETRIC.MINISWHITE:
            values = _inverted(values, first.bitspersample)
        if values.ndim == 3:
            values = values[..., 0] if values.shape[-1] < 3 else values[..., :3]
        return upright(values, int(first.tags.valueof(ORIENTATION, 1)))


def upright(values: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return an array (H, W, ...) turned as its EXIF orientation of 1 to 8 says."""
    if orientation in (5, 6, 7, 8):
        values = values.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    return values


def _first(tiff: TiffFile) -> TiffPage:
    page = tiff.pages.first
    if not isinstance(page, TiffPage):
        raise ValueError("its first page is not whole")
    return page


def _stored_shape(tiff: TiffFile) -> tuple[int, int, int] | None:
    """Return the shape (H, W, C) of an array that tifffile stored as H pages of W x C; None for any other file."""
    first = _first(tiff)
    described = tiff.shaped_metadata
    shape = tuple(described[0].get("shape", ())) if described else ()
    if len(shape) != 3 or first.samplesperpixel != 1 or (first.imagelength, first.imagewidth) != shape[1:]:
        return None
    height, width, channels = shape
    # (C, H, W) has as many pages as channels, (H, W, C) as rows: channels are the fewest by far
    is_last = channels < height and channels < width
    return (height, width, channels) if is_last and len(tiff.pages) == height else None


def _is_for_pillow(page: TiffPage) -> bool:
    """Return whether Pillow reads a page right: at most 8 bits a sample, unsigned, with a usual number of samples."""
    dtype = page.dtype
    if page.photometric not in PILLOW_COLOURS:
        return False
    plain = page.photometric in (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.MINISWHITE)
    samples = page.samplesperpixel
    usual = samples == 1 or (samples == 2 and bool(page.extrasamples)) if plain else samples <= 4
    small = page.bitspersample <= 8 and (dtype is None or dtype.kind in "ub")
    if page.photometric in (PHOTOMETRIC.PALETTE, PHOTOMETRIC.SEPARATED, PHOTOMETRIC.CIELAB, PHOTOMETRIC.YCBCR):
        return True
    return usual and small


def _with_channels_last(values: NDArray[Any], page: TiffPage) -> NDArray[Any]:
    """(H, W) or (H, W, C) from a page's array, whose planes may come first."""
    axes = page.axes
    values = values.reshape(page.shape)
    for name in [name for name in axes if name not in "YXS"]:
        values = values.take(0, axis=axes.index(name))
        axes = axes.replace(name, "", 1)
    if "S" not in axes:
        return values
    return np.moveaxis(values, axes.index("S"), -1)


def _inverted(values: NDArray[Any], bits: int) -> NDArray[Any]:
    """Values of which zero is white, with zero black."""
    if values.dtype.kind == "f":
        return 1 - values
    if values.dtype.kind == "i":
        return -1 - values
    return (2**bits - 1 - values.astype(np.uint64)).astype(values.dtype)
