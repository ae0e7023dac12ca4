"""Depth, ground and fit: one choice for a whole data set, taken from it, settled, and used for new images too."""

import io
import struct
import zlib

import numpy as np
import pytest
from data_files import encoded, picture
from PIL import Image

from glico.config import DataConfig, TrainConfig
from glico.config.schema import WrongValue
from glico.data import load_dataset
from glico.data.catalogue import settled_config
from glico.data.decoding import ImageFile
from glico.data.fitting import fit_square
from glico.data.images import read_images
from glico.data.preparation import Preparation

RAMP = np.linspace(0, 1, 256).reshape(16, 16)


def deep(low: float, high: float, kind: type = np.uint16) -> bytes:
    return encoded(np.rint(low + RAMP * (high - low)).astype(kind), "TIFF")


def read(*contents: bytes, **choices: str):
    files = [ImageFile(f"{i}.png", lambda content=content: io.BytesIO(content)) for i, content in enumerate(contents)]
    return read_images(files, Preparation(16, **({"colour": "grey"} | choices)))


@pytest.mark.parametrize(("low", "high"), [(100, 4095), (90, 700), (32768, 36863), (0, 255)])
def test_the_range_is_that_of_the_whole_data_set(low, high):
    """12 bits in 16, low counts, an offset: the darkest pixel of all is black, the brightest white."""
    middle = (low + high) / 2
    result = read(deep(low, middle), deep(middle, high))
    assert result.preparation.value_range == f"{low}:{high}"
    assert (result.images[0].min(), result.images[1].max()) == (0, 255)
    assert abs(int(result.images[0].max()) - 127) <= 1
    assert f"{low:,} is black and {high:,} is white" in result.notes[0]


def test_sixteen_bits_using_half_the_range_stay_as_stored():
    """Their stored range is not stretched."""
    result = read(deep(3000, 60000))
    np.testing.assert_array_equal(result.images[0, ..., 0], np.rint(np.rint(3000 + RAMP * 57000) * (255 / 65535)))
    assert result.preparation.value_range == "0:65535"


def test_dead_pixel_is_warned_of_and_percentiles_help():
    """A single extreme pixel must not decide the range in silence."""
    values = np.rint(100 + RAMP * 900).astype(np.uint16)
    values[8, 8] = 65535
    caution, mended = read(encoded(values, "TIFF")), read(encoded(values, "TIFF"), value_range="percentiles")
    assert "hardly any contrast: choose another range (--value-range percentiles)" in caution.cautions[0]
    assert mended.images.std() > 60 > caution.images[:, :8].std()


def test_clipping_is_cautioned_against():
    assert "are outside that range and are clipped" in read(deep(0, 60000), value_range="0:1000").cautions[0]


def test_a_settled_range_prepares_new_images_alike():
    """A darker image that is read later keeps its darkness."""
    first = read(deep(100, 4095))
    later = read(deep(100, 2000))
    again = read_images([ImageFile("x", lambda: io.BytesIO(deep(100, 2000)))], first.preparation)
    assert later.images.max() == 255
    assert again.images.max() == round((2000 - 100) / (4095 - 100) * 255)


def test_colours_of_16_bits_in_png_keep_their_lower_bytes():
    """Pillow reads the upper byte alone, of which 12 bits leave the darkest 16 levels."""
    values = np.stack([np.rint(RAMP * 4095)] * 3, axis=-1).astype(">u2")

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = b"".join(b"\0" + line.tobytes() for line in values)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 16, 2, 0, 0, 0))
    png += chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    result = read(png, colour="rgb")
    assert result.preparation.value_range == "0:4095"
    np.testing.assert_array_equal(result.images[0, ..., 0], np.rint(np.rint(RAMP * 4095) / 4095 * 255))


def drawing(tone: int) -> bytes:
    pixels = np.zeros((16, 16, 4), dtype=np.uint8)
    pixels[4:12, 4:12] = (tone, tone, tone, 255)
    return encoded(pixels)


@pytest.mark.parametrize(
    ("tones", "ground"), [((20, 40), "white"), ((255, 250), "black"), ((255, 20), "grey"), ((128,), "white")]
)
def test_the_ground_contrasts_with_all_drawings(tones, ground):
    result = read(*map(drawing, tones), colour="rgb")
    assert result.preparation.ground == ground
    assert all(image.std() > 10 for image in result.images)


def test_images_of_one_colour_are_counted():
    assert "1 image is of one colour as prepared." in read(picture(1), encoded(np.full((9, 9), 7, np.uint8))).cautions


@pytest.mark.parametrize("fit", ["crop", "white", "black", "mirrored", "mean", "squash"])
def test_every_fit_is_a_square_and_leaves_squares_alone(fit):
    wide = Image.fromarray(np.random.RandomState(0).randint(0, 256, (10, 90, 3), dtype=np.uint8))
    assert fit_square(wide, 16, fit).size == (16, 16)
    square = wide.crop((0, 0, 10, 10)).resize((16, 16))
    np.testing.assert_array_equal(np.asarray(fit_square(square, 16, fit)), np.asarray(square))


def test_the_whole_image_is_on_its_border():
    halves = np.zeros((16, 32, 3), dtype=np.uint8)
    halves[:, :16], halves[:, 16:] = (200, 0, 0), (0, 0, 100)
    image = Image.fromarray(halves)
    rows = {fit: np.asarray(fit_square(image, 16, fit)).astype(int) for fit in ("white", "black", "mean", "mirrored")}
    assert all((result[8, 0] > (180, -1, -1)).all() and result[8, 15, 2] > 90 for result in rows.values())
    borders = {fit: result[0, 8].tolist() for fit, result in rows.items()}
    assert (borders["white"], borders["black"], borders["mean"]) == ([255] * 3, [0] * 3, [100, 0, 50])
    np.testing.assert_array_equal(rows["mirrored"][0:4], rows["mirrored"][4:8][::-1])


def test_choices_of_a_data_set_are_settled_in_its_configuration(write):
    files = {f"{c}/{i}.tif": deep(100, 4095 - i) for c in "ab" for i in range(3)}
    path = write(files)
    config = DataConfig(dataset=str(path), fit="mean")
    data = load_dataset(path, 16, fit="mean")
    assert settled_config(config, data).value_range == "100:4095"
    assert (
        TrainConfig(dataset="x").fingerprint() == TrainConfig(dataset="x", value_range="auto", fit="crop").fingerprint()
    )


@pytest.mark.parametrize("value", ["5:1", "a:b", "wide", "1", "nan:1", "0:inf", ":"])
def test_a_range_that_is_none_is_refused(value):
    with pytest.raises(WrongValue, match="must be auto, stored, percentiles"):
        DataConfig.from_values({"value_range": value})
