"""The latent map as a part of a page: what is chosen goes to Python when the hand rests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from app.components import packed
from glico.web.latent_map import BODY, STYLE, Content, Extras, data
from glico.web.modules import bundle

# What a page shows while its script is at work fades; the maps stay what they are.
ALIVE = "[data-stale]:has(.latent-map) { opacity: 1 !important }"

_component = st.components.v2.component(
    "latent_map",
    html=BODY,
    css=f"{STYLE}\n{ALIVE}",
    js=bundle(Path(__file__).parent / "component.js"),
    isolate_styles=False,
)


def latent_map(
    content: Content,
    opening: dict[str, Any],
    extras: Extras,
    key: str,
    on_choice: Callable[[], None],
    on_drawn: Callable[[], None] | None = None,
) -> dict[str, Any] | None:
    """Show the maps; gives the choice when "Interpolate these" was just pressed, else None.

    ``opening`` is the choice that the maps open with, by the names that it has here and that
    ``st.session_state[key].choice`` has when ``on_choice`` is called: hidden (labels), thumbnails, neighbours, a and b
    (rows), selected (runs of rows), mode, at, colour (a value's name, else the class). ``on_drawn`` is called once the
    browser has drawn the maps.
    """
    result = _component(
        key=key,
        data=packed(data(content, opening, extras), awaited=on_drawn is not None),
        on_choice_change=on_choice,
        on_drawn_change=on_drawn or (lambda: None),
        on_interpolate_change=lambda: None,
    )
    pressed: dict[str, Any] | None = result.interpolate
    return pressed
