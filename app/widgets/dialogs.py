"""Dialogs that ask before something is deleted."""

from collections.abc import Callable

import streamlit as st

from app.widgets.text import plain

DANGER = """<style>
[class*=_for_good] button { background: #b3261e; border-color: #b3261e; color: #fff }
[class*=_for_good] button:hover { background: #8c1d18; border-color: #8c1d18; color: #fff }
</style>"""  # Streamlit has no button for what cannot be undone


def confirm(title: str, sentence: str, verb: str, action: Callable[[], None]) -> None:
    """Ask ``title``, explain it in a sentence, and call ``action`` if the person presses the button ``verb``."""
    key = verb.lower()

    @st.dialog(title)
    def ask() -> None:
        st.html(DANGER)
        st.write(plain(sentence))
        with st.container(horizontal=True):
            if st.button(verb, type="primary", key=f"{key}_for_good", on_click=action):
                st.rerun()
            if st.button("Keep", key=f"{key}_keep"):
                st.rerun()

    ask()
