"""Export paths as a strip, a film or the scrubber in one file, and surfaces as a grid or a page.

Buttons hold functions that make the content again, from the cache, when a file is requested. A session keeps its
buttons until Streamlit forgets it, minutes after a visitor has left: they must hold no images.
"""

import json
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app.interpolation.choice import Model
from app.session import selection
from glico.config import FramePathName
from glico.latent.export import path_film, path_strip, surface_sheet
from glico.latent.path_analysis import FrameAnalysis, PathAnalysis
from glico.types import Images
from glico.web import scrubber, surface

ALL = "all"
MakePaths = Callable[[], tuple[Mapping[FramePathName, PathAnalysis], bytes]]
MakeSurface = Callable[[], tuple[Mapping[FramePathName, FrameAnalysis], bytes]]


def export_paths(model: Model, rows: tuple[int, ...], make: MakePaths, paths: Sequence[FramePathName]) -> None:
    """Show a button for each format of the ``paths`` that ``make`` returns."""
    name = f"{model.key}-{'-'.join(map(str, rows[:6]))}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        which = st.segmented_control("Export", [ALL, *paths], default=ALL, required=True, key="export_which")
        captions = st.toggle(
            "Captions", True, key="export_captions", help="write the path's name and t into strips and films"
        )

        def frames() -> dict[str, Images]:
            return {path_name: path.images for path_name, path in make()[0].items() if which in (ALL, path_name)}

        columns = 7 if len(rows) == 2 else 4 * (len(rows) - 1) + 1
        formats = {
            "png": ("Strip (PNG)", lambda: path_strip(frames(), columns, captions), "image/png"),
            "gif": ("GIF", lambda: path_film(frames(), "gif", captions=captions), "image/gif"),
            "mp4": ("MP4", lambda: path_film(frames(), "mp4", captions=captions), "video/mp4"),
            "html": (
                "Scrubber (HTML)",
                lambda: scrubber.offline_page(json.loads(make()[1]), selection.current().path.t, name).encode(),
                "text/html",
            ),
        }
        for suffix, (label, write, kind) in formats.items():
            st.download_button(
                label,
                write,
                f"{name}.{suffix}",
                kind,
                key=f"export_{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )


def export_surface(model: Model, corners: tuple[int, ...], make: MakeSurface, paths: Sequence[FramePathName]) -> None:
    """Show a button for the grid of each of the surfaces ``paths`` that ``make`` returns, and one for a page of all."""
    name = f"{model.key}-surface-{'-'.join(map(str, corners))}"
    chosen = selection.current().path

    def sheet(path: FramePathName) -> Callable[[], bytes]:
        return lambda: surface_sheet(make()[0][path].images)

    formats = [(f"{path} (PNG)", sheet(path), f"{name}-{path}.png", "image/png") for path in paths]
    page = "Surface (HTML)", lambda: surface.offline_page(json.loads(make()[1]), (chosen.u, chosen.v), name).encode()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for label, write, file, kind in [*formats, (*page, f"{name}.html", "text/html")]:
            st.download_button(
                label, write, file, kind, key=f"export_{label}", icon=":material/download:", on_click="ignore"
            )
