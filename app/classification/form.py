"""The form that starts classifier runs: methods, seeds and settings, and the images that would be generated."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import cached
from app.classification.generated import generated_images
from app.classification.source_images import source_rows
from app.session import public, selection
from app.widgets import forms
from app.widgets.checkpoint_picker import choose_checkpoint
from app.widgets.text import plain
from glico.checkpoints.named import data_set_of
from glico.config import OFFERED, ClassifyConfig, TrainConfig
from glico.config.augmentations import parts_of
from glico.config.data import IN_MEMORY
from glico.data.catalogue import written_path
from glico.data.dataset import KnownDataset
from glico.data.known import DATASETS
from glico.errors import GlicoError
from glico.runs.folder import list_runs
from glico.runs.kinds import run_id
from glico.runs.naming import dataset_name
from glico.words import counted

CHOSEN_HERE = ("checkpoint", "augmentation", "seed", "drawn_from")  # fields that are not in the form of the schema
OPENED = "classify_opened"  # in the session: the page was shown before, so that a choice of checkpoint is the person's
REPLACED = "classify_replaced"  # in the session: the name of the data set that the digits were chosen instead of
STARTED = "classify_started"  # in the session: how many times runs were started


def show() -> list[ClassifyConfig] | None:
    """Show the form; return the configurations that it would launch, or None if a field is wrong.

    They are in the order of the seeds, so that all methods progress together. Raises GlicoError.
    """
    _prefer_digits()
    left, right = st.columns([1, 1], gap="large")
    with left:
        file = choose_checkpoint("Checkpoint")
        _say_digits(file)
        config = file.config
        sample = f"{config.sample_size} images per class of {dataset_name(config.dataset)}, seed {config.seed}"
        st.caption(plain(f"{sample}; trained as {config.objective.upper()}."))
    with right:
        methods = _choose_methods()
        seeds = forms.number(
            "Seeds",
            1,
            100,
            3,
            "classify_seeds",
            width=160,
            help="Every method is trained once with each of the seeds 0, 1, 2 …; differences are paired by seed.",
        )
    rows = source_rows(file)
    note = st.container()
    values = forms.widgets(ClassifyConfig, "classify", hide=CHOSEN_HERE) | {"drawn_from": rows}
    if seeds is None or methods is None or forms.faults(ClassifyConfig, values):
        return None
    if (known := missing_dataset(values["dataset"] or config.dataset)) and not values["download"]:
        with note:
            _offer_digits(known)
        return None
    if problem := dataset_problem(config, values["dataset"]):
        note.warning(plain(problem), icon=":material/warning:")
        return None
    if st.toggle("Show generated images", key="classify_generated", persist_state="session"):
        with st.container(border=True):
            _show_generated(file, values)
    return configurations(str(file.path), methods, seeds, values)


def _choose_methods() -> list[str] | None:
    """Show the choice of methods; return their names, or None if a typed one is no method."""
    single = st.pills(
        "Augmentation",
        [name for name in OFFERED if len(parts_of(name)) < 2],
        selection_mode="multi",
        default=["standard", "glico"],
        wrap=True,
        key="classify_methods",
        persist_state="session",
        help=plain(ClassifyConfig.describe("augmentation").help),
    )
    composed = st.multiselect(
        "One augmentation, then another",
        [name for name in OFFERED if len(parts_of(name)) > 1],
        key="classify_composed",
        accept_new_options=True,
        persist_state="session",
        placeholder="Choose or type, such as class-mix+mixup",
        help="Join any of the names above with +. An augmentation before class-mix, class-patch, class-morph, "
        "class-warp or glico+detail changes the two images that it combines.",
    )
    try:
        for name in composed:
            ClassifyConfig.check("augmentation", name)
    except GlicoError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    return [*single, *composed]


def _prefer_digits() -> None:
    """Choose the digits, once in a session, if the checkpoint that the app opens on needs a data set that is missing.

    A checkpoint that a person has chosen stays.
    """
    chosen = selection.current()
    first = not st.session_state.get(OPENED)
    st.session_state[OPENED] = True
    if not first or chosen.checkpoint != selection.DEFAULT.checkpoint or chosen.runs.drawn_from:
        return
    file = next((each for each in cached.checkpoints() if each.key == chosen.checkpoint), None)
    if file is not None and missing_dataset(file.config.dataset):
        st.session_state[REPLACED] = file.config.dataset
        selection.update(**selection.DIGITS)


def _say_digits(file: cached.CheckpointFile) -> None:
    """Say why the digits are chosen, while they are."""
    if (name := st.session_state.get(REPLACED)) and file.key == selection.DIGITS["checkpoint"]:
        words = f"The digits are chosen, because the images of {name}, on which the app opens, are not on this machine."
        st.caption(plain(words))


def configurations(checkpoint: str, methods: Sequence[str], seeds: int, values: dict[str, Any]) -> list[ClassifyConfig]:
    """Return a configuration for every method and seed; settings that a method does not use are at their defaults.
    Raises GlicoError."""
    configs = []
    for seed in range(seeds):
        for method in methods:
            settings = {**values, "checkpoint": checkpoint, "augmentation": method, "seed": seed}
            configs.append(forms.validated(ClassifyConfig, ClassifyConfig.used(settings)))
    return configs


def missing_dataset(dataset: str) -> KnownDataset | None:
    """Return the known data set of this name if it is not on this machine, else None."""
    known = DATASETS.get(dataset)
    return None if known is None or known.is_available() else known


def dataset_problem(config: TrainConfig, named: str | None) -> str:
    """Return a sentence if the data set of a checkpoint trained by ``config`` cannot be opened here, else nothing.

    A person may have ``named`` its place. A visitor learns nothing about the paths that exist.
    """
    try:
        dataset = data_set_of(config, named)
    except GlicoError as error:
        return str(error)
    if dataset == IN_MEMORY:
        return (
            "The checkpoint was fitted on arrays in memory, which are not stored as a data set. Name a folder or file "
            "with the same images in the field Dataset."
        )
    if public.is_public() or dataset in DATASETS or Path(written_path(dataset)).expanduser().exists():
        return ""
    return f"There is no data set at {dataset}. Name the place of the checkpoint's images in the field Dataset."


def offer_start(configs: list[ClassifyConfig] | None) -> tuple[list[ClassifyConfig], DeltaGenerator]:
    """Show how many runs the form makes, and the button that starts those that are left.

    Return those that are left, and the place for the estimate of their time.
    """
    if configs is None:
        st.button("Start", type="primary", key="classify_start", icon=":material/play_arrow:", disabled=True)
        return [], st.empty()
    if not configs:
        st.info("Choose at least one augmentation.", icon=":material/info:")
        return [], st.empty()
    present = {folder.id: folder.state for folder in list_runs()}
    states = [present.get(run_id(config)) for config in configs]
    done = sum(state is not None and state.status == "done" for state in states)
    alive = sum(state is not None and state.alive for state in states)
    left = [
        config
        for config, state in zip(configs, states, strict=True)
        if state is None or not (state.alive or state.status == "done")
    ]
    methods = len({config.augmentation for config in configs})
    words = f"{counted(len(configs), 'run')}: {counted(methods, 'method')} × {counted(len(configs) // methods, 'seed')}"
    if done or alive:
        parts = [f"{done} have finished"] * (done > 0) + [f"{alive} are running below"] * (alive > 0)
        words += f", of which {' and '.join(parts)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        clicked = st.button(
            f"Start {counted(len(left), 'run')}" if left else "All are started",
            type="primary",
            key="classify_start",
            icon=":material/play_arrow:",
            disabled=not left,
        )
        st.write(plain(words))
        slot = st.empty()
    if clicked:
        _start(left)
    return left, slot


def _start(configs: list[ClassifyConfig]) -> None:
    """Launch the runs, select the first, and rerun the page."""
    folders = [public.launch(config) for config in configs]
    selection.update(run=folders[0].id)
    st.session_state[STARTED] = st.session_state.get(STARTED, 0) + 1
    st.toast(f"{counted(len(folders), 'run')} started.", icon=":material/play_circle:")
    st.rerun()


def _offer_digits(known: KnownDataset) -> None:
    """Say that the checkpoint's data set is needed for training and testing, and offer the digits instead."""
    here = "use the digits, which are here"
    if not public.is_public():
        here = f"switch on Download below ({known.download}, once), or {here}"
    st.info(
        f"A classifier needs the data set itself, {plain(known.about)}, which is not on this machine: {here}.",
        icon=":material/download:",
    )
    st.button(
        "Use digits instead",
        key="use_digits",
        icon=":material/looks_one:",
        on_click=selection.update,
        kwargs=selection.DIGITS,
    )


def _show_generated(file: cached.CheckpointFile, values: dict[str, Any]) -> None:
    method = "glico"
    if file.config.store_images:
        method = st.segmented_control(
            "Generated by",
            ["glico", "glico+detail"],
            default="glico",
            required=True,
            key="classify_generated_by",
            persist_state="session",
        )
    generated_images(file, configurations(str(file.path), [method], 1, values)[0])
