"""The surface between three or four images as a part of a page: its place goes to Python when a hand lets go."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from glico.web.modules import bundle
from glico.web.scrubber.content import Content
from glico.web.surface import BODY, STYLE

_component = st.components.v2.component(
    "surface", html=BODY, css=STYLE, js=bundle(Path(__file__).parent / "component.js")
)


def surface(content: Content, start: tuple[float, float], key: str, on_release: Callable[[], None]) -> None:
    """Show the surface. It stands at (u, v) = ``start`` when it appears, and moves there when ``start`` changes.

    ``on_release`` is called, before the page runs again, when a hand lets go; ``st.session_state[key].at`` is [u, v]
    then.
    """
    _component(key=key, data=[{**content, "start": start}], on_at_change=on_release)
