"""Paste images anywhere on the page, which Streamlit's uploader does not support."""

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from glico.web.modules import bundle

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "paste", html='<p class="paste"></p>', css=(HERE / "paste.css").read_text("utf-8"), js=bundle(HERE / "paste.js")
)


def paste(key: str, largest: int, on_paste: Callable[[str, bytes], None]) -> None:
    """Say that images can be pasted, and call ``on_paste`` with the name and the bytes of each.

    An image of more than ``largest`` bytes is cut to ``largest`` + 1.
    """

    def pasted() -> None:
        for name, content in st.session_state[key].pasted or []:
            try:
                on_paste(str(name), base64.b64decode(content, validate=True))
            except binascii.Error:  # not from this component
                continue

    _component(key=key, data={"largest": largest}, on_pasted_change=pasted)
