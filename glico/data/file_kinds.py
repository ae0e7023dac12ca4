"""The kind of a file: by its first bytes, and by its suffix only if the bytes do not tell."""

import re
from pathlib import PurePosixPath

HEAD = 512  # bytes that tell the kind
SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp", ".ppm", ".pgm",
     ".pbm", ".pnm", ".avif", ".heic", ".heif", ".hif", ".jp2", ".j2k", ".jpx", ".tga"),
)  # fmt: skip
HEADLESS = frozenset((".tga", ".icb", ".vda", ".vst"))  # formats that begin with no mark of their own
RAW = frozenset(  # a camera's raw files are TIFFs by their first bytes, and hold a thumbnail where the image would be
    (".dng", ".nef", ".nrw", ".cr2", ".arw", ".sr2", ".srf", ".pef", ".orf", ".rw2", ".srw", ".3fr", ".iiq", ".dcr",
     ".kdc", ".erf", ".mef", ".mos", ".rwl"),
)  # fmt: skip
IMAGE = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|II[*+]\0|MM\0[*+]|RIFF.{4}WEBP"
    rb"|BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0|P[1-6]\s+(#|\d)|P[fF]\s+\d"
    rb"|\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"
    rb"|.{4}ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1|avif|avis)",
    re.DOTALL,
)
OTHER = {  # nouns for files that are no images, for sentences
    "DICOM files": re.compile(rb".{128}DICM", re.DOTALL),
    "zip archives": re.compile(rb"PK\x03\x04"),
    "gzip archives": re.compile(rb"\x1f\x8b"),
    "7z archives": re.compile(rb"7z\xbc\xaf\x27\x1c"),
    "RAR archives": re.compile(rb"Rar!\x1a\x07"),
    "PDF files": re.compile(rb"%PDF-"),
    "Photoshop files": re.compile(rb"8BPS"),
    "JPEG XL files": re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "),
    "NIfTI files": re.compile(rb".{344}(n\+1|ni1)\0", re.DOTALL),
    "HDF5 files": re.compile(rb"\x89HDF\r\n\x1a\n"),
    "NumPy arrays": re.compile(rb"\x93NUMPY"),
    "videos": re.compile(rb".{4}ftyp|\x1a\x45\xdf\xa3|RIFF.{4}AVI ", re.DOTALL),
}


def suffix_of(name: str) -> str:
    """Return the suffix of a file's name in lower case, with its dot; empty if it has none."""
    return PurePosixPath(name).suffix.lower()


def has_image_suffix(name: str) -> bool:
    """Return whether the name alone says that a file is an image, so that it is one or is damaged."""
    return suffix_of(name) in SUFFIXES | HEADLESS


def is_image(name: str, head: bytes) -> bool:
    """Return whether a file is an image of a format that is read, by its name and its first bytes."""
    return has_image_suffix(name) or (suffix_of(name) not in RAW and IMAGE.match(head) is not None)


def kind_of(name: str, head: bytes) -> str | None:
    """Return the plural noun for a file that is no image ("DICOM files"); None if nothing tells."""
    if suffix_of(name) in RAW:
        return "raw photographs"
    return next((kind for kind, mark in OTHER.items() if mark.match(head)), None)
