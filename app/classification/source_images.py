"""The images between which new ones are generated for a classifier run: all, or those that were selected on the map."""

import numpy as np
import streamlit as st

from app import cached
from app.cached import CheckpointFile
from app.session import selection
from app.widgets.text import plain
from glico.types import Labels


def source_rows(file: CheckpointFile) -> tuple[int, ...]:
    """Return the rows of this checkpoint's images that were selected on the map, and say so; () for all images."""
    chosen = selection.current().runs
    if not chosen.drawn_from:
        return ()
    own = next((other for other in cached.checkpoints() if other.key == chosen.drawn_of), None)
    rows: list[int] = []
    if own is None or not own.same_sample(file):
        words = "The images selected on the map belong to another sample: glico generates between all images here."
    else:
        labels = cached.latent_space(file.path).labels
        rows = selection.rows_of(chosen.drawn_from, len(labels))
        paired, classes = len(paired_classes(labels[rows])), len(np.unique(labels[labels >= 0]))
        words = f"{len(rows)} images selected on the map: glico generates only between these"
        words += f", in {paired} of {classes} classes; other classes keep their real images" * (paired < classes) + "."
    with st.container(horizontal=True, vertical_alignment="center", key="drawn_from"):
        st.write(plain(words))
        st.button("Clear", key="drawn_from_clear", on_click=selection.update, kwargs={"drawn_from": "", "drawn_of": ""})
    return tuple(rows)


def paired_classes(labels: Labels) -> Labels:
    """Return the classes that have two or more of these images."""
    classes, sizes = np.unique(labels[labels >= 0], return_counts=True)
    return classes[sizes >= 2]
