"""What a visit to the pages needs of the browser itself: its history, its connection, and where the page stands."""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "visit",
    html='<div class="visit"></div>',
    js=(Path(__file__).parent / "visit.js").read_text("utf-8"),
    isolate_styles=False,
)


def visit() -> None:
    """Once per page, outside every fragment.

    What one act of a person changes is one entry in the browser's history. When the server comes back after it was
    restarted, the page is drawn anew from what the browser still holds.
    """
    _component(key="visit", data={"arrive": None}, on_returned_change=lambda: None)


def arrive(key: str, token: str) -> None:
    """Scroll to this place once for each new ``token``: what a person has started is seen at once."""
    _component(key=key, data={"arrive": token}, on_returned_change=lambda: None)
