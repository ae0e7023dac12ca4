"""Train: from a few images to a pair of checkpoints, in sight."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import cached
from app.components.live_chart import live_chart
from app.components.strips import Strip, strips
from app.components.visit import arrive
from app.results.comparison import measured
from app.runs.naming import edit_about, run_titles, show_about
from app.runs.panel import expected, notice_changes, progress_text, run_names, run_panel
from app.session import public, selection
from app.session.uploads import keep, kept
from app.training.live_map import forming
from app.widgets import figures, forms, glossary
from app.widgets.feedback import show_error
from app.widgets.text import counted, plain
from glico.config import AUGMENTATIONS, DataConfig, TrainConfig
from glico.data import DATASETS
from glico.errors import GlicoError, MendableError
from glico.files import read_bytes
from glico.runs.folder import RunFolder, list_runs
from glico.runs.naming import About, dataset_name
from glico.training.cautions import cautions

PATH, UPLOAD = "a folder or file", "upload"
FIRST = ("samples_per_class", "resolution", "steps")
OBJECTIVES = {  # how it is asked for -> what is trained, and what the button says
    "GLO and GLICO": (("glo", "glico"), "Train GLO and GLICO as a pair"),
    "GLICO": (("glico",), "Train GLICO"),
    "GLO": (("glo",), "Train GLO"),
}
TRADE_OFF = (
    "GLO only reconstructs: the sharpest images, classes mixed in the latent space. GLICO also pulls the images of a "
    "class together: grouped codes, at a small cost in sharpness. As a pair they show what that costs and what it buys."
)
CLASSES_SHOWN, IMAGES_SHOWN = 12, 12
CHARTS = {  # value in the metrics -> title, log axis, percent
    "reconstruction": ("Reconstruction loss", True, False),
    "cross_entropy": ("Cross-entropy of the weak classifier", True, False),
    "cosine": ("Cosine loss of the weak classifier", True, False),
    "accuracy": ("Accuracy of the weak classifier on generated images", False, True),
}


def choose_dataset() -> str | None:
    """The data set's name or path, or None until there is one."""
    sources = [UPLOAD, *DATASETS] if public.is_public() else [UPLOAD, PATH, *DATASETS]
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
    file = st.file_uploader("A .zip with one folder per class, or an .npz with MedMNIST's keys", ["zip", "npz"])
    if file is not None:
        return str(keep(file.name, file))
    before = [] if public.is_public() else kept()  # a visitor sees no other visitor's
    if not before:
        return None
    chosen = st.selectbox(
        "or one that was uploaded before", before, format_func=lambda path: dataset_name(str(path)) + path.suffix,
        index=None, key="train_uploaded", persist_state="session", placeholder="none",
    )  # fmt: skip
    return str(chosen) if chosen is not None else None


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


def preview(config: DataConfig) -> None:
    """The small sample, class by class."""
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
        sizes = cached.class_sizes(config)
        table = {
            "class": [size.name for size in sizes],
            "learned from": [size.taken for size in sizes],
            "in the training split": [size.training for size in sizes],
            "in the test split": [size.test for size in sizes],
        }
        height: Any = "content" if classes <= CLASSES_SHOWN else 35 * CLASSES_SHOWN
        st.dataframe(table, hide_index=True, key="train_sizes", height=height)
        if left_out := cached.dataset(config).left_out:
            st.caption(plain(f"Left out, since it cannot be read: {', '.join(left_out[:CLASSES_SHOWN])}."))


def new_run() -> tuple[list[TrainConfig], DeltaGenerator]:
    """The form beside the sample that it describes; what it would train, and where to say how long that takes."""
    left, right = st.columns([5, 4], gap="large")
    with left:
        dataset = choose_dataset()
        asked = st.segmented_control(
            "Objective", list(OBJECTIVES), default=next(iter(OBJECTIVES)), required=True, key="train_objective",
            persist_state="session", help=glossary.tip("GLO", "GLICO"),
        )  # fmt: skip
        objectives, words = OBJECTIVES[asked]
        st.caption(TRADE_OFF)
        values = forms.widgets(TrainConfig, "train", hide={"dataset", "objective"}, first=FIRST)
        button = st.container(horizontal=True, vertical_alignment="center")
    configs: list[TrainConfig] = []
    with right:
        if dataset is None:
            st.info("Choose images on the left; they are shown here.", icon=":material/image:")
        elif not forms.faults(TrainConfig, values):
            configs = seen(dataset, objectives, values)
    with button:
        clicked = st.button(
            words, type="primary", icon=":material/play_arrow:", key="train_start", disabled=not configs
        )
        slot = st.empty()
    if clicked:
        with left:
            begin(configs)
    return configs, slot


def seen(dataset: str, objectives: tuple[str, ...], values: Mapping[str, Any]) -> list[TrainConfig]:
    """Show the sample; gives what can be trained on it, nothing where a sentence says what is wrong with it."""
    try:
        made = [
            forms.validated(TrainConfig, {**values, "dataset": dataset, "objective": objective})
            for objective in objectives
        ]
        if dataset in DATASETS and not DATASETS[dataset].is_available():
            fetch(made[0])
            return []
        preview(made[0])
        for words in dict.fromkeys(words for config in made for words in cautions(config, cached.sample(config))):
            st.warning(plain(words), icon=":material/warning:")
    except GlicoError as error:
        show_error(error)
        if isinstance(error, MendableError):
            mended = {f"train_{name}": value for name, value in error.settings.items()}
            st.button(
                plain(error.mend), icon=":material/healing:", key="train_mend", on_click=st.session_state.update,
                args=(mended,),
            )  # fmt: skip
        return []
    return made


