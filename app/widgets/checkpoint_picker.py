"""A select box over all checkpoints, bound to the selection."""

import streamlit as st

from app import cached
from app.session import selection
from app.widgets.text import plain

KEY = "choose_checkpoint"
MISSING = "missing_{}"  # in the session, by field of the selection: the key requested, and the one shown in its place


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
        replace_missing("checkpoint", chosen, shown)
        chosen = shown
    warn_of_missing("checkpoint", chosen, files[chosen].title)
    st.session_state[KEY] = chosen
    st.selectbox(
        label,
        [*files],
        format_func=lambda file: files[file].title,
        key=KEY,
        help=plain(chosen),
        on_change=lambda: selection.update(checkpoint=st.session_state[KEY]),
    )
    return files[chosen]


def replace_missing(field: str, missing: str, shown: str) -> None:
    """Select the checkpoint ``shown`` in a ``field`` of the selection, in place of one that does not exist."""
    if missing != getattr(selection.DEFAULT, field):
        st.session_state[MISSING.format(field)] = missing, shown  # the page may run again before anybody can read it
    selection.update(**{field: shown})


def warn_of_missing(field: str, shown: str, title: str) -> None:
    """Show a warning while the checkpoint ``shown``, by its ``title``, replaces one that does not exist."""
    missing, instead = st.session_state.get(MISSING.format(field), ("", ""))
    if missing and shown == instead:
        st.warning(f"The checkpoint {plain(missing)} was not found. {plain(title)} is shown instead.")
    else:
        st.session_state.pop(MISSING.format(field), None)
