"""Taking a path along: strip, film, or the scrubber itself in one file; and a surface: its grid, or itself.

What gives a path or a surface gives its content packed: the JSON of a page is read when a file is asked for.
"""

import json
from collections.abc import Callable, Mapping
from typing import get_args

import streamlit as st

from app.interpolation.choice import Model
from app.session import selection
from glico.config import PathName
from glico.data.dataset import Images
from glico.latent.export import path_film, path_strip, surface_sheet
from glico.latent.path_analysis import FrameAnalysis, PathAnalysis
from glico.web import scrubber, surface

BOTH = "both"
MadePaths = Callable[[], tuple[Mapping[PathName, PathAnalysis], bytes]]


def export(model: Model, rows: tuple[int, ...], made: MadePaths) -> None:
    """Buttons that write the file only when they are pressed, of the paths that ``made`` gives.

    A session keeps its buttons until Streamlit forgets it, minutes after a visitor has left: they hold no images.
    """
    name = f"{model.key}-{'-'.join(map(str, rows[:6]))}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        which = st.segmented_control(
            "Export", [BOTH, *get_args(PathName)], default=BOTH, required=True, key="export_which"
        )
        captions = st.toggle(
            "Captions", True, key="export_captions", help="write slerp or lerp, and t, into strips and films"
        )

        def chosen() -> dict[str, Images]:
            return {path_name: path.images for path_name, path in made()[0].items() if which in (BOTH, path_name)}

        columns = 7 if len(rows) == 2 else 4 * (len(rows) - 1) + 1
        written = {
            "png": ("Strip (PNG)", lambda: path_strip(chosen(), columns, captions), "image/png"),
            "gif": ("GIF", lambda: path_film(chosen(), "gif", captions=captions), "image/gif"),
            "mp4": ("MP4", lambda: path_film(chosen(), "mp4", captions=captions), "video/mp4"),
            "html": (
                "Scrubber (HTML)",
                lambda: scrubber.offline_page(json.loads(made()[1]), selection.current().t, name).encode(),
                "text/html",
            ),
        }
        for suffix, (label, write, kind) in written.items():
            st.download_button(
                label, write, f"{name}.{suffix}", kind, key=f"export_{suffix}", icon=":material/download:",
                on_click="ignore",
            )  # fmt: skip


def export_surface(
    model: Model, corners: tuple[int, ...], made: Callable[[], tuple[Mapping[PathName, FrameAnalysis], bytes]]
) -> None:
    """Buttons that write the grid of each of the surfaces that ``made`` gives, or both to drag over, when pressed."""
    name = f"{model.key}-surface-{'-'.join(map(str, corners))}"
    chosen = selection.current()

    def sheet(path: PathName) -> Callable[[], bytes]:
        return lambda: surface_sheet(made()[0][path].images)

    written = [(f"{path} (PNG)", sheet(path), f"{name}-{path}.png", "image/png") for path in get_args(PathName)]
    page = "Surface (HTML)", lambda: surface.offline_page(json.loads(made()[1]), (chosen.u, chosen.v), name).encode()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for label, write, file, kind in [*written, (*page, f"{name}.html", "text/html")]:
            st.download_button(
                label, write, file, kind, key=f"export_{label}", icon=":material/download:", on_click="ignore"
            )
