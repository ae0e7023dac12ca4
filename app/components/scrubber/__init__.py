"""The scrubber as a component of a page: it sends its t to Python when it is released."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from app.components import packed
from glico.web.generator import GeneratorData
from glico.web.modules import bundle
from glico.web.scrubber import STYLE

_component = st.components.v2.component(
    "scrubber",
    html='<div class="scrubber" aria-busy="true"></div>',
    css=STYLE,
    js=bundle(Path(__file__).parent / "component.js"),
)


def scrubber(content: bytes, generator: GeneratorData, start: float, key: str, on_release: Callable[[], None]) -> float:
    """Show a path's packed ``content``; return the t at which the scrubber was last released, at first ``start``.

    Between the frames, the browser generates images with the ``generator``. When the scrubber is released,
    ``on_release`` is called before the page reruns, and ``st.session_state[key].t`` is its t. The scrubber is at
    ``start`` when it appears, and moves there when ``start`` changes.
    """
    result: Any = _component(
        key=key, data=packed(content, start=start, generator=generator), default={"t": start}, on_t_change=on_release
    )
    return float(result.t)
