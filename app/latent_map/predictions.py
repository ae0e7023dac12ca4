"""A classifier run's predictions of unseen images, and the values that colour the maps by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app import cached
from app.results.comparison import training_of
from app.runs.naming import run_titles
from app.widgets.text import plain
from glico.evaluation.accuracy import softmax
from glico.runs.folder import RunFolder, list_runs
from glico.runs.unseen import UnseenCodes
from glico.web.latent_map import Value, colours
from glico.web.latent_map.scene import Scene, Side
from glico.words import percent

MOST = 40  # runs to choose from: the newest
KEY = "judged_by"


@dataclass(frozen=True)
class Predictions:
    """The predictions of the run with this ``title`` for m unseen images.

    ``classes`` (m,), -1 if the run was not scored on the image; ``confidence`` (m,); ``right`` (m,) bool.
    """

    title: str
    classes: NDArray[np.int64]
    confidence: NDArray[np.float32]
    right: NDArray[np.bool_]

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Whether the run was scored on each image, (m,)."""
        return self.classes >= 0

    def notes(self, names: Sequence[str]) -> list[str]:
        """Return a note for each image, with the class ``names``; empty if the run was not scored on it."""
        rows = zip(self.right.tolist(), self.classes.tolist(), self.confidence.tolist(), strict=True)
        return [
            f"{'right' if right else 'wrong'} in {self.title}: predicted {names[label]} ({percent(confidence)})"
            if label >= 0
            else ""
            for right, label, confidence in rows
        ]


def predictions_of(arrays: dict[str, NDArray[Any]], unseen: UnseenCodes, title: str) -> Predictions | None:
    """Return a run's predictions of unseen images from its ``arrays``; None if it was scored on none of them, or on
    another data set."""
    if str(arrays["part"]) != unseen.split:
        return None
    place = {index: row for row, index in enumerate(arrays["indices"].tolist())}
    rows = np.array([place.get(index, -1) for index in unseen.rows.tolist()])
    scored = rows >= 0
    if not scored.any() or (arrays["labels"][rows[scored]] != unseen.labels[scored]).any():
        return None  # a data set that only has the same name
    probabilities = softmax(arrays["logits"][rows])
    classes = np.where(scored, probabilities.argmax(axis=1), -1)
    return Predictions(title, classes, probabilities.max(axis=1).astype(np.float32), classes == unseen.labels)


def choose(side: Side, unseen: UnseenCodes) -> Predictions | None:
    """Let a person choose a classifier run that was scored on these images; None if there is no such run."""
    pairs = ((run.id, _read(run, title, unseen)) for run, title in candidates(side))
    offered = {name: predictions for name, predictions in pairs if predictions is not None}
    if not offered:
        return None
    if st.session_state.get(KEY) not in offered:
        st.session_state[KEY] = next(iter(offered))
    run = st.selectbox(
        "Right or wrong in the classifier run",
        list(offered),
        format_func=lambda run: offered[run].title,
        key=KEY,
        width=420,
        help="Colour the maps by it: hollow markers are blue if this run classifies the image correctly, "
        "orange if it does not, and grey if it was not scored on the image.",
    )
    chosen = offered[run]
    right, scored = int(chosen.right.sum()), int(chosen.scored.sum())
    st.caption(plain(f"{chosen.title} classifies {right} of {scored} of them correctly."))
    return chosen


def values(
    scene: Scene, unseen: UnseenCodes | None, predictions: Predictions | None, photographs: int, chosen: str
) -> list[Value]:
    """Return the values that can colour unseen images, if there are any on the maps; only the ``chosen`` one has its
    numbers. The first markers are those of ``photographs`` in number."""
    if unseen is None:
        return []
    maps, images = len(scene.sides), len(scene.labels)
    unknown = np.full(photographs, np.nan, np.float32)
    seen = np.concatenate([unknown, np.ones(len(unseen.labels), np.float32)])
    categories = colours.SEEN
    offered = [colours.category_value("seen", categories, categories.title, maps, np.zeros(images, np.float32), seen)]
    if predictions is not None:
        numbers = np.where(predictions.scored, np.where(predictions.right, 0, 1), 2).astype(np.float32)
        categories, rest = colours.RIGHT, np.full(images, 2, np.float32)
        title = categories.title.format(predictions.title)
        extras = np.concatenate([unknown, numbers])
        offered.append(colours.category_value("right", categories, title, maps, rest, extras))
    return [each if each["name"] == chosen else {**each, "maps": []} for each in offered]


def candidates(side: Side) -> list[tuple[RunFolder, str]]:
    """Return the finished classifier runs on the data set of this checkpoint with their titles, newest first."""
    dataset = cached.latent_space(side.path).config.dataset
    runs = [
        run
        for run in list_runs()
        if run.kind == "classify"
        and run.file("predictions.npz").exists()
        and (training := training_of(run)) is not None
        and training.dataset == dataset
    ][:MOST]
    titles = run_titles(runs)
    return [(run, titles[run.id]) for run in runs]


def _read(run: RunFolder, title: str, unseen: UnseenCodes) -> Predictions | None:
    arrays = cached.run_predictions(run.file("predictions.npz"))
    if arrays is None:
        return None
    return predictions_of(arrays, unseen, title)
