"""The folders of files: runs, the cache, the app, the shipped checkpoints."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
INSTALLED = PACKAGE / "_app"  # pyproject.toml puts the app there when a wheel is built
HOME = INSTALLED if INSTALLED.exists() else PACKAGE.parent  # of streamlit_app.py, app/ and checkpoints/
SHIPPED = HOME / "checkpoints"


def runs_directory() -> Path:
    """Return the folder of run folders: ``$GLICO_RUNS``, else ``runs`` in the working directory."""
    return Path(os.environ.get("GLICO_RUNS", "runs"))


def cache_directory() -> Path:
    """Return the folder of downloads and projections: ``$GLICO_CACHE``, else ``~/.cache/glico``."""
    return Path(os.environ.get("GLICO_CACHE", Path.home() / ".cache" / "glico"))


def uploads_directory() -> Path:
    """Return the folder of data sets that are uploaded in the app: ``$GLICO_UPLOADS``, else ``uploads`` in the working
    directory."""
    return Path(os.environ.get("GLICO_UPLOADS", "uploads"))


def decisions_directory() -> Path:
    """Return the folder of decisions on single images: ``$GLICO_DECISIONS``, else ``decisions`` in the working
    directory."""
    return Path(os.environ.get("GLICO_DECISIONS", "decisions"))


def environment() -> dict[str, str]:
    """Return the environment of a Python process that imports this package from the same place as this process."""
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
