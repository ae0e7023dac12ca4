"""A Plotly figure that is updated in place through ``Plotly.react``: no flicker, zoom and legend choices kept.

plotly.js comes from the installed Python package through Streamlit's static serving, never from a CDN.
"""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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


def live_chart(
    figure: go.Figure, key: str, description: str, *, height: int = 320, revision: str = ""
) -> dict[str, Any] | None:
    """Show ``figure``; gives the point that was just clicked, ``{"x": ..., "y": ...}``, else None.

    ``description`` says to a screen reader what is seen; zoom is kept until ``revision`` changes. The buttons of
    the figure save it as PNG and SVG, named by ``key``.
    """
    data = content(figure, key, description, height, revision) | {"plotly": plotly_address()}
    clicked: dict[str, Any] | None = COMPONENT(
        key=key, data=packed(data), height=height, on_clicked_change=lambda: None
    ).clicked
    return clicked


def content(figure: go.Figure, key: str, description: str, height: int, revision: str = "") -> dict[str, Any]:
    """What the browser is told of a figure.

    One whose axes have another range of their own begins anew, or Plotly would not let go of the last one's.
    """
    return {
        "figure": figure.to_json(),
        "description": description,
        "height": height,
        "revision": f"{revision or key} {figure.layout.xaxis.range}",
        "name": key,
    }


def plotly_address() -> str:
    """Where the browser finds the installed package's plotly.js, relative to the page."""
    package = find_spec("plotly")
    assert package is not None
    assert package.origin is not None
    script = Path(package.origin).parent / "package_data" / "plotly.min.js"
    return static_address(f"plotly-{version('plotly')}.min.js", script, "text/javascript")
