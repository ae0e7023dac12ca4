"""A Plotly figure that ``Plotly.react`` updates in place, without flicker; it keeps its zoom and legend choices.

plotly.js comes from the installed Python package through Streamlit's static serving, never from a CDN.
"""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import plotly.graph_objects as go
import streamlit as st

from app.components import packed
from app.components.static_files import static_address
from glico.web.modules import bundle

HERE = Path(__file__).parent
COMPONENT = st.components.v2.component(
    "live_chart",
    css=(HERE / "live_chart.css").read_text(),
    js=bundle(HERE / "live_chart.js"),
    isolate_styles=False,
)


class Content(TypedDict):
    """The content for the browser: a ``figure`` as JSON, and the address of ``plotly``.js."""

    figure: str
    description: str
    height: int
    revision: str
    name: str
    plotly: str


class Point(TypedDict):
    """A point that was clicked, as text."""

    x: str
    y: str


def live_chart(figure: go.Figure, key: str, description: str, *, height: int = 320, revision: str = "") -> Point | None:
    """Show ``figure``; return the point that was just clicked, else None.

    ``description`` is for screen readers; the zoom stays until ``revision`` changes. Buttons save the figure as PNG and
    SVG, named by ``key``.
    """
    data = content(figure, key, description, height, revision, plotly_address())
    clicked: Point | None = COMPONENT(key=key, data=packed(data), height=height, on_clicked_change=lambda: None).clicked
    return clicked


def content(figure: go.Figure, key: str, description: str, height: int, revision: str, plotly: str) -> Content:
    """Return the data for the browser.

    The figure is re-created when its axis range changes; Plotly.react would keep the old one.
    """
    return {
        "figure": figure.to_json(),
        "description": description,
        "height": height,
        "revision": f"{revision or key} {figure.layout.xaxis.range}",
        "name": key,
        "plotly": plotly,
    }


def plotly_address() -> str:
    """Return the address of the installed package's plotly.js, relative to the page."""
    package = find_spec("plotly")
    assert package is not None
    assert package.origin is not None
    script = Path(package.origin).parent / "package_data" / "plotly.min.js"
    return static_address(f"plotly-{version('plotly')}.min.js", script, "text/javascript")
