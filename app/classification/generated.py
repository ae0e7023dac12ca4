"""New images from the latent space on the pages: between which of the images chosen on the map they are generated, and
what a method would add, seen before it is used, kept or dropped, exported."""

from io import BytesIO

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app import cached
from app.cached import CheckpointFile
from app.components.strips import Strip, strips
from app.session import selection
from app.widgets import forms
from app.widgets.text import plain
from glico.augmentation.synthetic import Synthetic, write_archive
from glico.config import ClassifyConfig
from glico.data.dataset import Labels


def offer_chosen(key: str, runs: str, labels: Labels) -> None:
    """A button that takes the selection ``runs`` of the checkpoint ``key``, whose ``labels`` (m,) are given, along."""
    if st.button(
        "Use as the augmentation set", icon=":material/category:", key="use_selected",
        disabled=not len(_paired(labels)),
        help="Classify with images generated between these alone. Needs two of one class.",
    ):  # fmt: skip
        selection.update(checkpoint=key, drawn_from=runs, drawn_of=key)
        st.switch_page("app/views/classify.py")


def chosen_rows(file: CheckpointFile) -> tuple[int, ...]:
    """Say which images of this checkpoint's sample were chosen, and give their rows; () where none were."""
    chosen = selection.current()
    if not chosen.drawn_from:
        return ()
    own = next((other for other in cached.checkpoints() if other.key == chosen.drawn_of), None)
    rows: list[int] = []
    if own is None or not own.same_sample(file):
        words = "The images chosen on the map are of another sample: here glico generates between all images."
    else:
        labels = cached.latent_space(file.path).labels
        rows = selection.rows_of(chosen.drawn_from, len(labels))
        paired, classes = len(_paired(labels[rows])), len(np.unique(labels[labels >= 0]))
        words = f"{len(rows)} images chosen on the map: glico generates between these alone"
        words += (
            f", in {paired} of {classes} classes; other classes keep their true images." if paired < classes else "."
        )
    with st.container(horizontal=True, vertical_alignment="center", key="drawn_from"):
        st.write(plain(words))
        st.button("Clear", key="drawn_from_clear", on_click=selection.update, kwargs={"drawn_from": "", "drawn_of": ""})
    return tuple(rows)


def _paired(labels: Labels) -> Labels:
    """The classes that have two or more of these images."""
    classes, sizes = np.unique(labels[labels >= 0], return_counts=True)
    return classes[sizes >= 2]


CLASSES_SHOWN, IMAGES_SHOWN = 12, 16


def generated_images(file: CheckpointFile, config: ClassifyConfig) -> None:
    """What ``config`` generates from this checkpoint: judged, let in or kept out of training, exported as a set."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = forms.number("Images per class", 1, 1000, 16, "drawn_count")
        seed = forms.number("Seed", 0, 2**31 - 1, 0, "drawn_seed")
    if count is None or seed is None:
        return
    least = config.least_confidence
    made = cached.synthetic(file.path, count, seed, config)
    space = cached.latent_space(file.path)
    names = space.class_names
    judged = not np.isnan(made.confidence).any()
    kept = made.confidence >= least if judged else np.ones(len(made.labels), dtype=bool)
    if judged and not least:
        st.write(
            "All may enter training: the least confidence above is 0. "
            "Raise it to keep out images that the weak classifier doubts."
        )
    elif judged:
        words = f"The weak classifier is at least {least:.0%} sure of the class of {int(kept.sum())} of {len(kept)}"
        st.write(plain(f"{words}, as asked above; the others do not enter training and are pale."))
    else:
        st.write("This checkpoint has no classifier to judge with (GLO): all are kept.")
    rows = []
    for label in range(min(len(names), CLASSES_SHOWN)):
        own = np.flatnonzero(made.labels == label)[:IMAGES_SHOWN]
        rows.append(Strip(names[label], made.images[own], _captions(made, own), pale=[not k for k in kept[own]]))
    strips(rows, "drawn_strips", tile=36)
    if len(names) > CLASSES_SHOWN:
        st.caption(f"and {len(names) - CLASSES_SHOWN} more classes")

    def archive() -> bytes:
        buffer = BytesIO()
        write_archive(buffer, made.kept(kept), names, space.indices)
        return buffer.getvalue()

    st.download_button(
        f"Export {int(kept.sum())} images", archive, f"{file.key}-drawn.zip", "application/zip", on_click="ignore",
        icon=":material/download:", key="drawn_export", disabled=not kept.any(),
        help="An image folder with one folder per class, and paths.csv: the two images and the t of each one.",
    )  # fmt: skip


def _captions(made: Synthetic, rows: NDArray[np.int64]) -> list[str]:
    return [
        f"images {made.i[k]} and {made.j[k]}, t = {made.t[k]:.2g}"
        + ("" if np.isnan(made.confidence[k]) else f", confidence {made.confidence[k]:.0%}")
        for k in rows
    ]
