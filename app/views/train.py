"""Train: from a few images to a checkpoint, in sight."""

from pathlib import Path

import numpy as np
import streamlit as st

from app import arrivals, cached, figures, forms, selection
from app.comparison import measured
from app.components.live_chart import live_chart
from app.components.strips import Strip, strips
from app.run_panel import run_panel
from app.text import plain, show_error
from app.uploads import keep
from glico.config import AUGMENTATIONS, DataConfig, TrainConfig
from glico.data import DATASETS
from glico.errors import GlicoError
from glico.runs.folder import RunFolder, list_runs
from glico.runs.launch import launch

PATH, UPLOAD = "a folder or file", "upload"
CLASSES_SHOWN, IMAGES_SHOWN = 12, 12
CHARTS = {  # value in the metrics -> title, log axis, percent
    "reconstruction": ("Reconstruction loss", True, False),
    "cross_entropy": ("Cross-entropy of the weak classifier", True, False),
    "cosine": ("Cosine loss of the weak classifier", True, False),
    "accuracy": ("Accuracy of the weak classifier on generated images", False, True),
}


def choose_dataset() -> str | None:
    """The data set's name or path, or None until there is one."""
    source = st.pills(
        "Images", [*DATASETS, PATH, UPLOAD], default="digits", required=True, wrap=True, key="train_source",
        persist_state="session",
    )  # fmt: skip
    if source in DATASETS:
        st.caption(plain(DATASETS[source].description) + "\\.")
        return source
    if source == PATH:
        path = st.text_input(
            "Folder with a folder a class, a .zip of one, or an .npz", key="train_path", persist_state="session",
            placeholder="/home/me/birds",
        )  # fmt: skip
        return path.strip() or None
    file = st.file_uploader("A .zip with a folder a class, or an .npz with MedMNIST's keys", ["zip", "npz"])
    return str(keep(file.name, file)) if file is not None else None


def fetch(config: DataConfig) -> None:
    """Offer the download of a known data set that is not here; the page goes on once it is."""
    st.info(plain(f"{config.dataset} is not on this machine: {DATASETS[config.dataset].description}."))
    if st.button("Download", icon=":material/download:"):
        from glico.data import load_configured

        bar = st.progress(0.0, text="Connecting.")

        def show(done: float, text: str) -> None:
            bar.progress(done, plain(text))

        load_configured(config.model_copy(update={"download": True}), show)
        st.rerun()
    st.stop()


def preview(config: DataConfig) -> None:
    """The small sample, class by class."""
    sample = cached.sample(config)
    classes = len(sample.class_names)
    st.markdown(f"**The small sample**: {len(sample.images)} images of {classes} classes")
    rows = []
    for label in range(min(classes, CLASSES_SHOWN)):
        own = np.flatnonzero(sample.labels == label)[:IMAGES_SHOWN]
        captions = [f"{sample.class_names[label]} · image {index}" for index in sample.indices[own]]
        rows.append(Strip(sample.class_names[label], sample.images[own], captions))
    strips(rows, "train_preview", tile=34)
    if classes > CLASSES_SHOWN:
        st.caption(f"and {classes - CLASSES_SHOWN} more classes")


def new_run() -> None:
    """The form beside the sample that it describes."""
    left, right = st.columns([5, 4], gap="large")
    with left:
        dataset = choose_dataset()
        values = forms.widgets(TrainConfig, "train", hide={"dataset"})
    with right:
        if dataset is None:
            st.info("Choose images on the left; they are shown here.", icon=":material/image:")
            return
        try:
            config = forms.validated(TrainConfig, {**values, "dataset": dataset})
            if dataset in DATASETS and not DATASETS[dataset].is_available():
                fetch(config)
            preview(config)
        except GlicoError as error:
            show_error(error)
            return
    with left:
        if st.button("Start training", type="primary", icon=":material/play_arrow:", key="train_start"):
            try:
                folder = launch(config)
            except GlicoError as error:
                show_error(error)
                return
            selection.update(run=folder.id)
            st.rerun()


def watch(runs: list[RunFolder]) -> None:
    """One training run, live."""
    by_id = {folder.id: folder for folder in runs}
    chosen = selection.current().run
    if chosen not in by_id:
        chosen = next((folder.id for folder in runs if folder.state.alive), runs[0].id)
    st.session_state["train_run"] = chosen

    def changed() -> None:
        selection.update(run=st.session_state["train_run"])

    st.selectbox("Run", list(by_id), key="train_run", on_change=changed)
    folder = by_id[chosen]
    alive = folder.state.alive

    @st.fragment(run_every=1.0 if alive else None)
    def live() -> None:
        state = folder.state
        if state.alive != alive:
            st.rerun()
        run_panel(folder, state)
        losses(folder)
        reconstructions(folder)
        if state.status == "done":
            finished(folder)

    live()


def losses(folder: RunFolder) -> None:
    """The losses so far, a chart each."""
    settings = folder.settings
    judged = (settings["classifier_loss"].replace("-", "_"), "accuracy") if settings["objective"] == "glico" else ()
    names = ("reconstruction", *judged)
    for column, name in zip(st.columns(len(names)), names, strict=True):
        title, log, percent = CHARTS[name]
        curve = figures.Curve(title, *measured(folder, name), AUGMENTATIONS["glico"].colour)
        with column:
            st.caption(title)
            figure = figures.lines([curve], "step", "", log_y=log, percent=percent, until=settings["steps"])
            live_chart(figure, f"{name}_{folder.id}", f"{title} by step", height=260)


def reconstructions(folder: RunFolder) -> None:
    """True images above what the generator makes of their codes."""
    shown = cached.arrays(folder.file("preview.npz"))
    if shown is None or "reconstructions" not in shown:
        return
    st.caption("True images, and below each its reconstruction")
    true = shown["images"]
    line = np.full_like(true[:, :1], 128)
    pairs = np.concatenate([true, line, shown["reconstructions"]], axis=1)
    strips([Strip("", pairs)], f"reconstructions_{folder.id}", tile=52, title="true images over reconstructions")


def finished(folder: RunFolder) -> None:
    """Where to go with the new checkpoint."""
    key = folder.id
    with st.container(horizontal=True):
        for label, view in (
            ("Show it on the map", "latent_map"),
            ("Interpolate", "interpolate"),
            ("Classify", "classify"),
        ):
            if st.button(label, key=f"{view}_{key}"):
                selection.update(checkpoint=key)
                st.switch_page(str(Path(__file__).with_name(f"{view}.py")))
        st.download_button(
            "Checkpoint", folder.file("checkpoint.safetensors").read_bytes, f"{key}.safetensors",
            icon=":material/download:", key=f"download_{key}",
        )  # fmt: skip


st.title("Train")
st.write("Learn one code for every image of a small sample, and a generator that draws images from codes.")
new_run()
known = arrivals.names()
runs = [folder for folder in list_runs() if folder.kind == "train"]
st.divider()
st.subheader("Runs")
if runs:
    watch(runs)
else:
    st.info("There is no training run yet. What you start above appears here, and stays.", icon=":material/info:")
arrivals.notice(known)
