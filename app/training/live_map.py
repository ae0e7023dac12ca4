"""A training while it is at work: the map as it forms, the two figures that pull against each other, and collapse."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app import cached
from app.components.live_chart import live_chart
from app.session import public, selection
from app.widgets import figures, glossary
from app.widgets.feedback import attempt
from app.widgets.text import plain
from glico.errors import GlicoError
from glico.latent.collapse import mend, merging, said
from glico.latent.structure import NEIGHBOURS, per_image
from glico.runs.folder import RunFolder
from glico.runs.state import State

SHOWN = 2000  # codes: of more, this many, evenly spaced


def forming(folder: RunFolder, state: State) -> None:
    """The codes as they are now, by class, and how far they are grouped and the images reconstructed."""
    shown = cached.arrays(folder.file("preview.npz"))
    if shown is None or "codes" not in shown:
        return
    codes, labels = shown["codes"].astype(np.float32), shown["labels"]
    error = pixel_error(shown["images"], shown["reconstructions"])
    words = f"Step {int(shown['step'])}: pixel error {error:.1f} grey levels of 255"
    if not warned(folder, state):
        purity = per_image(codes, labels)["purity"]
        if len(purity) and not np.isnan(purity).all():
            words += f" · {NEIGHBOURS}-NN purity {np.nanmean(purity):.2f}"
    st.caption(words, help=glossary.tip("pixel error", "purity", "collapse"))
    layout = principal(codes, folder.id)
    figure = figures.scatter(layout, labels)
    live_chart(figure, f"forming_{folder.id}", "the codes as they form, by class (PCA)", height=260)


def pixel_error(images: NDArray[np.uint8], reconstructions: NDArray[np.uint8]) -> float:
    """Root mean square over pixels, in grey levels, averaged over images (n, H, W, C)."""
    difference = images.astype(np.float32) - reconstructions
    return float(np.sqrt((difference**2).mean(axis=(1, 2, 3))).mean())


def warned(folder: RunFolder, state: State) -> bool:
    """Say what went wrong with a training, while it is at work and after it, and offer the run that would mend it.

    Whether its images have merged: then no purity is to be praised.
    """
    result = (folder.result or {}) if state.status == "done" else {}
    for words in result.get("warnings", []):
        st.warning(plain(words), icon=":material/warning:")
    collapsed = bool(result.get("collapsed")) or merging(cached.metrics(folder.path), folder.settings["steps"])
    if not collapsed:
        return False
    try:
        config = folder.config
    except GlicoError:  # configured by another version
        return True
    what, changes = mend(config)
    if not result:
        shown = cached.arrays(folder.file("preview.npz")) or {}
        names = shown.get("merged", np.array([])).tolist()
        words = said(names, config) if names else f"The images of a class are merging: {what}."
        st.warning(plain(words), icon=":material/warning:")

    def repeat() -> None:
        selection.update(run=public.launch(config.model_copy(update=changes)).id)

    st.button(
        "Repeat with the suggested change", key=f"mend_{folder.id}", icon=":material/healing:", help=plain(what),
        on_click=attempt, args=(repeat,),
    )  # fmt: skip
    return True


def principal(codes: NDArray[np.float32], key: str) -> NDArray[np.float64]:
    """The first two principal components of codes (n, d), turned towards where they were drawn last: (n, 2)."""
    centred = codes - codes.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    layout = np.zeros((len(codes), 2))
    layout[:, : len(axes[:2])] = centred @ axes[:2].T
    before = st.session_state.get(f"forming_{key}")
    if before is not None and before.shape == layout.shape:
        u, _, v = np.linalg.svd(layout.T @ before)  # orthogonal Procrustes
        layout = layout @ (u @ v)
    st.session_state[f"forming_{key}"] = layout
    return layout
