"""Errors on a page."""

from collections.abc import Callable

import streamlit as st

from app.widgets.text import plain
from glico.errors import GlicoError


def show_error(error: Exception) -> None:
    """Show an error's sentence here."""
    st.error(plain(error), icon=":material/error:")


def attempt(*actions: Callable[[], object]) -> None:
    """Call each action. If one fails, :func:`show_problem` shows its sentence when the page is next drawn."""
    for action in actions:
        try:
            action()
        except GlicoError as error:
            st.session_state["run_problem"] = error


def show_problem() -> None:
    """Show the error of the last attempt, once."""
    if problem := st.session_state.pop("run_problem", None):
        show_error(problem)
