"""Interpolate: the way from one training image to another, along the sphere and along the chord; and between four."""

from functools import partial
from typing import TypeVar

import streamlit as st

from app import cached
from app.components.scrubber import scrubber
from app.components.surface import surface
from app.interpolation import choice, export, sections
from app.session import selection
from app.session.throttle import turn
from app.widgets.checkpoint_picker import choose_checkpoint
from app.widgets.feedback import show_error
from app.widgets.text import plain
from glico.errors import GlicoError

SHOWN = {
    "pair": "Two images",
    "list": "A list of images",
    "surface": "A surface",
    "mean": "Class mean",
    "grid": "Path grid",
    "reconstructions": "Reconstructions",
}


def page() -> None:
    """The page: a checkpoint, what to show of it, and that."""
    title, left, right = st.columns([2, 4, 6], vertical_alignment="bottom")
    title.title("Interpolate", anchor=False)
    with left:
        file = choose_checkpoint("Checkpoint")
    with right:
        st.session_state["show"] = selection.current().show
        st.segmented_control(
            "Show", list(SHOWN), format_func=SHOWN.__getitem__, required=True, key="show",
            on_change=lambda: selection.update(show=st.session_state["show"]),
        )  # fmt: skip
    views = {"mean": sections.class_mean, "grid": sections.grid, "reconstructions": sections.reconstructions}
    show = selection.current().show
    model = choice.opened(file, with_photographs=show not in views)
    if words := cached.collapsed(file.path):
        st.warning(plain(words), icon=":material/warning:")
    if show in views:
        views[show](model)
    elif show == "surface":
        span(model)
    else:
        walk(model, show == "pair")


@st.fragment
@turn()
def walk(model: choice.Model, pair: bool) -> None:
    """Two images, or a list of them, and the paths through them. A fragment: a choice runs no more than this."""
    try:
        rows = choice.choose_pair(model) if pair else choice.choose_list(model)
        if len(rows) < 2:
            st.info("Choose at least two images: the path goes through them in the order of the clicks.")
        else:
            show_path(model, rows)
    except GlicoError as error:
        show_error(error)


def show_path(model: choice.Model, rows: tuple[int, ...]) -> None:
    """The scrubber, what is said of the path, and ways to take it along."""
    chosen = selection.current()
    frames = choice.frames_between(len(rows))
    made = partial(cached.paths, model.path, model.brought, rows, frames, chosen.noise, chosen.draw)
    paths, _ = made()  # what cannot be made is said once, before the scrubber
    scrub(model, rows, made)
    if len(rows) == 2:
        sections.halfway(paths)
    export.export(model, rows, made)


@st.fragment
@turn()
def scrub(model: choice.Model, rows: tuple[int, ...], made: export.MadePaths) -> None:
    """The scrubber, and what hangs on the t that it was left at. A fragment: a t let go runs no more than this."""
    try:
        content = made()[1]
    except GlicoError as error:
        show_error(error)
        return
    chosen = selection.current()
    place = standing("scrubber", chosen.t)
    scrubber(content, place, "scrubber", lambda: selection.update(t=st.session_state["scrubber"].t))
    if chosen.noise == "resampled":
        sections.draws(model, rows, chosen.t)


@st.fragment
@turn()
def span(model: choice.Model) -> None:
    """Three or four images, and the surface between them, to drag over. A fragment, as a path is."""
    chosen = selection.current()

    def let_go() -> None:
        u, v = st.session_state["surface"].at
        selection.update(u=u, v=v)

    try:
        corners = choice.choose_corners(model)
        made = partial(cached.surface, model.path, model.brought, corners)
        surface(made()[1], standing("surface", (chosen.u, chosen.v)), "surface", let_go)
        st.caption(
            "Every picture is generated from a code between those of the corners: u walks from A to B and from C to D, "
            "then v from the one to the other, by slerp along the sphere, by lerp through its inside. The grid shows "
            "slerp; drag over it, or use the arrow keys."
        )
        export.export_surface(model, corners, made)
    except GlicoError as error:
        show_error(error)


Place = TypeVar("Place")


def standing(key: str, place: Place) -> Place:
    """Where the component ``key`` is put: at ``place`` when it appears, or Back has moved it; else it stays."""
    if key not in st.session_state or st.session_state.get(f"{key}_moves") != selection.moves():
        st.session_state[f"{key}_start"] = place
        st.session_state[f"{key}_moves"] = selection.moves()
    kept: Place = st.session_state[f"{key}_start"]
    return kept


page()
