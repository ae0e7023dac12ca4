"""Checkpoints: the card of each, comparison of two, and opening somebody else's."""

import streamlit as st

from app import cached
from app.checkpoints import card, comparison, opening
from app.widgets.checkpoint_picker import choose_checkpoint
from app.widgets.feedback import show_error, show_problem
from glico.errors import GlicoError


def page() -> None:
    """Show the choice of a checkpoint, the comparison with another, and its card."""
    head = st.container(horizontal=True, vertical_alignment="bottom")
    head.title("Checkpoints", anchor=False)
    with head:
        opening.show()
    st.write("Every checkpoint that was trained here, is shipped with the program, or was opened from a file.")
    left, right = st.columns(2)
    with left:
        chosen = choose_checkpoint("Checkpoint")
    with right:
        other = choose_other(chosen)
    try:
        if other is not None:
            comparison.show(chosen, other)
        card.show(chosen)
    except GlicoError as error:
        show_error(error)
    show_problem()


def choose_other(file: cached.CheckpointFile) -> cached.CheckpointFile | None:
    """Let a person choose a checkpoint to compare with; return it, or None."""
    others = {other.key: other for other in cached.checkpoints() if other.key != file.key}
    chosen = st.selectbox(
        "Compare with",
        list(others),
        format_func=lambda key: others[key].title,
        index=None,
        key="compare_with",
        placeholder="another checkpoint",
    )
    return others[chosen] if chosen else None


page()
