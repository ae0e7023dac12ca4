"""Any image file becomes a square of 8 bits."""

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from data_files import encoded
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from glico.data import images as images_module
from glico.data.decoding import ImageFile
from glico.data.images import UnreadableError, match_colour, read_images, resize_images, to_square
from glico.data.preparation import Preparation
from glico.data.resizing import resize_squares, to_grey
from glico.errors import GlicoError

MODES = ("1", "L", "P", "LA", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16", "I;16B")
SIZES = st.integers(1, 40)
BICUBIC = Image.Resampling.BICUBIC
SEEDS = st.integers(0, 2**31 - 1)


def noise(seed: int, *shape: int) -> np.ndarray:
    return np.random.RandomState(seed).randint(0, 256, shape, dtype=np.uint8)


def source(content: bytes, name: str = "folder/image.png"):
    return ImageFile(name, lambda: io.BytesIO(content))


def read_one(content: bytes, resolution: int = 16, colour: str = "auto") -> np.ndarray:
    return read_images([source(content)], Preparation(resolution, colour)).images[0]


def error_of(content: bytes) -> str:
    with pytest.raises(GlicoError) as caught:
        read_one(content)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(st.sampled_from(MODES), SIZES, SIZES, st.sampled_from((16, 32)), st.sampled_from(("auto", "grey", "rgb")))
@settings(deadline=None)
def test_any_mode_and_size_becomes_a_square_of_bytes(mode, width, height, resolution, colour):
    square = to_square(Image.new(mode, (width, height)), Preparation(resolution, colour))
    assert square.shape == (resolution, resolution, 1 if colour == "grey" else 3)
    assert square.dtype == np.uint8


@given(SEEDS, st.sampled_from(("PNG", "BMP", "TIFF", "PPM", "WEBP")))
@settings(deadline=None, max_examples=30)
def test_lossless_file_of_right_size_is_unchanged(seed, kind):
    """Its pixels come back bit for bit."""
    pixels = noise(seed, 16, 16, 3)
    options = {"lossless": True} if kind == "WEBP" else {}
    np.testing.assert_array_equal(read_one(encoded(pixels, kind, **options)), pixels)


@given(SEEDS, SIZES, SIZES)
@settings(deadline=None, max_examples=30)
def test_grey_stays_grey_and_keeps_its_values(seed, width, height):
    grey = noise(seed, height, width)
    as_rgb = read_one(encoded(np.repeat(grey[..., None], 3, axis=2)))
    np.testing.assert_array_equal(as_rgb[..., :1], read_one(encoded(grey), colour="grey"))
    assert (as_rgb == as_rgb[..., :1]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied(orientation):
    upright = Image.fromarray(noise(orientation, 20, 30, 3))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(read_one(encoded(stored, exif=exif)), read_one(encoded(upright)))


def test_crop_fills_the_square_from_the_centre():
    """The shorter side fills the square: of three stripes the middle one is left."""
    stripes = np.zeros((40, 120, 3), dtype=np.uint8)
    for third in range(3):
        stripes[:, 40 * third : 40 * (third + 1), third] = 255
    for image in (stripes, stripes.transpose(1, 0, 2).copy()):
        square = read_one(encoded(image)).astype(int)
        np.testing.assert_array_equal(square[1:-1, 1:-1], np.broadcast_to([0, 255, 0], (14, 14, 3)))
        assert np.abs(square - [0, 255, 0]).max() < 25  # the filter may look one pixel past the cut


def test_transparency_is_laid_on_white():
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    palette = Image.new("P", (20, 20), 0)
    for content in (encoded(clear), encoded(palette, transparency=0)):
        assert (read_one(content) == 255).all()
    half = read_one(encoded(Image.new("RGBA", (20, 20), (255, 0, 0, 128))))
    np.testing.assert_array_equal(half[0, 0], [255, 127, 127])


@given(SEEDS)
@settings(deadline=None, max_examples=20)
def test_sixteen_bits_keep_their_upper_eight(seed):
    grey = noise(seed, 16, 16)
    for kind in ("PNG", "TIFF"):
        np.testing.assert_array_equal(
            read_one(encoded(grey.astype(np.uint16) * 257, kind), colour="grey")[..., 0], grey
        )
    for scale in (1.0, 255.0):
        floats = Image.fromarray((np.append(grey, 255).astype(np.float32) / 255 * scale)[:-1].reshape(16, 16))
        np.testing.assert_array_equal(to_square(floats, Preparation(16, "grey"))[..., 0], grey)


def test_cmyk_is_ink():
    assert (read_one(encoded(Image.new("CMYK", (20, 20), (0, 0, 0, 0)), "TIFF")) == 255).all()
    assert (read_one(encoded(Image.new("CMYK", (20, 20), (0, 0, 0, 255)), "TIFF")) == 0).all()


def test_a_large_jpeg_is_as_good_as_a_full_decode():
    smooth = Image.fromarray(noise(0, 8, 8, 3)).resize((640, 480), Image.Resampling.BICUBIC)
    content = encoded(smooth, "JPEG", quality=95)
    full = to_square(Image.open(io.BytesIO(content)), Preparation(16, "rgb"))
    assert np.abs(read_one(content).astype(int) - full).max() <= 6


@given(SEEDS, st.sampled_from(((), (1,), (3,))), st.sampled_from((16, 20)), st.sampled_from(("auto", "grey", "rgb")))
@settings(deadline=None, max_examples=40)
def test_arrays_and_files_obey_one_rule(seed, channels, side, colour):
    images = noise(seed, 2, side, side, *channels)
    files = [source(encoded(image.reshape(side, side) if channels == (1,) else image)) for image in images]
    how = Preparation(16, colour)
    arrays, decoded = resize_images(images, how), read_images(files, how).images
    np.testing.assert_array_equal(*(match_colour(colour, images)[0] for images in (arrays, decoded)))


@given(SEEDS, st.integers(1, 100), st.sampled_from((16, 32, 64)), st.sampled_from((1, 3)))
@settings(deadline=None, max_examples=15)
def test_batch_resize_equals_pillow_bit_for_bit(seed, size, side, channels):
    """Images that are resized together equal Pillow's results one by one."""
    images = noise(seed, 3, size, size, channels)
    each = [
        Image.fromarray(image[..., 0] if channels == 1 else image).resize((side, side), BICUBIC) for image in images
    ]
    np.testing.assert_array_equal(resize_squares(images, side), np.stack(each).reshape(3, side, side, channels))
    if channels == 3:
        grey = [np.asarray(image.convert("L")) for image in each]
        np.testing.assert_array_equal(to_grey(np.stack(each))[..., 0], np.stack(grey))


@given(SEEDS, st.sampled_from(("RGBA", "LA", "P", "I;16", "F")))
@settings(deadline=None, max_examples=20)
def test_conversion_in_bands_equals_conversion_at_once(seed, mode):
    """A large image does not change if it is converted in bands."""
    grey = noise(seed, 40, 30)
    image = {
        "RGBA": lambda: Image.fromarray(noise(seed, 40, 30, 4), "RGBA"),
        "LA": lambda: Image.fromarray(noise(seed, 40, 30, 2), "LA"),
        "P": lambda: Image.fromarray(grey).convert("P"),
        "I;16": lambda: Image.fromarray(grey.astype(np.uint16) * 250),
        "F": lambda: Image.fromarray(grey.astype(np.float32)),
    }[mode]()
    if mode == "P":
        image.info["transparency"] = 7
    once = to_square(image.copy(), Preparation(16, "rgb"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images_module, "BAND", 100)
        np.testing.assert_array_equal(to_square(image, Preparation(16, "rgb")), once)


def test_auto_is_grey_only_if_every_part_is():
    grey = np.repeat(noise(0, 4, 16, 16, 1), 3, axis=3)
    assert [part.shape[3] for part in match_colour("auto", grey, grey[:0])] == [1, 1]
    speck = grey.copy()
    speck[3, 5, 5, 2] ^= 1
    assert [part.shape[3] for part in match_colour("auto", grey, speck)] == [3, 3]
    assert [part.shape[3] for part in match_colour("rgb", grey)] == [3]


def png_of_stated_size(width: int, height: int) -> bytes:
    """A small PNG whose header claims more."""
    content = bytearray(encoded(noise(0, 8, 8)))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


@pytest.mark.parametrize("side", [10_000, 60_000])
def test_too_many_pixels_are_refused_before_decoding(side):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        message = error_of(png_of_stated_size(side, side))
    assert "folder/image.png" in message
    assert "pixels" in message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no image",
        encoded(noise(0, 64, 64, 3))[:3000],
        encoded(noise(0, 64, 64, 3), "JPEG")[:2000],
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    ],
    ids=["empty", "text", "cut PNG", "cut JPEG", "PostScript"],
)
def test_what_cannot_be_read_is_named(content):
    message = error_of(content)
    assert message.startswith("folder/image.png cannot be read as an image (")
    assert "0x" not in message


def test_the_first_bad_image_is_the_one_named():
    good, bad = encoded(noise(0, 8, 8)), b"bad"
    sources = [source(good), source(bad, "second"), source(good), source(bad, "fourth")]
    for _ in range(5):
        with pytest.raises(GlicoError, match=r"^second"):
            read_images(sources, Preparation(16))


def test_more_images_than_memory_are_refused_before_any_is_read():
    def never():
        raise AssertionError

    with pytest.raises(GlicoError, match=r"100,000 images at 256 pixels has more than 8,192 MiB"):
        read_images([ImageFile("x", never)] * 100_000, Preparation(256, "rgb"))


def test_what_cannot_be_read_can_be_left_out():
    good, bad = encoded(noise(0, 16, 16)), b"bad"
    files = [source(good, "one"), source(bad, "two"), source(good, "three"), source(bad, "four")]
    with pytest.raises(
        UnreadableError, match=r"^two and 1 more .* leave out 2 unreadable images \(--unreadable"
    ) as caught:
        read_images(files, Preparation(16), unreadable="refuse")
    assert caught.value.names == ("two", "four")
    result = read_images(files, Preparation(16), unreadable="leave-out")
    assert result.readable.tolist() == [True, False, True, False]
    assert (len(result.images), result.skipped) == (2, ("two", "four"))


def test_pixels_are_counted_before_any_image_is_decoded(monkeypatch):
    monkeypatch.setenv("GLICO_LIMIT_TOTAL_MEGAPIXELS", "300")
    monkeypatch.setattr(images_module, "decode", None)  # nothing may come so far
    files = [source(png_of_stated_size(8000, 9000), f"{number}.png") for number in range(8)]
    with pytest.raises(GlicoError, match=r"up to 4.png has more than 300 million pixels to decode"):
        read_images(files, Preparation(16))


def test_progress_rises_to_one():
    seen = []
    read_images(
        [source(encoded(noise(0, 8, 8)))] * 7, Preparation(16), lambda fraction, text: seen.append((fraction, text))
    )
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert seen[-1] == (1.0, "reading images: 7 of 7")
