"""A grid of images of a data set, to choose some of them and decide on these."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from app.components.image_picker import LARGEST, image_picker
from app.decisions.controls import Subject, decide_on
from app.decisions.ledger import Ledger
from app.widgets.text import plain
from glico.types import Images
from glico.web.sprite import sprite
from glico.words import counted


def decide_on_pictures(
    ledger: Ledger,
    images: Images,
    captions: Sequence[str],
    subjects: Sequence[Subject],
    classes: Sequence[str],
    title: str,
    key: str,
) -> None:
    """Show ``images`` (n, H, W, C) under a ``title``, and controls that decide on the chosen ones.

    ``captions`` (n,) name the images for the person, ``subjects`` (n,) in the data set. The choice ends when other
    images are shown.
    """
    shown = [subject.key for subject in subjects]
    chosen_key, shown_key = f"{key}_chosen", f"{key}_shown"
    if st.session_state.get(shown_key) != shown:
        st.session_state[shown_key], st.session_state[chosen_key] = shown, []
    chosen: list[int] = st.session_state[chosen_key]

    def keep() -> None:
        st.session_state[chosen_key] = list(st.session_state[f"{key}_picker"].chosen)

    rows = np.arange(len(images))
    image_picker(
        sprite(images, LARGEST),
        rows,
        np.zeros(len(rows), np.int64),
        (title,),
        chosen,
        "",
        f"{key}_picker",
        keep,
        captions,
    )
    some = [row for row in chosen if row < len(subjects)]
    if not some:
        st.caption("Choose images to decide on them.")
        return
    words = plain(captions[some[0]]) if len(some) == 1 else counted(len(some), "image")
    decide_on(ledger, [subjects[row] for row in some], classes, f"**{words}**", f"{key}_decide")
