"""The way to what a training with decisions has changed: Results, before and after."""

import streamlit as st

from app import pages
from glico.runs.retraining import Retraining

SECTION, BEFORE_AFTER = "results_section", "Before and after"
CHOSEN = "results_retraining"  # in the session: the id of the training that Results shows


def offer(retraining: Retraining, key: str) -> None:
    """Show a button that opens Results with this retraining."""
    if st.button(
        BEFORE_AFTER,
        icon=":material/compare_arrows:",
        key=f"{key}_before_after",
        help="Compare classifiers on the checkpoint before and after your decisions, on the same images.",
        on_click=_choose,
        args=(retraining.after.id,),
    ):
        pages.RESULTS.open()


def _choose(training: str) -> None:
    """Choose what Results shows. Only before a run may it change the choice of a widget that is on the page already."""
    st.session_state[SECTION] = BEFORE_AFTER
    st.session_state[CHOSEN] = training
