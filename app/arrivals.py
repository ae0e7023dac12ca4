"""Runs that are started or deleted elsewhere, by another person or the command line, are noticed by an open page."""

import os

import streamlit as st

from glico.places import runs_directory

EVERY_SECONDS = 4.0


def names() -> frozenset[str]:
    """The names of all runs, without a look into them."""
    try:
        return frozenset(entry.name for entry in os.scandir(runs_directory()) if not entry.name.startswith("."))
    except OSError:
        return frozenset()


@st.fragment(run_every=EVERY_SECONDS)
def notice(known: frozenset[str]) -> None:
    """Draw the page anew when the runs are no longer those ``known`` when it was drawn."""
    if names() != known:
        st.rerun()
