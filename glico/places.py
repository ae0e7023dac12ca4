"""Where files are kept: run folders, the cache, the app, the checkpoints that are shipped."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
INSTALLED = PACKAGE / "_app"  # pyproject.toml puts the app there when a wheel is built
HOME = INSTALLED if INSTALLED.exists() else PACKAGE.parent  # of streamlit_app.py, app/ and checkpoints/
SHIPPED = HOME / "checkpoints"


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


def environment() -> dict[str, str]:
    """The environment of a Python process that is to import this package from where this process did."""
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
