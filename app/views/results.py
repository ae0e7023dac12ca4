"""Results: all runs, past and present, to choose from and compare; before and after decisions; the paper's tables."""

import streamlit as st

from app.decisions.retrained import BEFORE_AFTER, SECTION
from app.results import before_after, run_list, tables

SECTIONS = {"Runs": run_list.show, BEFORE_AFTER: before_after.show, "Tables": tables.show}


def page() -> None:
    """Show one of the sections."""
    st.title("Results")
    st.write("All runs, from these pages and from the command line.")
    st.session_state.setdefault(SECTION, "Runs")
    section = st.segmented_control(
        "Show", list(SECTIONS), required=True, key=SECTION, persist_state="session", label_visibility="collapsed"
    )
    SECTIONS[section or "Runs"]()


page()
