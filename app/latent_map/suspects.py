"""The list of suspects: images that are probably mislabelled, badly generated, or surrounded by other classes."""

import streamlit as st

from app import cached
from app.latent_map import deciding, requests
from app.widgets.table import data_table
from glico.data.dataset import class_name
from glico.web.latent_map import PartialChoice
from glico.web.latent_map.scene import Scene
from glico.web.sprite import data_url

LISTED = 50
KEY = "suspects"


def show(scene: Scene) -> None:
    """Show the list if a person asks for it; a tick selects the image on the maps, where it can be decided on."""
    requested = st.toggle(
        "List suspect images",
        key="suspects_on",
        help="All images, sorted by how much the other images contradict their label: a classifier of edges and "
        "colours that has not seen the image. The maps add their reasons. Only you can see whether a label is wrong.",
    )
    if not requested or not scene.has_neighbours:
        return
    decided = deciding.verdicts(scene)
    suspects = [each for each in cached.suspects(scene) if decided.get(each.row) != "fine"]
    if not suspects:
        st.caption("No suspects: you marked every image as fine, or it has no label.")
        return
    path, shown = scene.sides[-1].path, suspects[:LISTED]
    images, files = cached.map_images(path), cached.file_names(path)
    marked = any(each.row in decided for each in shown)

    def clicked() -> None:
        if chosen := st.session_state[KEY].selection.rows:
            requests.send(PartialChoice(a=shown[chosen[-1]].row, b=None))

    data_table(
        {
            "picture": [data_url(images[each.row]) for each in shown],
            "image": [each.row for each in shown],
            "class": [class_name(int(scene.labels[each.row]), scene.class_names) for each in shown],
            "why": [each.why for each in shown],
            "decision": [decided.get(each.row, "") for each in shown],
            "file": [files[each.row] if files else "" for each in shown],
        },
        height=260,
        key=KEY,
        on_select=clicked,
        selection_mode="multi-row",
        column_config={
            "picture": st.column_config.ImageColumn("", width="small"),
            "file": st.column_config.TextColumn() if files else None,
            "decision": st.column_config.TextColumn() if marked else None,
            "why": st.column_config.TextColumn(width="large"),
        },
    )
    if len(suspects) > LISTED:
        st.caption(f"The first {LISTED} of {len(suspects)}.")
    ticked = [shown[row].row for row in st.session_state[KEY].selection.rows if row < len(shown)]
    deciding.offer(scene, ticked, "suspects_decide")
