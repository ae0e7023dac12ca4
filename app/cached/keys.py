"""The keys of cached entries: the content that they are made from, or a file's path and modification time."""

from collections.abc import Callable
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from glico.config import ProjectConfig
from glico.runs.slots import cores


def stamp(path: Path) -> tuple[str, int]:
    """Return the file's path and modification time in nanoseconds; 0 if the file is missing."""
    return str(path), path.stat().st_mtime_ns if path.exists() else 0


BY_CONTENT: dict[str | type, Callable[[Any], Any]] = {
    type(Path()): stamp,
    "glico.latent.measured.PathRequest": lambda request: request.key,
    ProjectConfig: lambda config: config.model_dump_json(),
    "app.session.photographs.Photograph": lambda photograph: photograph.digest,
    "glico.web.latent_map.scene.Scene": lambda scene: (scene.sides, scene.name, scene.config),
}
"""The ``hash_funcs`` of Streamlit's caches."""

GENERATING = BoundedSemaphore(cores())
"""Held while images are generated and measured, by at most one session per core. More sessions at once would delay each
other and every other page at each step. No function that takes it calls another that takes it."""
