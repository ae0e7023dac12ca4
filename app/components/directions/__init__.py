"""The sliders through the latent space as a part of a page: Python gets their positions when the hand rests."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.components import packed
from glico.web.directions import BODY, STYLE, Content
from glico.web.modules import bundle

_component = st.components.v2.component(
    "directions",
    html=BODY,
    css=STYLE,
    js=bundle(Path(__file__).parent / "component.js"),
)


def directions(content: Content, start: str, key: str, on_rest: Callable[[], None]) -> None:
    """Show the sliders, at ``start`` when they appear.

    ``on_rest`` is called, before the page runs again, when a hand rests; ``st.session_state[key].state`` holds the
    positions of the sliders then.
    """
    _component(key=key, data=packed(dict(content), start=start), default={"state": start}, on_state_change=on_rest)