def begin(configs: list[TrainConfig]) -> None:
    """Launch them and show the first one at work."""
    try:
        folders = [public.launch(config) for config in configs]
    except GlicoError as error:
        show_error(error)
        return
    selection.update(run=folders[0].id)
    st.session_state["train_started"] = st.session_state.get("train_started", 0) + 1
    st.toast("Training has started.", icon=":material/play_circle:")
    st.rerun()


def estimate(configs: list[TrainConfig], slot: DeltaGenerator) -> None:
    """About how long it takes, from a few steps of each: a second or two, so the page is drawn first."""
    if configs:
        slot.caption("Timing a few steps …")
        slot.write(plain(expected(configs)))


def counterpart(run: RunFolder, runs: list[RunFolder]) -> RunFolder | None:
    """The run of the other objective on the same images with the same settings, if there is one."""

    def alike(settings: Mapping[str, Any]) -> dict[str, Any]:
        as_one = {**settings, "objective": "glico"}
        return TrainConfig.computing(as_one)

    own = alike(run.settings)
    return next(
        (
            other
            for other in runs
            if other.settings["objective"] != run.settings["objective"] and alike(other.settings) == own
        ),
        None,
    )


def watch(runs: list[RunFolder]) -> None:
    """One training run, or GLO beside GLICO, live."""
    by_id = {folder.id: folder for folder in runs}
    chosen = selection.current().run
    if chosen not in by_id:
        chosen = next((folder.id for folder in runs if folder.state.alive), runs[0].id)
    st.session_state["train_run"] = chosen
    titles = run_titles(runs)

    def changed() -> None:
        selection.update(run=st.session_state["train_run"])

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Run", list(by_id), format_func=titles.__getitem__, key="train_run", on_change=changed, help=plain(chosen),
            width=520,
        )  # fmt: skip
        edit_about(by_id[chosen], titles[chosen])
    show_about(About.read(by_id[chosen].path))
    other = counterpart(by_id[chosen], runs)
    pair = sorted([by_id[chosen], *([other] if other else [])], key=lambda run: run.settings["objective"] == "glico")
    alive = [run.id for run in runs if run.state.alive]

    @st.fragment(run_every=1.0 if alive else None)
    def live() -> None:
        states = {run.id: run.state for run in runs}
        if [name for name, state in states.items() if state.alive] != alive:
            st.rerun()
        for name in alive:
            if name not in {run.id for run in pair}:
                st.caption(plain(f"Also {states[name].status}: {titles[name]}. ") + progress_text(states[name]))
        for column, folder in zip(st.columns(len(pair), gap="large"), pair, strict=True):
            with column:
                if len(pair) > 1:
                    st.markdown(f"**{plain(titles[folder.id])}**")
                run_panel(folder, states[folder.id])
                forming(folder, states[folder.id])
                reconstructions(folder)
                losses(folder, wide=len(pair) == 1)
                if states[folder.id].status == "done":
                    finished(folder)

    live()


def losses(folder: RunFolder, wide: bool) -> None:
    """The losses so far, a chart each: side by side where the run has the page for itself."""
    settings = folder.settings
    judged = (settings["classifier_loss"].replace("-", "_"), "accuracy") if settings["objective"] == "glico" else ()
    names = ("reconstruction", *judged)
    slots = st.columns(len(names)) if wide else [st.container() for _ in names]
    for slot, name in zip(slots, names, strict=True):
        title, log, percent = CHARTS[name]
        curve = figures.Curve(title, *measured(folder, name), AUGMENTATIONS["glico"].colour)
        with slot:
            st.caption(title)
            figure = figures.lines([curve], "step", "", log_y=log, percent=percent, until=settings["steps"])
            live_chart(figure, f"{name}_{folder.id}", f"{title} by step", height=260 if wide else 200)


def reconstructions(folder: RunFolder) -> None:
    """Originals above what the generator makes of their codes."""
    shown = cached.arrays(folder.file("preview.npz"))
    if shown is None or "reconstructions" not in shown:
        return
    st.caption("Originals, and below each its reconstruction")
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
            "Checkpoint", partial(read_bytes, folder.file("checkpoint.safetensors"), "checkpoint_mib"),
            f"{key}.safetensors",
            icon=":material/download:", key=f"download_{key}",
        )  # fmt: skip


st.title("Train")
st.write("Learn one code for every image of a small sample, and a generator that turns a code into an image.")
asked = new_run()
known = run_names()
runs = [folder for folder in list_runs() if folder.kind == "train"]
st.divider()
if started := st.session_state.get("train_started"):
    arrive("train_arrive", f"training {started}")
st.subheader("Runs", anchor=False)
if runs:
    at_work = sum(run.state.alive for run in runs)
    if at_work > 1:
        st.caption(plain(f"{counted(at_work, 'run')} running or waiting for a free processor."))
    watch(runs)
else:
    st.info("There are no training runs yet. Runs that you start above appear here.", icon=":material/info:")
try:
    estimate(*asked)
except GlicoError as error:
    asked[1].empty()
    show_error(error)
notice_changes(known)
