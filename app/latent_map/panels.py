"""Everything below the maps. It opens the checkpoints' networks, so the page imports it once the maps are drawn."""

from typing import get_args

import streamlit as st

from app import cached
from app.components.generator import generator_at, graph_address
from app.latent_map import new_images, predictions, selected, suspects
from app.session import selection
from app.session.photographs import Photograph
from app.widgets import forms
from app.widgets.feedback import show_error
from glico.checkpoints.opened import WeakClassifier
from glico.config import FRAME_PATHS, PathName
from glico.errors import GlicoError
from glico.web.latent_map import ClassifierData, Extras, Generated, GeneratorSource, PathCodes, Value
from glico.web.latent_map.content import generated_between, packed
from glico.web.latent_map.scene import Scene

PROBED = 5000  # images at most, whose codes are sent to the browser, which compares all of them at every move


def controls(scene: Scene) -> tuple[Extras, list[Value]]:
    """Show the controls for new codes, photographs and unseen images.

    Return their additions to the maps, and the values that can colour the points. Raises GlicoError.
    """
    generated = new_codes(scene)
    new_images.upload()
    slot = st.empty()
    try:
        unseen = new_images.unseen_images(scene)
    except GlicoError as error:  # the maps are shown without them
        show_error(error)
        unseen = None
    run_predictions = predictions.choose(scene.sides[-1], unseen.codes) if unseen else None
    photographs = new_images.photographs_on(scene)
    extras: Extras = {"generated": generated, "generators": generators(scene)}
    extras["photographs"] = new_images.markers(scene, unseen, run_predictions, slot)
    chosen = selection.current()
    if chosen.a is not None and chosen.b is not None:
        ends, images = (chosen.a, chosen.b), len(scene.labels)
        last = photographs if max(ends) >= images else ()
        if max(ends) < images + len(last):
            extras["path"] = _path(scene, ends, last)
    codes = unseen.codes if unseen else None
    return extras, predictions.values(scene, codes, run_predictions, len(photographs), chosen.map.colour)


def _path(scene: Scene, ends: tuple[int, int], photographs: tuple[Photograph, ...]) -> PathCodes:
    """Return the chosen path from A to B in every map. A snapshot's generator is not kept, so there a morph, whose
    frames cannot be encoded, gives way to slerp, and a note says so. Raises GlicoError."""
    st.session_state["map_path"] = selection.current().path.path
    st.segmented_control(
        "Path from A to B",
        FRAME_PATHS,
        key="map_path",
        required=True,
        on_change=lambda: selection.update(path=st.session_state["map_path"]),
    )
    chosen = selection.current()
    with_images = chosen.map.mode == "path"
    if chosen.path.path != "morph":
        return cached.map_path(scene, ends, chosen.path.path, with_images, photographs)
    if any(side.snapshot is not None for side in scene.sides):
        st.caption("The path from A to B is slerp: the frames of a morph cannot be encoded on a snapshot.")
        return cached.map_path(scene, ends, "slerp", with_images, photographs)
    st.caption("The path from A to B is the morph: its frames are encoded on each map, and their codes are drawn.")
    with st.spinner("Encoding the frames of the morph …", show_time=True):
        return cached.map_path(scene, ends, "morph", with_images, photographs, chosen.path.ends)


def generators(scene: Scene) -> list[GeneratorSource | None]:
    """Return the maps' generators, with which the browser generates images between the points.

    None for a snapshot, whose generator is not kept, and for maps of more than PROBED images.
    """
    sources: list[GeneratorSource | None] = []
    for side, space in zip(scene.sides, scene.spaces, strict=True):
        if side.snapshot is not None or len(space.codes) > PROBED:
            sources.append(None)
            continue
        checkpoint = cached.opened(side.path)
        classifier: ClassifierData | None = None
        if isinstance(checkpoint.classify, WeakClassifier):
            graph = graph_address(checkpoint.classify.graph)
            classifier = {"graph": graph, "collapsed": cached.collapsed_classes(side.path)}
        data = generator_at(space, checkpoint.graph)
        sources.append({"codes": packed(space.codes, "<f4"), "generator": data, "classifier": classifier})
    return sources


def details(scene: Scene, runs: str) -> None:
    """Show a photograph's encoding, the suspects, and the selected images, ``runs`` of rows."""
    new_images.show(scene)
    suspects.show(scene)
    selected.show(scene.sides[-1], runs)


def new_codes(scene: Scene) -> Generated | None:
    """Let a person generate new codes on paths between images of a class; None unless they do."""
    names, labels = scene.class_names, scene.labels
    classes = [label for label in range(len(names)) if int((labels == label).sum()) > 1]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        label = st.selectbox(
            "New codes on the paths of a class",
            classes,
            index=None,
            format_func=lambda index: names[index],
            placeholder="none",
            key="new_class",
        )
        count = forms.number("How many", 1, 500, 40, "new_count")
        paths: tuple[PathName, ...] = get_args(PathName)
        path = st.segmented_control("Path", paths, default=paths[0], required=True, key="new_path")
        if st.button("Generate others", disabled=label is None):
            st.session_state["new_seed"] = st.session_state.get("new_seed", 0) + 1
    if label is None or count is None:
        return None
    decoders = [cached.opened(side.path).decode for side in scene.sides]
    return generated_between(scene, decoders, label, count, path, st.session_state.get("new_seed", 0))
