"""The browser's history, its connection to the server, and the page's scroll position."""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "visit",
    html='<div class="visit"></div>',
    js=(Path(__file__).parent / "visit.js").read_text("utf-8"),
    isolate_styles=False,
)


def visit() -> None:
    """Make each action of a person one entry in the browser's history, and redraw the page after the server restarts.

    Call it once per page, outside every fragment.
    """
    _component(key="visit", data={"arrive": None}, on_returned_change=lambda: None)


def arrive(key: str, token: str) -> None:
    """Scroll here once for each new ``token``, so that a person sees the runs that they have just started."""
    _component(key=key, data={"arrive": token}, on_returned_change=lambda: None)
