"""Images worth a look, ranked: their labels are probably wrong, they are badly generated, or alone among strangers."""

from collections.abc import Sequence

import streamlit as st

from app import cached
from app.latent_map.requests import ask
from glico.data.dataset import class_name
from glico.latent.projection_cache import Projection
from glico.web.latent_map.content import Side
from glico.web.sprite import data_url

LISTED = 50
KEY = "worth_a_look"


def show(sides: Sequence[Side], projection: Projection, name: str) -> None:
    """The list, where a person asks for it; a click chooses the image on the maps of this projection."""
    asked = st.toggle(
        "List the images worth a look", key="worth_a_look_on",
        help="Ranked: probably mislabelled (the nearest codes or the weak classifier disagree with the label), badly "
        "generated, or alone among images of other classes.",
    )  # fmt: skip
    if not asked or not projection.nearest[0].shape[1]:
        return
    found = cached.suspects(sides, projection, name)
    if not found:
        st.caption("No image stands out: labels, neighbours and reconstructions agree.")
        return
    space, images = cached.latent_space(sides[-1].path), cached.map_images(sides[-1].path)
    labels = space.labels.tolist()
    rows = [each.row for each in found[:LISTED]]

    def clicked() -> None:
        if chosen := st.session_state[KEY].selection.rows:
            ask(a=rows[chosen[0]], b=None)

    st.dataframe(
        {
            "picture": [data_url(images[row]) for row in rows],
            "image": rows,
            "class": [class_name(labels[row], space.class_names) for row in rows],
            "why": [each.why for each in found[:LISTED]],
            "file": [(cached.file_names(sides[-1].path) or [""] * len(labels))[row] for row in rows],
        },
        hide_index=True, height=260, key=KEY, on_select=clicked, selection_mode="single-row",
        column_config={
            "picture": st.column_config.ImageColumn("", width="small"),
            "file": None if not cached.file_names(sides[-1].path) else st.column_config.TextColumn(),
            "why": st.column_config.TextColumn(width="large"),
        },
    )  # fmt: skip
    if len(found) > LISTED:
        st.caption(f"The first {LISTED} of {len(found)}.")
