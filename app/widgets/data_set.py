"""The data set of a checkpoint, named by a person: the path in a stranger's checkpoint is not opened."""

from pathlib import Path

import streamlit as st

from app.session import public


def named_data_set(checkpoint: Path) -> str | None:
    """Return the data set that this person has named for a checkpoint, or None."""
    named = st.session_state.get(_key(checkpoint), "")
    return named.strip() or None if not public.is_public() else None


def offer_data_set(checkpoint: Path) -> None:
    """Show the field in which a person names a checkpoint's data set; visitors name no path of this machine."""
    if not public.is_public():
        st.text_input(
            "Dataset",
            key=_key(checkpoint),
            persist_state="session",
            placeholder="/home/me/birds",
            width=360,
            help="The name or path of the data set that this checkpoint was trained on.",
        )


def _key(checkpoint: Path) -> str:
    return f"data_set_{checkpoint}"
