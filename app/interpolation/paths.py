"""Paths through two or more images in the scrubber, and surfaces between three or four."""

from functools import partial
from typing import TypeVar

import streamlit as st

from app import cached
from app.components.scrubber import scrubber
from app.components.surface import surface
from app.interpolation import choice, export, registering, sections
from app.session import selection
from app.session.throttle import throttled
from app.widgets.feedback import show_error
from glico.errors import GlicoError
from glico.latent.measured import PathRequest
from glico.runs import worker

Position = TypeVar("Position")


@st.fragment
@throttled()
def show_paths(model: choice.Model, pair: bool) -> None:
    """Show the paths through two images, or through a list of them. A fragment: choosing others reruns only this."""
    try:
        rows = choice.choose_pair(model) if pair else choice.choose_list(model)
        if len(rows) < 2:
            st.info("Choose at least two images: the path visits them in the order of the clicks.")
            return
        chosen = selection.current().path
        frames = choice.frames_between(len(rows))
        request = PathRequest(rows, frames, chosen.noise, chosen.noise_seed, choice.ends(model))
        waiting = cached.unregistered(model.path, model.photographs, rows)
        with_morph = not waiting and worker.is_ready()
        make = partial(cached.paths, model.path, model.photographs, request, with_morph)
        paths, _ = make()  # an error is shown here once, above the scrubber
        if waiting:
            registering.watch(waiting)
        elif not with_morph:
            registering.wait_for_worker()
        show_scrubber(model, rows, make)
        if len(rows) == 2:
            sections.halfway(paths)
        if with_morph:
            sections.morph_score(model, rows)
        export.export_paths(model, rows, make, list(paths))
    except GlicoError as error:
        show_error(error)


@st.fragment
@throttled()
def show_scrubber(model: choice.Model, rows: tuple[int, ...], make: export.MakePaths) -> None:
    """Show the scrubber, and what depends on its t. A fragment: releasing the scrubber reruns only this."""
    try:
        _, content = make()
    except GlicoError as error:
        show_error(error)
        return
    chosen = selection.current().path
    start = start_position("scrubber", chosen.t)
    generator = choice.generator(model)
    scrubber(content, generator, start, "scrubber", lambda: selection.update(t=st.session_state["scrubber"].t))
    if chosen.noise == "resampled":
        sections.noise_samples(model, rows, chosen.t)


@st.fragment
@throttled()
def show_surface(model: choice.Model) -> None:
    """Show the surface between three or four images. A fragment, as the paths are."""
    chosen = selection.current().path

    def released() -> None:
        u, v = st.session_state["surface"].at
        selection.update(u=u, v=v)

    try:
        corners = choice.choose_corners(model)
        waiting = cached.unregistered(model.path, model.photographs, corners)
        with_morph = not waiting and worker.is_ready()
        make = partial(cached.surface, model.path, model.photographs, corners, choice.ends(model), with_morph)
        if waiting:
            registering.watch(waiting)
        elif not with_morph:
            registering.wait_for_worker()
        paths, content = make()
        start = start_position("surface", (chosen.u, chosen.v))
        surface(content, choice.generator(model), start, "surface", released)
        st.caption(
            "With slerp and lerp every image is generated from a code between those of the corners; a morph moves the "
            "images of the corners themselves. u moves from A to B (and C to D); v moves between these two paths. "
            "Slerp follows the sphere, lerp cuts through it. The grid shows slerp: drag over it, or use the arrow keys."
        )
        export.export_surface(model, corners, make, list(paths))
    except GlicoError as error:
        show_error(error)


def start_position(key: str, position: Position) -> Position:
    """Return the starting position of the component ``key``.

    That is ``position`` when the component appears or the URL has moved it. Otherwise the start stays the same, so that
    the component keeps the position that the person left it at.
    """
    if key not in st.session_state or st.session_state.get(f"{key}_moves") != selection.moves():
        st.session_state[f"{key}_start"] = position
        st.session_state[f"{key}_moves"] = selection.moves()
    start: Position = st.session_state[f"{key}_start"]
    return start
