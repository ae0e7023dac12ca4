"""A Plotly figure that is updated in place through ``Plotly.react``: no flicker, zoom and legend choices kept."""

from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.components import plotly_js

HERE = Path(__file__).parent
COMPONENT = st.components.v2.component(
    "live_chart",
    css=(HERE / "live_chart.css").read_text(),
    js=plotly_js.LOADER + (HERE / "live_chart.js").read_text(),
    isolate_styles=False,
)


def live_chart(
    figure: go.Figure, key: str, description: str, *, height: int = 320, revision: str = ""
) -> dict[str, Any] | None:
    """Show ``figure``; gives the point that was just clicked, ``{"x": ..., "y": ...}``, else None.

    ``description`` says to a screen reader what is seen; zoom is kept until ``revision`` changes. The buttons of
    the figure save it as PNG and SVG, named by ``key``.
    """
    data = {
        "figure": figure.to_json(),
        "plotly": plotly_js.address(),
        "description": description,
        "height": height,
        "revision": revision or key,
        "name": key,
    }
    clicked: dict[str, Any] | None = COMPONENT(
        key=key, data=data, height=height, on_clicked_change=lambda: None
    ).clicked
    return clicked
