"""What names a cached entry: the content that it is made from, of a file its path and the time of its last change."""

from collections.abc import Callable
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from glico.config import ProjectConfig
from glico.runs.slots import cores


def stamp(path: Path) -> tuple[str, int]:
    """The file's path, and when it was last changed, in nanoseconds; 0 where there is none."""
    return str(path), path.stat().st_mtime_ns if path.exists() else 0


BY_CONTENT: dict[str | type, Callable[[Any], Any]] = {
    type(Path()): stamp,
    ProjectConfig: lambda config: config.model_dump_json(),
    "app.session.photographs.Photograph": lambda photograph: photograph.digest,
}
"""For ``hash_funcs`` of Streamlit's caches."""

GENERATING = BoundedSemaphore(cores())
"""Held while images are generated and measured, by as many sessions as there are cores: more at once would keep one
another, and every page beside them, waiting at each step. Nothing that takes it is called by another that holds it."""
