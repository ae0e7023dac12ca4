"""What went wrong, shown on the page."""

from collections.abc import Callable

import streamlit as st

from app.widgets.text import plain
from glico.errors import GlicoError


def show_error(error: Exception) -> None:
    """An error's sentence, in place."""
    st.error(plain(error), icon=":material/error:")


def attempt(*actions: Callable[[], object]) -> None:
    """Do each; where one fails, its sentence is shown on the next drawing of the page, by :func:`show_problem`."""
    for action in actions:
        try:
            action()
        except GlicoError as error:
            st.session_state["run_problem"] = error


def show_problem() -> None:
    """Why the last thing that was asked for could not be done, once."""
    if problem := st.session_state.pop("run_problem", None):
        show_error(problem)
