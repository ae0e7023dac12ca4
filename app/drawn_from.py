"""The images chosen on the latent map as those between which glico draws: offered there, told on the Classify page."""

import numpy as np
import streamlit as st

from app import cached, selection
from app.cached import CheckpointFile
from app.text import plain
from glico.data.dataset import Labels


def offer(key: str, runs: str, labels: Labels) -> None:
    """A button that takes the selection ``runs`` of the checkpoint ``key``, whose ``labels`` (m,) are given, along."""
    if st.button(
        "Use as the augmentation set", icon=":material/category:", key="use_selected",
        disabled=not len(_paired(labels)),
        help="Classify with glico drawing between these images alone. Needs two of one class.",
    ):  # fmt: skip
        selection.update(checkpoint=key, drawn_from=runs, drawn_of=key)
        st.switch_page("app/views/classify.py")


def told(file: CheckpointFile) -> tuple[int, ...]:
    """Say which images of this checkpoint's sample were chosen, and give their rows; () where all are drawn between."""
    chosen = selection.current()
    if not chosen.drawn_from:
        return ()
    own = next((other for other in cached.checkpoints() if other.key == chosen.drawn_of), None)
    rows: list[int] = []
    if own is None or not own.same_sample(file):
        words = "The images chosen on the map are of another sample; here glico draws between all."
    else:
        labels = cached.checkpoint(file.path).labels.numpy()
        rows = selection.rows_of(chosen.drawn_from, len(labels))
        paired, classes = len(_paired(labels[rows])), len(np.unique(labels[labels >= 0]))
        words = f"{len(rows)} images chosen on the map: glico draws between these alone"
        words += f", in {paired} of {classes} classes; the others keep their true images." if paired < classes else "."
    with st.container(horizontal=True, vertical_alignment="center", key="drawn_from"):
        st.write(plain(words))
        st.button("Clear", key="drawn_from_clear", on_click=selection.update, kwargs={"drawn_from": "", "drawn_of": ""})
    return tuple(rows)


def _paired(labels: Labels) -> Labels:
    """The classes that have two or more of these images."""
    classes, sizes = np.unique(labels[labels >= 0], return_counts=True)
    return classes[sizes >= 2]
