"""The classifier of a finished run, put to use: on dropped images, and as a file to take away."""

from collections.abc import Sequence
from functools import partial
from io import BytesIO

import streamlit as st

from app import cached
from app.components.strips import Strip, strips
from app.runs.naming import run_titles
from app.widgets.feedback import show_error
from app.widgets.text import plain
from glico.data.images import SUFFIXES, ImageFile, read_images
from glico.errors import GlicoError
from glico.runs.folder import RunFolder

MOST = 200  # images looked at at once


def use(runs: Sequence[RunFolder]) -> None:
    """Choose one of the finished runs; drop images on its classifier, or take it away."""
    usable = {run.id: run for run in runs if run.file("classifier.safetensors").exists()}
    if not usable:
        st.info("None of these runs has saved a classifier yet.", icon=":material/hourglass_empty:")
        return
    best = max(usable, key=lambda name: (usable[name].result or {}).get("accuracy", 0))
    titles = run_titles(list(usable.values()))
    chosen = st.selectbox(
        "Classifier of the run", list(usable), index=list(usable).index(best), format_func=titles.__getitem__,
        key="use_run",
    )  # fmt: skip
    path = usable[chosen].file("classifier.safetensors")
    trained = cached.trained_classifier(path)
    height, width, channels = trained.image_shape
    from glico.checkpoints.onnx_file import NO_ONNX, can_write_onnx  # which imports torch

    with st.container(horizontal=True):
        st.download_button(
            "TorchScript", trained.torchscript, f"{chosen}.pt", on_click="ignore", icon=":material/download:",
            key="use_torchscript",
            help="For torch.jit.load. Takes images (B, 1 or 3, H, W) of any size, uint8 or in 0 to 1; gives "
            "probabilities.",
        )  # fmt: skip
        writable = can_write_onnx()
        st.download_button(
            "ONNX", trained.onnx, f"{chosen}.onnx", on_click="ignore", icon=":material/download:", key="use_onnx",
            disabled=not writable,
            help="Takes RGB images (B, 3, H, W) of any size, uint8; gives probabilities." if writable else NO_ONNX,
        )  # fmt: skip
    files = st.file_uploader(
        "Images to classify", sorted(suffix[1:] for suffix in SUFFIXES), accept_multiple_files=True, key="use_images"
    )
    if not files:
        st.caption(plain(f"Each image is cropped to its centre square and resized to {width} x {height} pixels first."))
        return
    handed = [ImageFile(file.name, partial(BytesIO, file.getvalue())) for file in files[:MOST]]
    try:
        found = read_images(handed, height, "grey" if channels == 1 else "rgb", unreadable="leave-out")
    except GlicoError as error:
        show_error(error)
        return
    if found.left_out:
        st.warning(plain(f"Left out, because it cannot be read as an image: {', '.join(found.left_out)}."))
    images = found.images
    names = [file.name for file, readable in zip(handed, found.readable, strict=True) if readable]
    if not names:
        return
    sure, classes = trained.probabilities(images).max(dim=1)
    rows: dict[str, list[int]] = {}
    for place, label in enumerate(classes.tolist()):
        rows.setdefault(trained.class_names[label], []).append(place)
    captions = [f"{name} · {p:.0%}" for name, p in zip(names, sure.tolist(), strict=True)]
    strips(
        [Strip(name, images[places], [captions[place] for place in places]) for name, places in rows.items()],
        "use_answers", tile=64,
    )  # fmt: skip
    table = {
        "image": names,
        "class": [trained.class_names[label] for label in classes.tolist()],
        "probability": sure.tolist(),
    }
    percent = st.column_config.NumberColumn(format="percent")
    st.dataframe(table, hide_index=True, key="use_table", column_config={"probability": percent})
