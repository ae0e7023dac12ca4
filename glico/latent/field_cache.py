"""Displacement fields on disk, one file per class, named by its images and the format's version."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from glico.config.limits import limit
from glico.files import evict, open_regular, write_atomically
from glico.places import SHIPPED, cache_directory
from glico.types import Images

FORMAT_VERSION = 1  # to be raised whenever the registration changes

Knots = NDArray[np.float32]  # (n, 2, KNOTS, KNOTS), one field per image


def directory() -> Path:
    """Return the folder of the fields that were computed on this machine."""
    return cache_directory() / "fields"


def key(images: Images) -> str:
    """Return the key of a class's fields, equal for equal ``images`` (n, H, W, C) uint8 on every machine."""
    digest = hashlib.sha256(f"{FORMAT_VERSION} {images.shape}".encode())
    digest.update(np.ascontiguousarray(images).tobytes())
    return digest.hexdigest()[:32]


def find(name: str) -> Knots | None:
    """Return the fields of this ``key``: shipped, or from the cache; None if they are in neither, or damaged.

    The caller checks that they are sound.
    """
    for folder in (SHIPPED / "fields", directory()):
        path = folder / f"{name}.npz"
        try:
            with open_regular(path, "arrays_mib") as opened, np.load(opened, allow_pickle=False) as file:
                knots = np.asarray(file["knots"], np.float32)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):  # missing or damaged
            continue
        if folder == directory():
            with suppress(OSError):
                os.utime(path)  # used just now: others are evicted first
        return knots
    return None


def save(name: str, knots: Knots, folder: Path | None = None) -> None:
    """Write the fields at once or not at all, by default to the cache, of which the least recently used are removed
    beyond the limit in bytes."""
    path = (folder or directory()) / f"{name}.npz"
    write_atomically(path, lambda file: np.savez(file, knots=knots), parents=True)
    if folder is not None:
        return
    others = (other for other in directory().glob("*.npz") if other != path)
    evict(others, limit("fields_mib") * 2**20 - path.stat().st_size)
