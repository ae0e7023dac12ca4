"""The images of a training: choose a data set, download it, and preview the small sample."""

from typing import Any

import numpy as np
import streamlit as st
from streamlit.typing import UploadedFile

from app import cached
from app.components.folder_drop import keep_paths_of_dropped_folders
from app.components.strips import Strip, strips
from app.session import public, uploads
from app.widgets import glossary
from app.widgets.feedback import show_error
from app.widgets.table import data_table
from app.widgets.text import plain
from glico.config import DataConfig
from glico.data import DATASETS
from glico.data.dataset import SHOWN
from glico.errors import GlicoError
from glico.runs.naming import dataset_name
from glico.words import counted

PATH, UPLOAD = "a folder or file", "upload"
STORED = "train_stored"  # in the session: the upload of the files that the page holds
WIDTH = 320  # CSS pixels of an upload field: two in a row, one on a phone
CLASSES_SHOWN, IMAGES_SHOWN = 12, 12


def choose_dataset() -> str | None:
    """Return the chosen data set's name or path, or None."""
    sources = [UPLOAD, PATH, *DATASETS]
    if public.is_public():  # a visitor names no folder, and has nothing downloaded
        sources = [UPLOAD, *(name for name, known in DATASETS.items() if known.is_available())]
    source = st.pills(
        "Images",
        sources,
        default="digits",
        required=True,
        wrap=True,
        key="train_source",
        persist_state="session",
    )
    if source in DATASETS:
        st.caption(plain(DATASETS[source].description) + "\\.")
        return source
    if source == PATH:
        path = st.text_input(
            "Image folder (one folder per class), a .zip of one, or an .npz",
            key="train_path",
            persist_state="session",
            placeholder="/home/me/birds",
        )
        return path.strip() or None
    return _upload()


def _upload() -> str | None:
    """Return the path of an uploaded data set, now or earlier, or None."""
    keep_paths_of_dropped_folders()
    with st.container(horizontal=True):
        folders = st.file_uploader(
            "A folder with one folder per class",
            accept_multiple_files="directory",
            key="train_folder",
            width=WIDTH,
            help="Drop one folder or several, or choose one after another. Tables of labels are read, too.",
        )
        files = st.file_uploader(
            "A .zip, an .npz, or images with a table",
            accept_multiple_files=True,
            key="train_files",
            width=WIDTH,
            help="A .zip of such a folder, an .npz with MedMNIST's keys, or images and a table of labels.",
        )
    if uploaded := [*folders, *files]:
        return _stored(uploaded)
    stored = [] if public.is_public() else uploads.stored()  # a visitor does not see other visitors' uploads
    if not stored:
        return None
    chosen = st.selectbox(
        "or an earlier upload",
        stored,
        format_func=lambda path: dataset_name(str(path)) + path.suffix,
        index=None,
        key="train_uploaded",
        persist_state="session",
        placeholder="none",
    )
    return str(chosen) if chosen is not None else None


def _stored(files: list[UploadedFile]) -> str | None:
    """Return the path at which the files of this page are stored; None if an error is shown instead."""
    upload: uploads.Upload | None = st.session_state.get(STORED)
    if upload is None or upload.ids != tuple(file.file_id for file in files) or not upload.path.exists():
        try:
            with st.spinner(f"Storing {counted(len(files), 'file')} …"):
                upload = uploads.store_all(files)
        except GlicoError as error:
            show_error(error)
            return None
        st.session_state[STORED] = upload
    if upload.refused:
        st.warning(
            plain(f"Some files were not uploaded, so the data set lacks them. {upload.refused}"),
            icon=":material/warning:",
        )
    return str(upload.path)


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
    table: dict[str, list[Any]] = {
        "class": [size.name for size in sizes],
        "small sample": [size.sample for size in sizes],
        "training split": [size.training for size in sizes],
        "test split": [size.test for size in sizes],
    }
    height: Any = "content" if len(sizes) <= CLASSES_SHOWN else 35 * CLASSES_SHOWN
    data_table(table, key="train_sizes", height=height)
    contents = cached.dataset(config).contents
    for words in contents.cautions:
        st.warning(plain(words), icon=":material/warning:")
    st.caption("  \n".join(plain(words) for words in contents.sentences() if words not in contents.cautions))
    if len(contents.skipped) > SHOWN:
        with st.expander(f"All {len(contents.skipped):,} that were skipped"):
            data_table({"name": [public.without_paths(name) for name in contents.skipped]})
