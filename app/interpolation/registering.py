"""Waiting for a morph: for the registration of large classes, with its progress, and for the process that draws."""

from collections.abc import Sequence

import streamlit as st

from app.widgets.text import plain
from glico.runs import projecting, worker
from glico.types import Images
from glico.words import percent

EVERY_SECONDS = 0.5


def wait_for_worker() -> None:
    """Say that the morph follows, and rerun the page when the process that computes it has started."""

    @st.fragment(run_every=EVERY_SECONDS)
    def show() -> None:
        if worker.is_ready():
            st.rerun()
        st.caption("The morph follows: PyTorch is starting.")

    show()


def watch(classes: Sequence[Images]) -> None:
    """Start the registration of each class's images, and show the progress until it is done or has failed.

    Then the page runs again, with the morph.
    """
    names = [projecting.start_fields(images) for images in classes]
    failed = any(status is not None and status.error for status in map(projecting.status, names))

    @st.fragment(run_every=None if failed else EVERY_SECONDS)
    def show() -> None:
        at_work = [status for status in map(projecting.status, names) if status is not None]
        if not at_work or any(status.error for status in at_work) != failed:
            st.rerun()
        if failed:
            reasons = " ".join(status.error for status in at_work if status.error)
            st.caption(plain(f"The morph is missing, because the registration failed: {reasons}"))
        else:
            share = sum(status.fraction for status in at_work) / len(at_work)
            st.caption(f"The morph follows: registering the images of the class, {percent(share)}.")

    show()
