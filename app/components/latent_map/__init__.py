"""The latent map as a component of a page: it sends its choice to Python when it rests."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.components import packed
from glico.web.latent_map import BODY, STYLE, Choice, Content, Extras, data
from glico.web.modules import bundle

# Streamlit fades a page's elements while its script runs; the maps stay as they are.
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
    opening: Choice,
    extras: Extras,
    key: str,
    on_choice: Callable[[], None],
    on_place: Callable[[], None],
    on_drawn: Callable[[], None] | None = None,
) -> Choice | None:
    """Show the maps; return the choice if "Interpolate these" was just pressed, else None.

    The maps open with the choice ``opening``. When a person changes it, ``on_choice`` is called, and
    ``st.session_state[key].choice`` is the new choice. ``on_place`` is called when a pinned place becomes A or B:
    ``st.session_state[key].place`` is the PlaceChoice then. ``on_drawn`` is called once the browser has drawn the maps.
    """
    result = _component(
        key=key,
        data=packed(data(content, opening, extras), awaited=on_drawn is not None),
        on_choice_change=on_choice,
        on_place_change=on_place,
        on_drawn_change=on_drawn or (lambda: None),
        on_interpolate_change=lambda: None,
    )
    choice: Choice | None = result.interpolate
    return choice
