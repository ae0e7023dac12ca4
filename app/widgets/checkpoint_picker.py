"""A select box over all checkpoints, bound to the selection."""

import streamlit as st

from app import cached
from app.session import selection
from app.widgets.text import plain

KEY = "choose_checkpoint"


def choose_checkpoint(label: str) -> cached.CheckpointFile:
    """Let a person choose one of all checkpoints; return it.

    If there is none, stop the page with an invitation to train.
    """
    files = {file.key: file for file in cached.checkpoints()}
    if not files:
        st.info("There is no checkpoint yet. Train one on the Train page.", icon=":material/info:")
        st.stop()
    chosen = selection.current().checkpoint
    if chosen not in files:
        if chosen != selection.DEFAULT.checkpoint:
            st.warning(f"The checkpoint {plain(chosen)} no longer exists; showing another.")
        chosen = next(iter(files))
        selection.update(checkpoint=chosen)
    st.session_state[KEY] = chosen
    st.selectbox(
        label, [*files], format_func=lambda file: files[file].title, key=KEY, help=plain(chosen),
        on_change=lambda: selection.update(checkpoint=st.session_state[KEY]),
    )  # fmt: skip
    return files[chosen]
