"""HEIC photographs of telephones, by files that pillow-heif 1.8.1 wrote (pi-heif, which reads them, writes none)."""

import base64
import io

import numpy as np
import pytest
from data_files import picture, write_folder

from glico.data import load_dataset
from glico.data.decoding import ImageFile
from glico.data.images import read_images
from glico.data.preparation import Preparation

# 64 x 48, blue from the left edge to column 20, red beyond
PLAIN = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABoQABAAAAAAAAADwAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/Wlw"
    "cnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AA"
    "AAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAA"
    "QAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWB"
    "AgMFhAAAAERtZGF0AAAAOCgBrxOAeLxBVx9//gyEQeHUj8BqFsq9CAWAo6oc7E69t01r5LaUhrdpU7O7VFGmSsojspne9wvA"
)
# a red and blue image as above, then a green one
BURST = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAaxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9j"
    "AAAAAERAAAIAAQAAAAAB0AABAAAAAAAAADwAAgAAAAACDAABAAAAAAAAAB0AAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAA"
    "ABVpbmZlAgAAAAACAABodmMxAAAAAA5waXRtAAAAAAABAAABBWlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNg"
    "AAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZE"
    "AcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AA"
    "AAACAAAAEHBpeGkAAAAAAwgICAAAACBpcG1hAAAAAAAAAAIAAQWBAgMFhAACBYECAwWEAAAAYW1kYXQAAAA4KAGvE4B4vEFXH3/+DIRB4dSP"
    "wGoWyr0IBYCjqhzsTr23TWvktpSGt2lTs7tUUaZKyiOymd73C8AAAAAZKAGvE4D1J4E//+LFR//R9q/83O1+efLU8A=="
)
# 32 x 32 of 10 bits, grey 512 of 1023
GREY_10_BITS = base64.b64decode(
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAXdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABmwABAAAAAAAAAA0AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA92lw"
    "cnAAAADXaXBjbwAAAHJodmNDAQQIAAAAnfgAAAAAHvAA/Pz6+gAADwNgAAEAF0ABDAH//wQIAAADAJ34AAADAAAeugJAYQABACdCAQEECAAA"
    "AwCd+AAAAwAAHsCCBBNlurkprmwIAAADAMgAAAMACEBiAAEABkQBwXPAiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAA"
    "QAAAAChjbGFwAAAAIAAAAAEAAAAgAAAAAf///+AAAAAC////4AAAAAIAAAAOcGl4aQAAAAABCgAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAA"
    "ABVtZGF0AAAACSgBrifvZoICuA=="
)


def read(content: bytes, **choices: str) -> np.ndarray:
    return read_images([ImageFile("IMG_0001.HEIC", lambda: io.BytesIO(content))], Preparation(16, **choices)).images[0]


@pytest.mark.parametrize("content", [PLAIN, BURST], ids=["one image", "the first of a burst"])
def test_a_photograph_is_read(content):
    pixels = read(content, fit="squash").astype(int)
    assert pixels[8, 1].argmax() == 2
    assert pixels[8, 14].argmax() == 0
    assert pixels[8, 14].max() > 200


def test_grey_of_10_bits_is_grey_and_not_white():
    assert np.abs(read(GREY_10_BITS, value_range="stored").astype(int) - 128).max() <= 2


def test_content_decides_whatever_the_suffix(write, two_classes, tmp_path):
    """HEIC is read beside JPEGs, under a wrong name too, and if no table names it."""
    data = load_dataset(write(two_classes | {"cat/IMG_1.HEIC": PLAIN, "dog/IMG_2.jpg": PLAIN}), 16)
    assert data.contents.read == {".png": 15, ".heic": 1, ".jpg": 1}


def test_a_broken_heic_can_be_left_out(tmp_path, two_classes):
    path = write_folder(tmp_path / "mine", two_classes | {"cat/IMG_1.HEIC": PLAIN[:100], "cat/x.png": picture(99)})
    assert [name[-14:] for name in load_dataset(path, 16, unreadable="leave-out").skipped] == ["cat/IMG_1.HEIC"]
