"""What a method that draws from the latent space would add: seen before it is used, kept or dropped, taken away."""

from io import BytesIO

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app import cached
from app.cached import CheckpointFile
from app.components.strips import Strip, strips
from app.text import plain
from glico.augmentation.synthetic import Synthetic, write_archive
from glico.config import ClassifyConfig

CLASSES_SHOWN, IMAGES_SHOWN = 12, 16


def drawn_images(file: CheckpointFile, config: ClassifyConfig) -> None:
    """What ``config`` draws from this checkpoint: judged, let in or kept out of training, exported as a set."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = int(st.number_input("Images a class", 1, 1000, 16, key="drawn_count", width=140))
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="drawn_seed", width=140))
    least = config.least_confidence
    made = cached.synthetic(file.path, count, seed, config)
    names = cached.checkpoint(file.path).class_names
    judged = not np.isnan(made.confidence).any()
    kept = made.confidence >= least if judged else np.ones(len(made.labels), dtype=bool)
    if judged and not least:
        st.write(
            "All may enter training: the least confidence above is 0. Raise it to keep out what does not convince."
        )
    elif judged:
        words = f"{int(kept.sum())} of {len(kept)} convince the weak classifier of their class with {least:.0%} or more"
        st.write(plain(f"{words}, as the least confidence above asks; the others do not enter training, and are pale."))
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
        write_archive(buffer, made.kept(kept), names, cached.checkpoint(file.path).indices.numpy())
        return buffer.getvalue()

    st.download_button(
        f"Export {int(kept.sum())} images", archive, f"{file.key}-drawn.zip", "application/zip", on_click="ignore",
        icon=":material/download:", key="drawn_export", disabled=not kept.any(),
        help="An image folder with a folder a class, and paths.csv: from which two images and which t each one comes.",
    )  # fmt: skip


def _captions(made: Synthetic, places: NDArray[np.int64]) -> list[str]:
    return [
        f"rows {made.i[k]} and {made.j[k]}, t = {made.t[k]:.2g}"
        + ("" if np.isnan(made.confidence[k]) else f", confidence {made.confidence[k]:.0%}")
        for k in places
    ]
