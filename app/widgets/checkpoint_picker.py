"""A select box over all checkpoints, bound to the selection."""

from typing import Literal

import streamlit as st

from app import cached
from app.cached import CheckpointFile
from app.session import selection
from app.widgets.text import plain


def choose_checkpoint(label: str, name: Literal["checkpoint", "beside"] = "checkpoint") -> CheckpointFile:
    """A select box over every checkpoint there is, bound to the selection; returns what is chosen.

    Stops the page with an invitation to train where there is none.
    """
    files = {file.key: file for file in cached.checkpoints()}
    if not files:
        st.info("There is no checkpoint yet. Train one on the Train page.", icon=":material/info:")
        st.stop()
    chosen = getattr(selection.current(), name)
    if chosen not in files:
        if chosen != getattr(selection.DEFAULT, name):
            st.warning(f"The checkpoint {plain(chosen)} no longer exists; showing another.")
        chosen = next(iter(files))
        selection.update(**{name: chosen})
    key = f"choose_{name}"
    st.session_state[key] = chosen

    def changed() -> None:
        selection.update(**{name: st.session_state[key]})

    st.selectbox(
        label, [*files], format_func=lambda file: files[file].title, key=key, on_change=changed, help=plain(chosen),
    )  # fmt: skip
    return files[chosen]
