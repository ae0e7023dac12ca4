"""Interpolate: the way from one training image to another, along the sphere and along the chord."""

import streamlit as st

from app import cached, path_choice, path_export, path_sections, selection
from app.components.scrubber import scrubber

SHOWN = {
    "pair": "Two images",
    "list": "A list of images",
    "mean": "Class mean",
    "grid": "Path grid",
    "reconstructions": "Reconstructions",
}


def page() -> None:
    """The page: a checkpoint, what to show of it, and that."""
    title, left, right = st.columns([2, 3, 6], vertical_alignment="bottom")
    title.title("Interpolate", anchor=False)
    with left:
        file = selection.choose_checkpoint("Checkpoint")
    with right:
        st.session_state["show"] = selection.current().show
        st.segmented_control(
            "Show", list(SHOWN), format_func=SHOWN.__getitem__, required=True, key="show",
            on_change=lambda: selection.update(show=st.session_state["show"]),
        )  # fmt: skip
    model = path_choice.Model(file.key, file.path, cached.checkpoint(file.path), cached.training(file.path))
    {
        "pair": pair,
        "list": through_list,
        "mean": path_sections.class_mean,
        "grid": path_sections.grid,
        "reconstructions": path_sections.reconstructions,
    }[selection.current().show](model)


@st.fragment
def pair(model: path_choice.Model) -> None:
    """Two images and the paths between them."""
    rows = path_choice.choose_pair(model)
    show_path(model, rows)


@st.fragment
def through_list(model: path_choice.Model) -> None:
    """Any number of images and the paths through them."""
    rows = path_choice.choose_list(model)
    if len(rows) < 2:
        st.info("Choose at least two images: the path goes through them in the order of the clicks.")
        return
    show_path(model, rows)


def show_path(model: path_choice.Model, rows: tuple[int, ...]) -> None:
    """The scrubber, and what hangs on the t that it was left at."""
    chosen = selection.current()
    paths, content = cached.paths(model.path, rows, int(chosen.frames), chosen.noise, chosen.draw)
    if "scrubber" not in st.session_state:  # it appears anew: later it keeps its own t
        st.session_state["scrubber_start"] = chosen.t
    scrubber(
        content,
        st.session_state["scrubber_start"],
        "scrubber",
        lambda: selection.update(t=st.session_state["scrubber"].t),
    )
    if chosen.noise == "resampled":
        path_sections.draws(model, rows, selection.current().t)
    path_export.export(model, rows, paths, content)


page()
