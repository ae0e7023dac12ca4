"""A select box over all checkpoints, bound to the selection."""

import streamlit as st

from app import cached
from app.session import selection
from app.widgets.text import plain

KEY = "choose_checkpoint"
MISSING = "checkpoint_missing"  # in the session: the key that was requested, and the one shown in its place


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
        shown = selection.DIGITS["checkpoint"] if selection.DIGITS["checkpoint"] in files else next(iter(files))
        if chosen != selection.DEFAULT.checkpoint:
            st.session_state[MISSING] = chosen, shown  # the page may run again before anybody can read it
        chosen = shown
        selection.update(checkpoint=chosen)
    missing, instead = st.session_state.get(MISSING, ("", ""))
    if missing and chosen == instead:
        st.warning(f"The checkpoint {plain(missing)} was not found. {plain(files[chosen].title)} is shown instead.")
    else:
        st.session_state.pop(MISSING, None)
    st.session_state[KEY] = chosen
    st.selectbox(
        label, [*files], format_func=lambda file: files[file].title, key=KEY, help=plain(chosen),
        on_change=lambda: selection.update(checkpoint=st.session_state[KEY]),
    )  # fmt: skip
    return files[chosen]
