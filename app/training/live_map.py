"""The codes of a training in progress: their map, pixel error and purity, and warnings of collapse."""

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
from glico.latent.collapse import fix_for, is_collapsing, warning
from glico.latent.projection import principal, rotation
from glico.latent.structure import NEIGHBOURS, per_image
from glico.runs.folder import RunFolder
from glico.runs.state import State
from glico.types import Layout


def live_map(folder: RunFolder, state: State) -> None:
    """Show the current codes by class, how well the images are reconstructed, and how well the codes are grouped."""
    arrays = cached.run_preview(folder.file("preview.npz"), folder.kind)
    if arrays is None or not {"codes", "labels"} <= arrays.keys():
        return
    codes, labels = arrays["codes"].astype(np.float32), arrays["labels"]
    error = pixel_error(arrays["images"], arrays["reconstructions"])
    words = f"Step {int(arrays['step'])}: pixel error {error:.1f} grey levels of 255"
    if not show_warnings(folder, state):
        purity = per_image(codes, labels)["purity"]
        if len(purity) and not np.isnan(purity).all():
            words += f" · {NEIGHBOURS}-NN purity {np.nanmean(purity):.2f}"
    st.caption(words, help=glossary.tip("pixel error", "purity", "collapse"))
    figure = figures.scatter(aligned_pca(codes, folder.id).astype(np.float64), labels)
    live_chart(figure, f"live_map_{folder.id}", "the current codes by class (PCA)", height=260)


def pixel_error(images: NDArray[np.uint8], reconstructions: NDArray[np.uint8]) -> float:
    """Return the root mean square error over pixels in grey levels, averaged over images (n, H, W, C)."""
    difference = images.astype(np.float32) - reconstructions
    return float(np.sqrt((difference**2).mean(axis=(1, 2, 3))).mean())


def show_warnings(folder: RunFolder, state: State) -> bool:
    """Show the warnings of a training, and offer a run with corrected settings if a class has collapsed.

    Return whether one has: then purity means nothing.
    """
    result = (folder.result or {}) if state.status == "done" else {}
    for words in result.get("warnings", []):
        st.warning(plain(words), icon=":material/warning:")
    collapsed = bool(result.get("collapsed")) or is_collapsing(cached.metrics(folder.path), folder.settings["steps"])
    if not collapsed:
        return False
    try:
        config = folder.config
    except GlicoError:  # another version configured it
        return True
    fix, changes = fix_for(config)
    if not result:
        arrays = cached.run_preview(folder.file("preview.npz"), folder.kind) or {}
        names = arrays.get("merged", np.array([])).tolist()
        words = warning(names, config) if names else f"A class is collapsing: {fix}."
        st.warning(plain(words), icon=":material/warning:")

    def repeat() -> None:
        selection.update(run=public.launch(config.model_copy(update=changes)).id)

    st.button(
        "Repeat with the suggested change",
        key=f"fix_{folder.id}",
        icon=":material/healing:",
        help=plain(fix),
        on_click=attempt,
        args=(repeat,),
    )
    return True


def aligned_pca(codes: NDArray[np.float32], key: str) -> Layout:
    """Return the first two principal components of codes (n, d), rotated towards the last layout of this ``key``."""
    layout = principal(codes, 2)
    last: Layout | None = st.session_state.get(f"live_map_{key}")
    if last is not None and last.shape == layout.shape:
        layout = layout @ rotation(layout, last)
    st.session_state[f"live_map_{key}"] = layout
    return layout
