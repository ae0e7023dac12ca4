"""Unseen images on the spheres of checkpoints of one sample, computed in the queue of projections, stored there."""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from glico.checkpoints.latent_space import LatentSpace
from glico.files import open_regular, write_atomically
from glico.formats import json_text
from glico.latent.encoded import STEPS, Generalisation
from glico.latent.projection_cache import directory
from glico.types import Codes, Labels, Progress

FORMAT_VERSION = 2
ARRAYS = ("codes", "errors", "neighbours", "angles")


@dataclass(frozen=True)
class OnSphere:
    """m unseen images on one checkpoint's sphere.

    They have ``codes`` (m, d), ``errors`` (m,), the rows of their nearest training images, ``neighbours`` (m, k), and
    the ``angles`` (m, k) to these in degrees. ``scores`` tell how well the codes generalise.
    """

    codes: Codes
    errors: NDArray[np.float32]
    neighbours: NDArray[np.int64]
    angles: NDArray[np.float32]
    scores: Generalisation


@dataclass(frozen=True)
class UnseenCodes:
    """m images: the ``rows`` (m,) of a ``split`` of the data set, with true ``labels`` (m,) and their codes on the
    sphere of each checkpoint."""

    names: tuple[str, ...]
    split: str
    rows: Labels
    labels: Labels
    spheres: tuple[OnSphere, ...]


def key(spaces: Sequence[LatentSpace], count: int, dataset: str | None = None) -> str:
    """Return the name under which ``count`` unseen images of these latent spaces are stored."""
    digest = hashlib.sha256(
        json_text(["held out", FORMAT_VERSION, STEPS, count, *([dataset] if dataset else [])]).encode()
    )
    for space in spaces:
        digest.update(space.config.model_dump_json().encode())
        digest.update(np.ascontiguousarray(space.codes, "<f4").tobytes())
    return digest.hexdigest()[:32]


def compute(paths: Sequence[Path], count: int, progress: Progress, dataset: str | None = None) -> UnseenCodes:
    """Find ``count`` unseen images of the checkpoints' data set on their spheres, in this process.

    ``dataset`` names the data set if it has moved. Raises GlicoError, also if the data set is not at hand.
    """
    from glico.checkpoints.checkpoint import Checkpoint  # which import PyTorch
    from glico.latent.encode import encode, generalisation, unseen_images

    progress(0.0, "reading the data set")
    checkpoints = [Checkpoint.load(path) for path in paths]
    images = unseen_images(checkpoints[0], count, dataset)
    spheres = []
    for index, checkpoint in enumerate(checkpoints):

        def report(share: float, _: object, index: int = index) -> None:
            stage = f"looking for {len(images.labels)} codes, checkpoint {index + 1} of {len(paths)}"
            progress((index + share) / len(paths), stage)

        encoded = encode(checkpoint, images.images, progress=report)
        scores = generalisation(checkpoint, images.images, images.labels, encoded)
        arrays = {kind: getattr(encoded, kind) for kind in ARRAYS}
        spheres.append(OnSphere(**arrays, scores=scores))
    return UnseenCodes(images.names, images.split, images.rows, images.labels, tuple(spheres))


def save(name: str, unseen: UnseenCodes) -> None:
    """Store the result under its ``key``."""
    arrays: dict[str, Any] = {f"{kind}_{i}": getattr(s, kind) for i, s in enumerate(unseen.spheres) for kind in ARRAYS}
    scores = json_text([asdict(sphere.scores) for sphere in unseen.spheres])
    arrays |= {"names": np.array(unseen.names), "part": np.array(unseen.split), "rows": unseen.rows}
    arrays |= {"labels": unseen.labels, "scores": np.array(scores)}
    write_atomically(directory() / f"{name}.npz", lambda file: np.savez(file, **arrays), parents=True)


def find(name: str) -> UnseenCodes | None:
    """Return the result that is stored under this ``key``, or None."""
    path = directory() / f"{name}.npz"
    try:
        with open_regular(path, "arrays_mib") as opened, np.load(opened, allow_pickle=False) as file:
            with suppress(OSError):
                os.utime(path)  # used just now: others are evicted first
            scores = [Generalisation(**each) for each in json.loads(str(file["scores"]))]
            spheres = tuple(
                OnSphere(**{kind: file[f"{kind}_{i}"] for kind in ARRAYS}, scores=each) for i, each in enumerate(scores)
            )
            split, rows = str(file["part"]), file["rows"]
            return UnseenCodes(tuple(file["names"].tolist()), split, rows, file["labels"], spheres)
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):  # missing or damaged
        return None
