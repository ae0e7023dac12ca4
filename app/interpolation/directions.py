"""The directions of Interpolate: sliders through the latent space, whose images the browser draws."""

import streamlit as st

from app import cached
from app.components.directions import directions
from app.interpolation.choice import Model, generator
from app.session import selection
from glico.errors import GlicoError
from glico.web.directions.content import directions_content

KEY = "directions"
MOST = 2000  # images at most, whose codes are sent to the browser


def show_directions(model: Model) -> None:
    """Show sliders along the principal directions of all codes or of a class, arithmetic and a walk. Raises GlicoError
    if there are too many images."""
    if model.images > MOST:
        raise GlicoError(f"Directions are shown for up to {MOST:,} images, and this checkpoint has {model.images:,}.")
    st.caption(
        "The directions along which the codes vary most around their mean, each a slider. They have no names: see what "
        "each changes. Your browser generates the images."
    )
    key = f"{KEY}_{model.key}"
    space = cached.latent_space(model.path)
    content = directions_content(space, cached.map_images(model.path), generator(model), _groups(model))
    directions(content, selection.current().path.direction, key, lambda: _remember(key))


def _groups(model: Model) -> list[list[int]]:
    """Return the two groups of rows that were selected on the map of this checkpoint; none unless there are both."""
    chosen = selection.current().path
    if chosen.groups_of != model.key:
        return []
    groups = [selection.rows_of(runs, model.images) for runs in (chosen.first_group, chosen.second_group)]
    return groups if all(len(rows) > 1 for rows in groups) else []


def _remember(key: str) -> None:
    selection.update(direction=st.session_state[key].state)
