"""Checkpoints: the card of each, comparison of two, and opening somebody else's."""

import streamlit as st

from app import cached
from app.checkpoints import card, opening
from app.runs.naming import describe_differences
from app.widgets.checkpoint_picker import choose_checkpoint
from app.widgets.feedback import show_error, show_problem
from app.widgets.text import plain
from glico.errors import GlicoError


def page() -> None:
    """Show the choice of a checkpoint, how it differs from another, and its card."""
    head = st.container(horizontal=True, vertical_alignment="bottom")
    head.title("Checkpoints", anchor=False)
    with head:
        opening.show()
    st.write("Every checkpoint that was trained here, is shipped with the program, or was opened from a file.")
    left, right = st.columns(2)
    with left:
        chosen = choose_checkpoint("Checkpoint")
    with right:
        compare(chosen)
    try:
        card.show(chosen)
    except GlicoError as error:
        show_error(error)
    show_problem()


def compare(file: cached.CheckpointFile) -> None:
    """Let a person choose another checkpoint, and show the settings that differ."""
    others = {other.key: other for other in cached.checkpoints() if other.key != file.key}
    chosen = st.selectbox(
        "Compare with", list(others), format_func=lambda key: others[key].title, index=None, key="compare_with",
        placeholder="another checkpoint",
    )  # fmt: skip
    if chosen:
        differences = describe_differences(others[chosen].config, file.config)
        st.caption(plain(differences or "Their configurations are identical."))


page()
