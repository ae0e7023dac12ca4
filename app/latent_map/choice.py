"""Choose the checkpoints of the two maps, and the projection with its parameters."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import cached
from app.session import selection
from app.widgets import forms
from app.widgets.checkpoint_picker import replace_missing, warn_of_missing
from glico.config import ProjectConfig, TrainConfig
from glico.latent.projection import PARAMETERS, suited
from glico.types import Labels
from glico.web.latent_map.scene import Side

METHODS = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA"}


def choose_sides(right: cached.CheckpointFile) -> tuple[tuple[Side, ...], list[TrainConfig]]:
    """Choose the left map: another checkpoint of the same sample, or a snapshot of the right one's training.

    Return the sides, and the configurations that are compared: one if there is nothing to compare with.
    """
    steps = snapshot_steps(right)
    files = {file.key: file for file in cached.checkpoints()}
    others = {key: file for key, file in files.items() if file.same_sample(right) and key != right.key}
    options = [*others, *([right.key] if steps else [])]
    last = Side(right.key, right.title, right.path)
    if not options:
        st.selectbox("Left map", ["none of the same sample"], disabled=True)
        return (last,), [right.config]
    beside = selection.current().beside
    if beside not in options:
        if beside not in files:
            replace_missing("beside", beside, options[0])
        beside = options[0]
    warn_of_missing("beside", beside, files[beside].title)
    names = {key: file.title for key, file in others.items()} | {right.key: "the same, at an earlier step"}
    st.session_state["choose_beside"] = beside
    st.selectbox(
        "Left map",
        options,
        format_func=names.__getitem__,
        key="choose_beside",
        on_change=lambda: selection.update(beside=st.session_state["choose_beside"]),
    )
    if beside != right.key:
        left = others[beside]
        return (Side(beside, left.title, left.path), last), [left.config, right.config]
    snapshot = min(selection.current().map.step or 0, len(steps) - 1)
    st.session_state["choose_step"] = steps[snapshot]
    st.select_slider(
        "Step of the left map",
        steps,
        key="choose_step",
        on_change=lambda: selection.update(step=steps.index(st.session_state["choose_step"])),
    )
    return (Side(right.key, f"{right.title} · step {steps[snapshot]}", right.path, snapshot), last), [right.config]


def snapshot_steps(file: cached.CheckpointFile) -> list[int]:
    """Return the steps at which the training kept a snapshot of its codes."""
    steps = cached.latent_space(file.path).snapshot_steps
    return [] if steps is None else steps.tolist()


def choose_method(more: DeltaGenerator, labels: Labels) -> ProjectConfig:
    """Choose the method, its dimensions and its parameters, which go into ``more``; adapt them to a sample with these
    ``labels``."""
    chosen = selection.current().map
    st.session_state["choose_method"] = chosen.method
    st.segmented_control(
        "Projection",
        list(METHODS),
        format_func=METHODS.__getitem__,
        required=True,
        key="choose_method",
        on_change=lambda: selection.update(method=st.session_state["choose_method"]),
    )
    names = ["components", *PARAMETERS[chosen.method]]
    initial = {name: getattr(chosen, name) for name in names} | {"components": int(chosen.components)}
    with more.popover("Parameters", width="stretch"):
        values = forms.widgets(ProjectConfig, f"project_{chosen.method}", only=names, initial=initial)
        wrong = forms.faults(ProjectConfig, values)  # reported next to the field: the map keeps the last valid value
        values = {name: initial[name] if name in wrong else value for name, value in values.items()}
        config = suited(forms.validated(ProjectConfig, {"method": chosen.method, **values}), labels)
        for name in [name for name in names if values[name] is None]:
            st.caption(f"{forms.label(name)} by default: {getattr(config, name):g} for this sample.")
    selection.update(**values | {"components": str(values["components"])})
    return config
