"""Notifications of the browser: a switch that asks for the permission, and the events to tell."""

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
    """A notification with a number of its own, which grows; the same one is told once."""

    serial: int
    title: str
    body: str


def notify(events: Sequence[Event], key: str) -> None:
    """Show the switch; tell the new ones of ``events`` if the person has allowed it."""
    _component(key=key, data=packed({"events": list(events)}))
