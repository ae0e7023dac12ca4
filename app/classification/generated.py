"""A preview of the images that a method generates, with those that would be rejected, and their export."""

from io import BytesIO

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app import cached
from app.cached import CheckpointFile
from app.components.strips import Strip, strips
from app.widgets import forms
from app.widgets.text import plain
from glico.augmentation.synthetic import Synthetic, write_archive
from glico.config import ClassifyConfig
from glico.words import percent

CLASSES_SHOWN, IMAGES_SHOWN = 12, 16


def generated_images(file: CheckpointFile, config: ClassifyConfig) -> None:
    """Show the images that ``config`` generates from this checkpoint, and offer those that it accepts as a data set."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = forms.number("Images per class", 1, 1000, 16, "generated_count")
        seed = forms.number("Seed", 0, 2**31 - 1, 0, "generated_seed")
    if count is None or seed is None:
        return
    synthetic = cached.synthetic(file.path, count, seed, config)
    accepted = _accepted(synthetic, config.least_confidence)
    space = cached.latent_space(file.path)
    names = space.class_names
    rows = []
    for label in range(min(len(names), CLASSES_SHOWN)):
        own = np.flatnonzero(synthetic.labels == label)[:IMAGES_SHOWN]
        pale = [not each for each in accepted[own]]
        rows.append(Strip(names[label], synthetic.images[own], _captions(synthetic, own), pale=pale))
    strips(rows, "generated_strips", tile=36)
    if len(names) > CLASSES_SHOWN:
        st.caption(f"and {len(names) - CLASSES_SHOWN} more classes")

    def archive() -> bytes:
        buffer = BytesIO()
        write_archive(buffer, synthetic.subset(accepted), names, space.indices)
        return buffer.getvalue()

    st.download_button(
        f"Export {int(accepted.sum())} images",
        archive,
        f"{file.key}-generated.zip",
        "application/zip",
        on_click="ignore",
        icon=":material/download:",
        key="generated_export",
        disabled=not accepted.any(),
        help="An image folder with one folder per class, and paths.csv: the two images and the t of each one.",
    )


def _accepted(synthetic: Synthetic, threshold: float) -> NDArray[np.bool_]:
    """Say which images the confidence threshold accepts; return a mask of them."""
    if np.isnan(synthetic.confidence).any():
        st.write("This checkpoint has no classifier to judge images (GLO), so all are used.")
        return np.ones(len(synthetic.labels), dtype=bool)
    accepted = synthetic.confidence >= threshold
    if not threshold:
        st.write(
            "All images are used, because the confidence threshold is 0. Raise it to exclude images that the weak "
            "classifier doubts."
        )
    else:
        words = f"The weak classifier is at least {percent(threshold)} confident in the class of {int(accepted.sum())} "
        words += f"of {len(accepted)} images (the threshold set above). Faded images are excluded from training."
        st.write(plain(words))
    return accepted


def _captions(synthetic: Synthetic, rows: NDArray[np.int64]) -> list[str]:
    return [
        f"images {synthetic.i[k]} and {synthetic.j[k]}, t = {synthetic.t[k]:.2g}"
        + ("" if np.isnan(synthetic.confidence[k]) else f", confidence {percent(synthetic.confidence[k])}")
        for k in rows
    ]
