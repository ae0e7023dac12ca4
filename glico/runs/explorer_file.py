"""A checkpoint as one HTML file: its projection is computed in a process of its own, then the page is written."""

from pathlib import Path
from typing import TYPE_CHECKING

from glico.config import ProjectConfig
from glico.latent.projection import suited
from glico.latent.projection_cache import key
from glico.runs.projecting import wait

if TYPE_CHECKING:
    from glico.checkpoints.opened import OpenCheckpoint


def explorer_file(checkpoint: "OpenCheckpoint", name: str) -> bytes:
    """Return the page of a ``checkpoint`` called ``name``: map, sliders and generator. Raises GlicoError."""
    from glico.web.explorer import explorer_page
    from glico.web.latent_map.scene import Scene, Side

    space = checkpoint.space
    codes = [space.codes]
    config = suited(ProjectConfig(), space.labels)
    projection = wait(key(codes, config), codes, config)
    side = Side(name, name, Path(f"{name}.safetensors"))
    scene = Scene((side,), (space,), projection, config, name)
    return explorer_page(scene, checkpoint, name).encode()
