"""Decide on the images that are chosen on the maps: A, B, or all that are selected."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app import cached
from app.decisions import bar
from app.decisions.controls import Subject, decide_on, in_words
from app.decisions.ledger import Ledger, ledger_of
from app.session import selection
from app.widgets.data_set import named_data_set
from app.widgets.text import plain
from glico.errors import GlicoError
from glico.types import Labels, Split
from glico.web.latent_map import Choice
from glico.web.latent_map.scene import Scene

TARGET = "decide_target"


def show(scene: Scene, choice: Choice) -> None:
    """Show the controls for the images of the ``choice``, and the bar of the decisions so far."""
    path = scene.sides[-1].path
    ledger = ledger_of(cached.latent_space(path).config, named_data_set(path))
    if ledger is None:
        return
    targets = _targets(choice, scene.labels)
    if targets:
        names = list(targets)
        if st.session_state.get(TARGET) not in names:
            st.session_state[TARGET] = names[0]
        if len(names) > 1:
            st.segmented_control(
                "Decide on", names, key=TARGET, required=True, label_visibility="collapsed", width="content"
            )
        name: str = st.session_state[TARGET]
        decide_on_rows(ledger, scene, targets[name], f"**{name}**{_class_of(scene, targets[name])}", "map_decide")
    bar.show(ledger, [side.path for side in scene.sides if side.snapshot is None], "map")


def offer(scene: Scene, rows: Sequence[int], key: str) -> None:
    """Show the controls for training images by their ``rows``, if they can be decided on."""
    path = scene.sides[-1].path
    ledger = ledger_of(cached.latent_space(path).config, named_data_set(path))
    labelled = [row for row in rows if scene.labels[row] >= 0]
    if ledger is not None and labelled:
        title = f"**Image {labelled[0]}**" if len(labelled) == 1 else f"**{len(labelled)} images**"
        decide_on_rows(ledger, scene, labelled, title, key)


def verdicts(scene: Scene) -> dict[int, str]:
    """Return the decisions on the training images in a few words, by row; "fine" for an image that is."""
    path = scene.sides[-1].path
    ledger = ledger_of(cached.latent_space(path).config, named_data_set(path))
    if ledger is None:
        return {}
    try:
        rows = {key: row for row, key in enumerate(cached.image_keys(path, named_data_set(path)))}
        decisions = ledger.read().decisions
    except GlicoError:  # the bar shows it
        return {}
    return {
        rows[each.key]: "fine" if each.decision == "fine" else in_words(each) for each in decisions if each.key in rows
    }


def decide_on_rows(ledger: Ledger, scene: Scene, rows: Sequence[int], title: str, key: str) -> None:
    """Show the controls for training images by their ``rows``."""
    subjects = subjects_of(scene.sides[-1].path, rows, scene.labels, scene.class_names)
    if subjects:
        decide_on(ledger, subjects, scene.class_names, title, key)


def subjects_of(path: Path, rows: Sequence[int], labels: Labels, names: Sequence[str]) -> list[Subject]:
    """Return the subjects in the data set for the training images in ``rows`` of a checkpoint; none if the data set is
    not on this machine."""
    try:
        keys = cached.image_keys(path, named_data_set(path))
    except GlicoError:
        return []
    subjects = []
    for row in rows:
        split, name = keys[row]
        side: Split = "test" if split == "test" else "train"
        subjects.append(Subject(side, name, names[labels[row]]))
    return subjects


def _class_of(scene: Scene, rows: Sequence[int]) -> str:
    """Return the class of one image, as Markdown; empty for several."""
    return f" · {plain(scene.class_names[scene.labels[rows[0]]])}" if len(rows) == 1 else ""


def _targets(choice: Choice, labels: Labels) -> dict[str, list[int]]:
    """Return the rows that can be decided on, by their names: those with a label."""
    targets = {}
    for letter, row in ("A", choice["a"]), ("B", choice["b"]):
        if row is not None and row < len(labels) and labels[row] >= 0:
            targets[f"Image {letter}"] = [row]
    rows = [row for row in selection.rows_of(choice["selected"], len(labels)) if labels[row] >= 0]
    if rows:
        targets[f"{len(rows)} selected"] = rows
    return targets
