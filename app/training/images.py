"""The images of a training: choose a data set, download it, and preview the small sample."""

from typing import Any

import numpy as np
import streamlit as st

from app import cached
from app.components.strips import Strip, strips
from app.session import public, uploads
from app.widgets import glossary
from app.widgets.text import plain
from glico.config import DataConfig
from glico.data import DATASETS
from glico.runs.naming import dataset_name

PATH, UPLOAD = "a folder or file", "upload"
CLASSES_SHOWN, IMAGES_SHOWN = 12, 12


def choose_dataset() -> str | None:
    """Return the chosen data set's name or path, or None."""
    sources = [UPLOAD, PATH, *DATASETS]
    if public.is_public():  # a visitor names no folder, and has nothing downloaded
        sources = [UPLOAD, *(name for name, known in DATASETS.items() if known.is_available())]
    source = st.pills(
        "Images", sources, default="digits", required=True, wrap=True, key="train_source",
        persist_state="session",
    )  # fmt: skip
    if source in DATASETS:
        st.caption(plain(DATASETS[source].description) + "\\.")
        return source
    if source == PATH:
        path = st.text_input(
            "Image folder (one folder per class), a .zip of one, or an .npz", key="train_path",
            persist_state="session", placeholder="/home/me/birds",
        )  # fmt: skip
        return path.strip() or None
    return _upload()


def _upload() -> str | None:
    """Return the path of an uploaded data set, now or earlier, or None."""
    file = st.file_uploader("A .zip with one folder per class, or an .npz with MedMNIST's keys", ["zip", "npz"])
    if file is not None:
        return str(uploads.store(file.name, file))
    stored = [] if public.is_public() else uploads.stored()  # a visitor does not see other visitors' uploads
    if not stored:
        return None
    chosen = st.selectbox(
        "or an earlier upload", stored, format_func=lambda path: dataset_name(str(path)) + path.suffix,
        index=None, key="train_uploaded", persist_state="session", placeholder="none",
    )  # fmt: skip
    return str(chosen) if chosen is not None else None


def offer_download(config: DataConfig) -> None:
    """Offer to download a known data set, and rerun the page when that is done."""
    st.info(plain(f"{config.dataset} is not on this machine: {DATASETS[config.dataset].description}."))
    if st.button("Download", icon=":material/download:"):
        from glico.data import load_configured

        bar = st.progress(0.0, text="Connecting.")

        def show(done: float, text: str) -> None:
            bar.progress(done, plain(text))

        load_configured(config.model_copy(update={"download": True}), show)
        st.rerun()


def preview(config: DataConfig) -> None:
    """Show the small sample by class and, for a person's own data, how many images each class has."""
    sample = cached.sample(config)
    classes = len(sample.class_names)
    st.markdown(
        f"**The small sample**: {len(sample.images)} images of {classes} classes", help=glossary.tip("small sample")
    )
    rows = []
    for label in range(min(classes, CLASSES_SHOWN)):
        own = np.flatnonzero(sample.labels == label)[:IMAGES_SHOWN]
        captions = [f"{sample.class_names[label]} · image {row}" for row in own]
        rows.append(Strip(sample.class_names[label], sample.images[own], captions))
    strips(rows, "train_preview", tile=34)
    if classes > CLASSES_SHOWN:
        st.caption(f"and {classes - CLASSES_SHOWN} more classes")
    if config.dataset not in DATASETS:
        _class_sizes(config)


def _class_sizes(config: DataConfig) -> None:
    sizes = cached.class_sizes(config)
    table = {
        "class": [size.name for size in sizes],
        "small sample": [size.taken for size in sizes],
        "training split": [size.training for size in sizes],
        "test split": [size.test for size in sizes],
    }
    height: Any = "content" if len(sizes) <= CLASSES_SHOWN else 35 * CLASSES_SHOWN
    st.dataframe(table, hide_index=True, key="train_sizes", height=height)
    if skipped := cached.dataset(config).left_out:
        st.caption(plain(f"Skipped, because they cannot be read: {', '.join(skipped[:CLASSES_SHOWN])}."))
