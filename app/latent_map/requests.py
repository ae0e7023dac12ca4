"""What the page itself chooses on the maps, which otherwise keep their own choice."""

from typing import Any

import streamlit as st

from app.session import selection
from glico.web.latent_map import Asked

ASKED = "latent_map_asked"


def ask(**choice: Any) -> None:
    """Choose on the maps, by the names that both the maps and the selection have. Usable in callbacks."""
    before: Asked | None = st.session_state.get(ASKED)
    st.session_state[ASKED] = {"serial": (before["serial"] if before else 0) + 1, "choice": choice}
    selection.update(**choice)


def asked() -> Asked | None:
    """What was asked for last; maps that have done it do it no second time."""
    found: Asked | None = st.session_state.get(ASKED)
    return found


def done() -> None:
    """Maps that appear anew open with the selection."""
    st.session_state.pop(ASKED, None)
