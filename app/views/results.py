"""Results: all runs, past and present, to choose from and compare; and the paper's tables."""

import streamlit as st

from app.results import run_list, tables

SECTIONS = {"Runs": run_list.show, "Tables": tables.show}


def page() -> None:
    """Show one of the sections."""
    st.title("Results")
    st.write("All runs, from these pages and from the command line.")
    section = st.segmented_control(
        "Show", list(SECTIONS), default="Runs", required=True, key="results_section", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    SECTIONS[section]()


page()
