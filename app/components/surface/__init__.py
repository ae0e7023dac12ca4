"""The surface between three or four images as a component: it sends its position to Python when it is released."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.components import packed
from glico.web.generator import GeneratorData
from glico.web.modules import bundle
from glico.web.surface import BODY, STYLE

_component = st.components.v2.component(
    "surface", html=BODY, css=STYLE, js=bundle(Path(__file__).parent / "component.js")
)


def surface(
    content: bytes, generator: GeneratorData, start: tuple[float, float], key: str, on_release: Callable[[], None]
) -> None:
    """Show a surface's packed ``content``, at (u, v) = ``start`` when it appears and when ``start`` changes.

    Between the frames, the browser generates images with the ``generator``.

    When it is released, ``on_release`` is called before the page reruns, and ``st.session_state[key].at`` is [u, v].
    """
    _component(key=key, data=packed(content, start=start, generator=generator), on_at_change=on_release)
