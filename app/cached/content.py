"""What names a cached entry: the content that it is made from, of a file its path and the time of its last change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from glico.config import ProjectConfig


def stamp(path: Path) -> tuple[str, int]:
    """The file's path, and when it was last changed, in nanoseconds; 0 where there is none."""
    return str(path), path.stat().st_mtime_ns if path.exists() else 0


BY_CONTENT: dict[str | type, Callable[[Any], Any]] = {
    type(Path()): stamp,
    ProjectConfig: lambda config: config.model_dump_json(),
    "app.photographs.Photograph": lambda photograph: photograph.digest,
}
"""For ``hash_funcs`` of Streamlit's caches."""
