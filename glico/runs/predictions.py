"""What a finished classifier run predicted, image by image."""

from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from glico.evaluation.statistics import Hits
from glico.runs.folder import RunFolder

NAME = "predictions.npz"


def hits_of(run: RunFolder) -> Hits | None:
    """Which test images a run classified rightly; None where its predictions are gone or cannot be read."""
    path = run.file(NAME)
    try:
        return _hits(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _hits(path: Path, time: int) -> Hits | None:
    """What is in the file, which is read again when its ``time`` has changed."""
    try:
        with np.load(path, allow_pickle=False) as file:
            right = file["logits"].argmax(axis=1) == file["labels"]
            return Hits(str(file["part"]), file["indices"], right)
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        return None
