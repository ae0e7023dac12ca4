"""The progress of a projection, which is computed in a process of its own."""

from collections.abc import Sequence

import streamlit as st

from app.latent_map.choice import METHODS
from app.widgets.text import plain
from glico.config import ProjectConfig
from glico.runs import projecting
from glico.types import Codes
from glico.words import percent

EVERY_SECONDS = 0.5


def watch(name: str, codes: Sequence[Codes], config: ProjectConfig) -> None:
    """Start the projection, and show its progress until it is done or has failed."""
    if projecting.status(name) is None:
        projecting.start(name, codes, config)
    status = projecting.status(name)
    failed = status is not None and bool(status.error)

    @st.fragment(run_every=None if failed else EVERY_SECONDS)  # a failed projection needs no more requests
    def show() -> None:
        status = projecting.status(name)
        if status is None or bool(status.error) != failed:
            st.rerun()
        if not status.error:
            words = f"{METHODS[config.method]}: {status.stage}, {percent(status.fraction)}. Meanwhile, the maps "
            words += "show the PCA"
            st.caption(plain(words))
            return
        st.error(plain(f"{METHODS[config.method]} failed. {status.error}"), icon=":material/error:")
        if st.button("Try again"):
            projecting.start(name, codes, config)
            st.rerun()

    show()
