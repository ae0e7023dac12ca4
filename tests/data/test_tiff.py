"""TIFFs of science: planes, signs, sizes of numbers, channels and pages come out as they went in."""

import io
from contextlib import suppress

import numpy as np
import pytest
import tifffile
from data_files import encoded
from PIL import Image

from glico.data import load_dataset
from glico.data.decoding import ImageFile
from glico.data.images import ReadImages, UnreadableError, read_images
from glico.data.preparation import Preparation
from glico.errors import GlicoError

RAMP = np.linspace(0, 1, 16 * 16).reshape(16, 16)
GREY = np.rint(RAMP * 255).astype(np.uint8)
COLOUR = np.stack([GREY, GREY[::-1], GREY.T], axis=-1)


def tiff(values: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def read(*contents: bytes, colour: str = "grey", **choices: str) -> ReadImages:
    files = [ImageFile(f"{i}.tif", lambda content=content: io.BytesIO(content)) for i, content in enumerate(contents)]
    return read_images(files, Preparation(16, colour, **choices))


def grey(content: bytes, **choices: str) -> np.ndarray:
    return read(content, **choices).images[0, ..., 0]


def test_planes_of_16_bits_are_colours():
    """tifffile writes channels-first arrays as planes; Pillow alone reads noise."""
    deep = COLOUR.astype(np.uint16) * 257
    planes = read(tiff(deep.transpose(2, 0, 1), photometric="rgb", planarconfig="separate"), colour="rgb")
    np.testing.assert_array_equal(planes.images[0], COLOUR)
    np.testing.assert_array_equal(read(tiff(deep, photometric="rgb"), colour="rgb").images[0], COLOUR)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32])
def test_zero_is_white_in_any_depth(kind):
    top = np.iinfo(kind).max
    values = np.rint(RAMP * top).astype(kind)
    assert np.abs(grey(tiff(values, photometric="miniswhite")).astype(int) - (255 - GREY)).max() <= 1


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32, np.uint32, np.float16, np.float32, np.float64])
def test_every_type_of_number_keeps_its_order_and_uses_the_range(kind):
    low, high = (-1, 3) if np.dtype(kind).kind == "f" else (-100, 100) if np.dtype(kind).kind == "i" else (1e6, 3e6)
    values = (low + RAMP * (high - low)).astype(kind)
    result = grey(tiff(values))
    assert (result.min(), result.max()) == (0, 255)
    assert (np.diff(result.reshape(-1).astype(int)) >= 0).all()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_colours_of_floats_are_read(kind):
    result = read(tiff((COLOUR / 255).astype(kind), photometric="rgb"), colour="rgb").images[0]
    np.testing.assert_array_equal(result, COLOUR)


@pytest.mark.parametrize("channels", [2, 5, 13])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("last", [True, False], ids=["a page a row or samples", "planes or pages"])
def test_channels_beyond_three_are_read_and_mentioned(channels, kind, last):
    """An array (H, W, C) becomes a page for each row in tifffile's default, of which a reader of pages sees a line."""
    values = np.stack([GREY.astype(kind) * (257 if kind == np.uint16 else 1)] * channels, axis=-1 if last else 0)
    result = read(tiff(values))
    assert np.abs(result.images[0, ..., 0].astype(int) - GREY).max() <= 1
    assert any("first" in note for note in result.notes)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_thirteen_bands_of_a_satellite_are_read(planar):
    values = np.stack([GREY.astype(np.uint16) * 257] * 13, axis=-1 if planar == "contig" else 0)
    result = read(tiff(values, photometric="minisblack", planarconfig=planar))
    assert np.abs(result.images[0, ..., 0].astype(int) - GREY).max() <= 1
    assert result.notes == ("1 file has 13 channels, of which the first three are read.",) or len(result.notes) == 2


def test_pages_are_counted_and_the_first_is_read():
    result = read(tiff(np.stack([GREY, 255 - GREY]), imagej=True, metadata={"axes": "CYX"}), tiff(GREY))
    np.testing.assert_array_equal(result.images[0], result.images[1])
    assert result.notes == ("1 file has several pages or frames, of which the first is read.",)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("options", [{}, {"tile": (16, 16)}, {"compression": "zlib"}], ids=str)
def test_byte_orders_tiles_and_compression_do_not_matter(byteorder, options):
    result = grey(tiff(GREY.astype(np.uint16) * 257, byteorder=byteorder, **options))
    np.testing.assert_array_equal(result, GREY)


def test_lzw_of_16_bits_is_read_by_pillow():
    content = encoded(Image.fromarray(GREY.astype(np.uint16) * 257), "TIFF", compression="tiff_lzw")
    np.testing.assert_array_equal(grey(content), GREY)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_orientation_is_applied_in_any_depth(orientation, kind):
    values = GREY.astype(kind) * (257 if kind == np.uint16 else 1)
    square = Image.fromarray(GREY)
    exif = Image.Exif()
    exif[274] = orientation
    turned = grey(encoded(square, exif=exif))
    tags = [(274, "H", 1, orientation, False)]
    np.testing.assert_array_equal(grey(tiff(values, extratags=tags)), turned)


def test_damaged_tiffs_say_nothing_on_standard_error(capfd):
    """Whatever Pillow, libtiff and tifffile think of a file goes into one sentence."""
    whole = tiff(GREY.astype(np.uint16) * 257, photometric="minisblack")
    lzw = encoded(Image.fromarray(GREY), "TIFF", compression="tiff_lzw")
    for content in (whole, lzw, tiff(np.zeros((16, 16, 7)), photometric="rgb", extrasamples=(0,) * 4)):
        for cut in (9, len(content) // 2, len(content) - 40):
            with suppress(GlicoError):
                read(content[:cut] + b"\xff" * 20)
    assert capfd.readouterr() == ("", "")


def test_complex_numbers_are_refused_with_the_reason():
    file = ImageFile("wave.tif", lambda: io.BytesIO(tiff(RAMP.astype(np.complex64))))
    with pytest.raises(UnreadableError, match="its values are of type complex64"):
        read_images([file], Preparation(16), unreadable="refuse")


def test_tiffs_of_a_folder_are_read(tmp_path):
    """A file of a folder has a descriptor for a name, which tifffile takes for a path."""
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(2):
            tifffile.imwrite(tmp_path / label / f"{number}.tif", np.rint(RAMP * 4095).astype(np.uint16))
    data = load_dataset(tmp_path, 16)
    assert (data.preparation.value_range, data.train_images.max()) == ("0:4095", 255)
