"""The classifier of a finished run: export it, or classify images with it."""

from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from app import cached
from app.cached.keys import stamp
from app.components.strips import Strip, strips
from app.runs.naming import run_titles
from app.widgets.feedback import show_error
from app.widgets.table import data_table
from app.widgets.text import plain
from glico.data.images import SUFFIXES, ImageFile, read_images
from glico.errors import GlicoError
from glico.runs import pytorch_work, worker
from glico.runs.folder import RunFolder
from glico.words import percent

if TYPE_CHECKING:
    from glico.checkpoints.classifier_file import ClassifierFile
    from glico.types import Floats, Images

MOST = 200  # images at once


def try_classifier(runs: Sequence[RunFolder]) -> None:
    """Let a person choose one of the finished runs, export its classifier, and classify images with it."""
    run = _choose(runs)
    if run is None:
        st.info("None of these runs has saved a classifier yet.", icon=":material/hourglass_empty:")
        return
    path = run.file("classifier.safetensors")
    classifier = cached.classifier_file(path)
    _export(run.id, path, classifier)
    names, images = _upload(classifier)
    if names and images is not None:
        predictions = worker.call(pytorch_work.predict, path, stamp(path), images)
        _show_predictions(classifier, names, images, predictions)


def _choose(runs: Sequence[RunFolder]) -> RunFolder | None:
    """Return the chosen run, at first the most accurate; None if none has a classifier."""
    usable = {run.id: run for run in runs if run.file("classifier.safetensors").exists()}
    if not usable:
        return None
    best = max(usable, key=lambda name: (usable[name].result or {}).get("accuracy", 0))
    titles = run_titles(list(usable.values()))
    chosen = st.selectbox(
        "Classifier of the run",
        list(usable),
        index=list(usable).index(best),
        format_func=titles.__getitem__,
        key="use_run",
    )
    return usable[chosen]


def _export(name: str, path: Path, classifier: "ClassifierFile") -> None:
    from glico.checkpoints.classifier_file import NO_ONNX, can_write_onnx

    def written(kind: Literal["torchscript", "onnx"]) -> Callable[[], bytes]:
        return lambda: worker.call(pytorch_work.export_classifier, path, stamp(path), kind)

    if not classifier.is_deployable:
        st.caption("This classifier cannot be exported: its training images have a border, which no file can add.")
        return
    with st.container(horizontal=True):
        st.download_button(
            "TorchScript",
            written("torchscript"),
            f"{name}.pt",
            on_click="ignore",
            icon=":material/download:",
            key="use_torchscript",
            help="For torch.jit.load. Takes images (B, 1 or 3, H, W) of any size, uint8 or in 0 to 1; returns "
            "probabilities.",
        )
        writable = can_write_onnx()
        st.download_button(
            "ONNX",
            written("onnx"),
            f"{name}.onnx",
            on_click="ignore",
            icon=":material/download:",
            key="use_onnx",
            disabled=not writable,
            help="Takes RGB images (B, 3, H, W) of any size, uint8; returns probabilities." if writable else NO_ONNX,
        )


def _upload(classifier: "ClassifierFile") -> "tuple[list[str], Images | None]":
    """Return the names and the pixels of the images that a person uploads; none if there are none to show."""
    height, width, _ = classifier.image_shape
    files = st.file_uploader(
        "Images to classify", sorted(suffix[1:] for suffix in SUFFIXES), accept_multiple_files=True, key="use_images"
    )
    if not files:
        st.caption(plain(f"Each image is prepared as the training images were, at {width} x {height} pixels."))
        return [], None
    uploaded = [ImageFile(file.name, partial(BytesIO, file.getvalue())) for file in files[:MOST]]
    try:
        read = read_images(uploaded, classifier.preparation, unreadable="leave-out")
    except GlicoError as error:
        show_error(error)
        return [], None
    if read.skipped:
        st.warning(plain(f"Skipped, because they cannot be read as images: {', '.join(read.skipped)}."))
    return [file.name for file, readable in zip(uploaded, read.readable, strict=True) if readable], read.images


def _show_predictions(classifier: "ClassifierFile", names: list[str], images: "Images", predictions: "Floats") -> None:
    """Show the images by predicted class, and the predictions as a table."""
    confidences, classes = predictions.max(axis=1), predictions.argmax(axis=1)
    rows: dict[str, list[int]] = {}
    for place, label in enumerate(classes.tolist()):
        rows.setdefault(classifier.class_names[label], []).append(place)
    captions = [f"{name} · {percent(p)}" for name, p in zip(names, confidences.tolist(), strict=True)]
    strips(
        [Strip(name, images[places], [captions[place] for place in places]) for name, places in rows.items()],
        "use_answers",
        tile=64,
    )
    table = {
        "image": names,
        "class": [classifier.class_names[label] for label in classes.tolist()],
        "probability": confidences.tolist(),
    }
    share = st.column_config.NumberColumn(format="percent")
    data_table(table, key="use_table", column_config={"probability": share})
