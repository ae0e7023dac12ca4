"""Where files are kept: run folders, the cache, the checkpoints that the repository ships."""

import os
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "checkpoints"


def runs_directory() -> Path:
    """Where run folders are made: ``$GLICO_RUNS``, else ``runs`` in the working directory."""
    return Path(os.environ.get("GLICO_RUNS", "runs"))


def cache_directory() -> Path:
    """Where downloads and projections are kept: ``$GLICO_CACHE``, else ``~/.cache/glico``."""
    return Path(os.environ.get("GLICO_CACHE", Path.home() / ".cache" / "glico"))


def uploads_directory() -> Path:
    """Where data sets that are uploaded in the app are kept: ``$GLICO_UPLOADS``, else ``uploads`` in the working
    directory."""
    return Path(os.environ.get("GLICO_UPLOADS", "uploads"))
