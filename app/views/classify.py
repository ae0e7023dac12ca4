"""Classify: compare augmentation methods on a small sample over several seeds, and watch the runs."""

import streamlit as st

from app.classification import form, monitor
from app.components.visit import arrive
from app.runs.panel import notice_changes, run_names, show_estimate
from app.session import public
from app.widgets.feedback import show_error
from glico.errors import GlicoError
from glico.runs.folder import list_runs


def page() -> None:
    """Show the form, then the runs; the estimate comes last, because it takes seconds."""
    st.title("Classify")
    st.write("Train a classifier on the small sample with several augmentations, and see which one helps.")
    public.notice()
    offer = None
    try:
        offer = form.offer_start(form.show())
    except GlicoError as error:
        show_error(error)
    known = run_names()
    runs = [folder for folder in list_runs() if folder.kind == "classify"]
    st.divider()
    if started := st.session_state.get(form.STARTED):
        arrive("classify_arrive", f"classifiers {started}")
    st.subheader("Runs", anchor=False)
    if runs:
        monitor.show(runs)
    else:
        st.info("There are no classifier runs yet. Runs that you start above appear here.", icon=":material/info:")
    if offer is not None:
        show_estimate(*offer)
    notice_changes(known)


page()
