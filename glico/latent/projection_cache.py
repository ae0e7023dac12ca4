"""Projections on disk, named by their content: the codes, what the method looks at, and the format's version."""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from glico.config import ProjectConfig
from glico.config.limits import limit
from glico.files import evict, open_regular, write_atomically
from glico.formats import json_text
from glico.latent.projection import PARAMETERS
from glico.places import SHIPPED, cache_directory
from glico.types import Codes, Layout

FORMAT_VERSION = 3


@dataclass(frozen=True)
class Projection:
    """Layouts of one or more sets of codes, aligned to the first.

    For each set: its layout (n, c), the rows of every code's nearest codes by angle (n, k), nearest first, and the
    layout's trustworthiness.
    """

    layouts: tuple[Layout, ...]
    nearest: tuple[NDArray[np.int32], ...]
    trustworthiness: tuple[float, ...]


def directory() -> Path:
    """Return the folder of the projections that were computed on this machine."""
    return cache_directory() / "projections"


def key(codes: Sequence[Codes], config: ProjectConfig) -> str:
    """Return the name of a projection: equal for equal codes and settings, on every machine."""
    names = ("method", "components", "seed", *PARAMETERS[config.method])
    settings = {name: getattr(config, name) for name in names}
    digest = hashlib.sha256(json_text([FORMAT_VERSION, len(codes), settings], sort_keys=True).encode())
    for z in codes:
        digest.update(str(z.shape).encode())
        digest.update(np.ascontiguousarray(z, "<f4").tobytes())
    return digest.hexdigest()[:32]


def path_of(name: str, folder: Path) -> Path:
    """Return the file of the projection of this ``key`` in ``folder``.

    Another version of umap-learn draws other layouts, so those computed on this machine are kept by version. A shipped
    one serves every version, so that the first map appears at once.
    """
    return folder / (f"{name}.npz" if folder != directory() else f"{name}-umap-{version('umap-learn')}.npz")


def find(name: str) -> Projection | None:
    """Return the projection of this ``key``: a shipped one, else one from the cache, else None."""
    for folder in (SHIPPED / "projections", directory()):
        path = path_of(name, folder)
        try:
            with open_regular(path, "arrays_mib") as opened, np.load(opened, allow_pickle=False) as file:
                if folder == directory():
                    with suppress(OSError):
                        os.utime(path)  # used just now: others are evicted first
                trusted = tuple(map(float, file["trustworthiness"]))
                layouts = tuple(file[f"layout_{i}"] for i in range(len(trusted)))
                return Projection(layouts, tuple(file[f"nearest_{i}"] for i in range(len(trusted))), trusted)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):  # damaged: it is computed again
            continue
    return None


def save(name: str, projection: Projection, folder: Path) -> Path:
    """Write a projection atomically. Return the file's path.

    Beyond the limit in bytes, the least recently used of those computed on this machine are removed.
    """
    path = path_of(name, folder)
    arrays: dict[str, Any] = {f"layout_{i}": layout for i, layout in enumerate(projection.layouts)}
    arrays |= {f"nearest_{i}": near for i, near in enumerate(projection.nearest)}
    arrays["trustworthiness"] = np.array(projection.trustworthiness)
    write_atomically(path, lambda file: np.savez(file, **arrays), parents=True)
    if folder == directory():
        others = (other for other in folder.glob("*.npz") if other != path)
        evict(others, limit("projections_mib") * 2**20 - path.stat().st_size)
    return path
