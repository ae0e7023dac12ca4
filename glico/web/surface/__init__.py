"""The surface between three or four images: drag over its frames in two directions, on a page or in a single file."""

from collections.abc import Mapping
from pathlib import Path

from glico.config import FramePathName
from glico.latent.path_analysis import FrameAnalysis
from glico.web import modules, scrubber
from glico.web.modules import bundle
from glico.web.scrubber.content import (
    SurfaceContent,
    Tiles,
    Visited,
    digest_of,
    notes,
    view,
    waypoints,
)

HERE = Path(__file__).parent
SIDE = 11  # frames per direction: u and v in steps of 0.1
STYLE = scrubber.STYLE + (HERE / "surface.css").read_text("utf-8")
BODY = '<div class="scrubber surface" aria-busy="true"></div>'


def surface_content(
    visited: Visited, surfaces: Mapping[FramePathName, FrameAnalysis], note: str = ""
) -> SurfaceContent:
    """Return the content of measured ``surfaces`` between three or four images.

    ``note`` is as in :func:`paths_content`.
    """
    reconstructions, errors = visited.reconstructions()
    tiles = Tiles(visited.training, reconstructions)
    content: SurfaceContent = {
        "content": "",
        "start": (0.5, 0.5),
        "corners": waypoints(visited, tiles, "ABCD"[: len(visited.rows)], errors),
        "views": [view(name, each, tiles, visited) for name, each in surfaces.items()],
        "note": notes(surfaces, visited, note),
        "tiles": tiles.sprite(),
    }
    return {**content, "content": digest_of(content)}


def offline_page(content: SurfaceContent, start: tuple[float, float], title: str) -> str:
    """Return one HTML file with the surface at (u, v) = ``start``, which needs no network."""
    data: SurfaceContent = {**content, "start": start}
    return modules.offline_page(title, BODY, STYLE, bundle(HERE / "offline.js"), data)
