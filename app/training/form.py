"""The form that starts a training, next to the sample that it would train on."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import cached
from app.decisions.ledger import ledger_of
from app.session import public, selection
from app.training import duplicates, images, preparation
from app.widgets import forms, glossary
from app.widgets.feedback import show_error
from app.widgets.text import plain
from glico.config import TrainConfig
from glico.data import DATASETS
from glico.data.catalogue import RESOLUTION
from glico.errors import FixableError, GlicoError
from glico.training.cautions import cautions
from glico.words import counted

FIRST = ("samples_per_class", "resolution", "steps")
STARTED = "train_started"  # in the session: how many times a training was started
OBJECTIVES = {  # choice -> the objectives that are trained, and the button's label
    "GLO and GLICO": (("glo", "glico"), "Train GLO and GLICO as a pair"),
    "GLICO": (("glico",), "Train GLICO"),
    "GLO": (("glo",), "Train GLO"),
}
TRADE_OFF = (
    "GLO only reconstructs: the sharpest images, classes mixed in the latent space. GLICO also pulls the images of a "
    "class together: grouped codes, at a small cost in sharpness. Train both to see that cost and that gain."
)


def show() -> tuple[list[TrainConfig], DeltaGenerator]:
    """Show the form; return the configurations that it would train, and the place for the estimate of their time."""
    left, right = st.columns([5, 4], gap="large")
    with left:
        dataset = images.choose_dataset()
        choice = st.segmented_control(
            "Objective",
            list(OBJECTIVES),
            default=next(iter(OBJECTIVES)),
            required=True,
            key="train_objective",
            persist_state="session",
            help=glossary.tip("GLO", "GLICO"),
        )
        objectives, words = OBJECTIVES[choice]
        st.caption(TRADE_OFF)
        is_own = dataset is not None and dataset not in DATASETS
        hidden = {"dataset", "objective", *(preparation.FIELDS if is_own else ())}  # those are chosen by the sample
        values = forms.widgets(TrainConfig, "train", hide=hidden, first=FIRST, automatic=own_size(dataset))
        button = st.container(horizontal=True, vertical_alignment="center")
    configs: list[TrainConfig] = []
    with right:
        if dataset is None:
            st.info("Choose images on the left; they are shown here.", icon=":material/image:")
        elif not forms.faults(TrainConfig, values):
            configs = _preview(dataset, objectives, values)
    with button:
        clicked = st.button(
            words, type="primary", icon=":material/play_arrow:", key="train_start", disabled=not configs
        )
        slot = st.empty()
    if clicked:
        with left:
            _start(configs)
    return configs, slot


def own_size(dataset: str | None) -> dict[str, str]:
    """Return the meaning of an empty resolution, by the field's name; empty until a data set is chosen."""
    if dataset is None:
        return {}
    if dataset in DATASETS:
        return {"resolution": f"{DATASETS[dataset].resolution} by default"}
    of_file = dataset.lower().endswith(".npz")
    return {"resolution": f"its own, at most {RESOLUTION}" if of_file else f"{RESOLUTION} by default"}


def _with_own_decisions(configs: list[TrainConfig]) -> list[TrainConfig]:
    """Return the configurations with the person's decisions on their data set, unless they switch these off. Raises
    GlicoError if the decisions are damaged."""
    ledger = None if configs[0].decisions else ledger_of(configs[0], configs[0].dataset)
    count = len(ledger.read().decisions) if ledger else 0
    if ledger is None or not count:
        return configs
    words = f"Use your {counted(count, 'decision')} on single images"
    if not st.toggle(words, value=True, key="train_own_decisions", persist_state="session"):
        return configs
    decisions = str(ledger.frozen())
    return [config.model_copy(update={"decisions": decisions}) for config in configs]


def _preview(dataset: str, objectives: tuple[str, ...], values: Mapping[str, Any]) -> list[TrainConfig]:
    """Show the sample; return the configurations that can be trained on it, none if an error is shown instead."""

    def configured(settings: Mapping[str, Any]) -> list[TrainConfig]:
        common = {**values, **settings, "dataset": dataset}
        return [forms.validated(TrainConfig, common | {"objective": objective}) for objective in objectives]

    is_own = dataset not in DATASETS
    try:
        configs = configured(preparation.current() if is_own else {})
        if dataset in DATASETS and not DATASETS[dataset].is_available():
            images.offer_download(configs[0])
            return []
        if is_own:
            configs = configured(preparation.effective(configs[0]))
        configs = _with_own_decisions(configs)
        images.preview(configs[0])
        if is_own:
            preparation.show(configs[0])
            duplicates.show(configs[0])
        warnings = [words for config in configs for words in cautions(config, cached.sample(config))]
        for words in dict.fromkeys(warnings):
            st.warning(plain(words), icon=":material/warning:")
    except GlicoError as error:
        show_error(error)
        if isinstance(error, FixableError):
            fixed = {f"train_{name}": value for name, value in error.settings.items()}
            st.button(
                plain(error.fix),
                icon=":material/healing:",
                key="train_fix",
                on_click=st.session_state.update,
                args=(fixed,),
            )
        return []
    return configs


def _start(configs: list[TrainConfig]) -> None:
    """Launch the runs and select the first."""
    try:
        folders = [public.launch(config) for config in configs]
    except GlicoError as error:
        show_error(error)
        return
    selection.update(run=folders[0].id)
    st.session_state[STARTED] = st.session_state.get(STARTED, 0) + 1
    st.toast("Training has started.", icon=":material/play_circle:")
    st.rerun()
