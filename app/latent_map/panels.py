"""What stands below the maps, and what a person asks there to be shown on them.

It is most of the page, and needs PyTorch: the view imports it once the maps are drawn.
"""

from collections.abc import Sequence
from typing import get_args

import streamlit as st

from app import cached
from app.latent_map import new_images, predictions, selected, suspects
from app.session import selection
from app.widgets import forms
from app.widgets.feedback import show_error
from glico.config import PathName, ProjectConfig
from glico.errors import GlicoError
from glico.latent.projection_cache import Projection
from glico.web.latent_map import Extras, Generated, Value
from glico.web.latent_map.content import Side, generated


def asked_for(
    sides: Sequence[Side], projection: Projection, name: str, config: ProjectConfig
) -> tuple[Extras, list[Value]]:
    """The fields for new codes, photographs and held-out images, and for the path of the chosen pair; what they add to
    the maps of the projection of this ``name``, and by what the points can be coloured besides. Raises GlicoError."""
    chosen = selection.current()
    new = draw_new(sides, projection, config)
    new_images.bring()
    forming = st.empty()
    try:
        unseen = new_images.held_out(sides)
    except GlicoError as error:  # the maps go on without them
        show_error(error)
        unseen = None
    verdict = predictions.choose(sides[-1], unseen[1]) if unseen else None
    brought = new_images.brought_to(sides)
    extras: Extras = {"generated": new}
    extras["photographs"] = new_images.marks(sides, projection, name, config, unseen, verdict, forming)
    if chosen.a is not None and chosen.b is not None:
        ends, images = (chosen.a, chosen.b), len(cached.latent_space(sides[0].path).labels)
        reached = brought if max(ends) >= images else ()
        if max(ends) < images + len(reached):
            drawn = chosen.play == "path"
            extras["path"] = cached.map_path(sides, projection, name, config, *ends, chosen.path, drawn, reached)
    return extras, predictions.offered(sides, unseen[1] if unseen else None, verdict, len(brought), chosen.colour)


def show(sides: Sequence[Side], projection: Projection, name: str, config: ProjectConfig, runs: str) -> None:
    """Below the maps: a photograph's code, the images worth a look, and those selected, ``runs`` of rows."""
    new_images.show(sides, config)
    suspects.show(sides, projection, name)
    selected.show(sides[-1], runs)


def draw_new(sides: Sequence[Side], projection: Projection, config: ProjectConfig) -> Generated | None:
    """New codes on the paths of a class, where a person asks for them."""
    spaces = [cached.latent_space(side.path) for side in sides]
    names, labels = spaces[0].class_names, spaces[0].labels
    drawable = [label for label in range(len(names)) if int((labels == label).sum()) > 1]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        label = st.selectbox(
            "New codes on the paths of a class", drawable, index=None, format_func=lambda index: names[index],
            placeholder="none", key="new_class",
        )  # fmt: skip
        count = forms.number("How many", 1, 500, 40, "new_count")
        paths: tuple[PathName, ...] = get_args(PathName)
        path = st.segmented_control("Path", paths, default=paths[0], required=True, key="new_path")
        if st.button("Draw others", disabled=label is None):
            st.session_state["new_seed"] = st.session_state.get("new_seed", 0) + 1
    if label is None or count is None:
        return None
    return generated(
        labels, [cached.decoder(side.path) for side in sides],
        [space.codes_at(side.snapshot) for space, side in zip(spaces, sides, strict=True)],
        projection, config, label, count, path, st.session_state.get("new_seed", 0),
    )  # fmt: skip
