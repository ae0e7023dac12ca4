"""The scrubber: a path's frames in the browser, moved by a hand at display rate, without a server."""

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from app.components.scrubber.content import Content, scrubber_content

__all__ = ["Content", "offline_page", "scrubber", "scrubber_content"]

FOLDER = Path(__file__).parent
SCRIPT = (FOLDER / "scrubber.js").read_text("utf-8")
STYLE = (FOLDER / "scrubber.css").read_text("utf-8")
OFFLINE = (FOLDER / "offline.html").read_text("utf-8")

_component = st.components.v2.component(
    "scrubber", html='<div class="scrubber" aria-busy="true"></div>', css=STYLE, js=SCRIPT
)


def scrubber(content: Content, start: float, key: str, on_release: Callable[[], None]) -> float:
    """Show the scrubber; returns the t at which it was last left, ``start`` before it was touched.

    ``on_release`` is called, before the page runs again, when a hand lets go; ``st.session_state[key].t`` is the t
    then. The scrubber stands at ``start`` when it appears, and moves there when ``start`` changes.
    """
    result: Any = _component(key=key, data={**content, "start": start}, default={"t": start}, on_t_change=on_release)
    return float(result.t)


def offline_page(content: Content, start: float, title: str) -> str:
    """One HTML file with the scrubber in it, frames and all: opens anywhere, asks nothing of a network."""
    data = json.dumps({**content, "start": start}, separators=(",", ":")).replace("<", "\\u003c")
    parts = {"TITLE": escape(title), "STYLE": STYLE, "SCRIPT": SCRIPT, "DATA": data}
    before, *pieces = OFFLINE.split("{{")
    return before + "".join(parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces))
