"""The cost of untrusted data before it is refused. The error names the limit and the variable that raises it."""

import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from data_files import encoded, picture, write_folder, write_zip
from PIL import Image

from glico.config.limits import LIMITS
from glico.data import load_dataset
from glico.errors import GlicoError

GOOD = {f"{label}/{i}.png": picture(i) for label in ("a", "b") for i in range(3)}


def fails(path: Path, limit: str) -> str:
    """The sentence that refuses a data set for one of LIMITS; with that limit raised far, it is another or none."""
    with pytest.raises(GlicoError) as caught:
        load_dataset(path, 16)
    assert str(caught.value).endswith(f"the limit; GLICO_LIMIT_{limit.upper()}=N in the environment raises it.")
    assert LIMITS[limit].what in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["entries", "depth", "classes", "images"])
def test_a_limit_is_named_with_what_raises_it_and_does(write, monkeypatch, name):
    path = write(GOOD | {"a/x/y/z/deep.png": picture(9)})
    load_dataset(path, 16)
    monkeypatch.setenv(f"GLICO_LIMIT_{name.upper()}", "1")
    fails(path, name)
    monkeypatch.setenv(f"GLICO_LIMIT_{name.upper()}", "1000")
    load_dataset(path, 16)


def test_a_limit_that_is_no_number_is_said(write, monkeypatch):
    monkeypatch.setenv("GLICO_LIMIT_DEPTH", "many")
    with pytest.raises(GlicoError, match="GLICO_LIMIT_DEPTH must be a positive integer, not 'many'"):
        load_dataset(write(GOOD), 16)


def test_a_name_that_is_not_what_it_says_is_the_reason(tmp_path):
    path = write_zip(tmp_path / "mine.zip", GOOD | {"a/caf\u00e9.png": picture(7)})
    path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xe9\xe9"))
    with pytest.raises(GlicoError, match=r"holds the name 'a/caf.*png', which is marked as UTF-8 and is not"):
        load_dataset(path, 16)


@pytest.mark.parametrize(
    ("written", "class_name"), [("\u00e9t\u00e9".encode(), "\u00e9t\u00e9"), (b"\x82t\x82", "\u00e9t\u00e9")]
)
def test_zip_names_default_to_utf8_then_cp437(tmp_path, written, class_name):
    """Names without an encoding are UTF-8 if all can be, else the format's own CP437."""
    placeholder = "#" * len(written)
    path = write_zip(
        tmp_path / "mine.zip", {f"{label}/{i}.png": picture(i) for label in ("a", placeholder) for i in range(3)}
    )
    path.write_bytes(path.read_bytes().replace(placeholder.encode(), written))
    assert load_dataset(path, 16).class_names == ("a", "\u00e9t\u00e9")


def test_many_tiny_images_are_read_together(tmp_path):
    labels = np.arange(200_000) % 2
    np.savez(tmp_path / "tiny.npz", train_images=np.arange(200_000, dtype=np.uint8)[:, None, None], train_labels=labels)
    data = load_dataset(tmp_path / "tiny.npz", test_fraction=0)
    assert data.image_shape == (16, 16, 1)
    np.testing.assert_array_equal(data.train_images[:, 3, 5, 0], np.arange(200_000, dtype=np.uint8))


# What the attack of our review sent, each made small on the disk and large to read.


def directory(path: Path, names: list[str]) -> Path:
    """A .zip whose entries have these names, and nothing else."""
    entry = struct.Struct("<4s4xH18xH16x")
    records = b"".join(entry.pack(b"PK\x01\x02", 0, len(name)) + name.encode() for name in names)
    end = struct.pack("<4s6xH2LH", b"PK\x05\x06", len(names) % 65536, len(records), 0, 0)
    path.write_bytes(records + end)
    return path


def entries(folder: Path) -> Path:
    return directory(folder / "entries.zip", [f"a/{i}.png" for i in range(120_000)])


def class_folders(folder: Path) -> Path:
    return directory(folder / "classes.zip", [f"{i}/1.png" for i in range(49_000)])


def deep(folder: Path) -> Path:
    return write_zip(folder / "deep.zip", {"a/" * 480 + "1.png": b"", "b/" * 490 + "1.png": b""})


def deepest(folder: Path) -> Path:
    return write_zip(folder / "deepest.zip", {"a/" * 32_000 + "1.png": b""})


def large_images(folder: Path) -> Path:
    large = encoded(np.zeros((8_900, 8_900), dtype=np.uint16), compress_level=1)
    path = folder / "large.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60):
            archive.writestr(f"{'ab'[number % 2]}/{number}.png", large)
    return path


def tiny_images(folder: Path) -> Path:
    path = folder / "tiny.npz"
    np.savez_compressed(path, train_images=np.zeros((10**7, 1, 1), np.uint8), train_labels=np.zeros(10**7, np.uint8))
    return path


def long_line(folder: Path) -> Path:
    return write_folder(folder / "table", GOOD | {"labels.csv": b"path,label\n" + b"x" * 50_000_000}) / "labels.csv"


COSTLY = [
    (entries, "entries"),
    (class_folders, "classes"),
    (deep, "depth"),
    (deepest, "name"),
    (large_images, "total_megapixels"),
    (tiny_images, "images"),
    (long_line, "line"),
]
MEASURED = """
import re, sys, time
from glico.data import load_dataset
from glico.errors import GlicoError

def peak():  # KiB; getrusage would give that of the process which started this one
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

before, start = peak(), time.process_time()
try:
    load_dataset(sys.argv[1])
except GlicoError as error:
    print(peak() - before, time.process_time() - start, error, sep="|")
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
@pytest.mark.parametrize(("make", "limit"), COSTLY, ids=[limit for _, limit in COSTLY])
def test_refusal_costs_under_5_seconds_and_1_gigabyte(tmp_path, make, limit):
    """Both limits hold for every refused archive."""
    path = make(tmp_path)
    text = subprocess.run([sys.executable, "-c", MEASURED, path], capture_output=True, text=True, check=True).stdout
    memory, seconds, sentence = text.strip().split("|", 2)
    print(limit, f"{int(memory) / 2**10:.0f} MiB, {float(seconds):.1f} s of CPU time")
    assert f"GLICO_LIMIT_{limit.upper()}=N" in sentence
    assert int(memory) < 2**20  # KiB
    assert float(seconds) < 5


def test_archive_directory_with_false_size_is_refused(tmp_path):
    """A directory that claims more than the file has makes no archive."""
    path = write_zip(tmp_path / "mine.zip", GOOD)
    content = bytearray(path.read_bytes())
    content[-10:-6] = (2**31).to_bytes(4, "little")  # bytes of the central directory
    path.write_bytes(bytes(content))
    with pytest.raises(GlicoError, match="GLICO_LIMIT_ENTRIES=N"):
        load_dataset(path, 16)


def test_megapixels_raise_the_limit_of_pillow(tmp_path, monkeypatch):
    """GLICO_LIMIT_MEGAPIXELS holds, also if Pillow by itself would refuse so large an image."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # Pillow refuses images with more than twice as many
    monkeypatch.setenv("GLICO_LIMIT_MEGAPIXELS", "1")
    folder = write_folder(tmp_path / "mine", GOOD)
    assert len(load_dataset(folder, 16).train_images)
    monkeypatch.setattr("glico.data.decoding.MILLION", 1)  # our limit is one pixel
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(GlicoError, match="GLICO_LIMIT_MEGAPIXELS=N"):
        load_dataset(folder, 16)
