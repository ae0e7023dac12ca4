"""Interpolate: paths between training images, along the sphere and along the chord, and surfaces between four."""

import streamlit as st

from app import cached
from app.interpolation import choice, directions, paths, sections
from app.session import selection
from app.widgets.checkpoint_picker import choose_checkpoint
from app.widgets.text import plain

VIEWS = {
    "pair": ("Two images", lambda model: paths.show_paths(model, pair=True)),
    "list": ("A list of images", lambda model: paths.show_paths(model, pair=False)),
    "surface": ("A surface", paths.show_surface),
    "directions": ("Directions", directions.show_directions),
    "mean": ("Class mean", sections.class_mean),
    "grid": ("Path grid", sections.grid),
    "reconstructions": ("Reconstructions", sections.reconstructions),
}
CHECKPOINT_WIDTH = 360  # CSS pixels
WITH_PHOTOGRAPHS = ("pair", "list", "surface")


def page() -> None:
    """Show a checkpoint in one of the views."""
    with st.container(horizontal=True, vertical_alignment="bottom"):  # which wraps, where columns would squeeze
        st.title("Interpolate", anchor=False, width="content")
        with st.container(width=CHECKPOINT_WIDTH):
            file = choose_checkpoint("Checkpoint")
        view = choose_view()
    model = choice.open_model(file, with_photographs=view in WITH_PHOTOGRAPHS)
    if warning := cached.collapse_warning(file.path):
        st.warning(plain(warning), icon=":material/warning:")
    _, show = VIEWS[view]
    show(model)


def choose_view() -> str:
    """Return the view that is chosen."""
    st.session_state["show"] = selection.current().path.view
    st.segmented_control(
        "Show",
        list(VIEWS),
        format_func=lambda name: VIEWS[name][0],
        required=True,
        key="show",
        wrap=True,
        on_change=lambda: selection.update(view=st.session_state["show"]),
    )
    return selection.current().path.view


page()
