"""Notifications of the browser: a switch that requests permission, and the events to report."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import streamlit as st

from app.components import packed
from glico.web.modules import bundle

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "notify",
    html='<div class="notify"></div>',
    css=(HERE / "notify.css").read_text("utf-8"),
    js=bundle(HERE / "notify.js"),
)


class Event(TypedDict):
    """A notification with a growing number of its own; each is shown once."""

    serial: int
    title: str
    body: str


def notify(events: Sequence[Event], key: str) -> None:
    """Show the switch, and notify of new ``events`` if the person allows it."""
    _component(key=key, data=packed({"events": list(events)}))
