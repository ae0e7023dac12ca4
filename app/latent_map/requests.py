"""Requests from the page to the maps, which otherwise keep their own choice."""

import streamlit as st

from app.session import selection
from glico.web.latent_map import PartialChoice, Request

REQUEST = "latent_map_request"  # in the session


def send(choice: PartialChoice) -> None:
    """Change the choice on the maps and the selection. Usable in callbacks."""
    last = latest()
    request: Request = {"serial": (last["serial"] if last else 0) + 1, "choice": choice}
    st.session_state[REQUEST] = request
    selection.update(**choice)


def latest() -> Request | None:
    """Return the last request. Maps ignore a request that they have already applied."""
    request: Request | None = st.session_state.get(REQUEST)
    return request


def clear() -> None:
    """Drop the last request: maps that appear anew open with the selection."""
    st.session_state.pop(REQUEST, None)
