"""Held-out images by what a classifier run made of them, and as what they are beside the images trained on."""

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
from glico.runs.held_out import HeldOutCodes
from glico.web.latent_map import Value, colours
from glico.web.latent_map.content import Side

MOST = 40  # runs that are offered: the newest
KEY = "judged_by"


@dataclass(frozen=True)
class Judged:
    """What a run of this ``title`` made of m held-out images.

    ``predicted`` (m,), -1 where it was not scored on the image; ``confidence`` (m,); ``right`` (m,) bool.
    """

    title: str
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float32]
    right: NDArray[np.bool_]

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Which images the run was scored on, (m,)."""
        return self.predicted >= 0

    def notes(self, names: Sequence[str]) -> list[str]:
        """What is said of each image, by the class names."""
        return [
            f"{'right' if right else 'wrong'} in {self.title}: predicted {names[label]} ({sure:.0%})"
            if label >= 0
            else ""
            for right, label, sure in zip(
                self.right.tolist(), self.predicted.tolist(), self.confidence.tolist(), strict=True
            )
        ]


def judgement(arrays: dict[str, NDArray[Any]], found: HeldOutCodes, title: str) -> Judged | None:
    """What the predictions of a run say of held-out images; None where it was scored on none of them, or on others."""
    if str(arrays["part"]) != found.part:
        return None
    place = {index: row for row, index in enumerate(arrays["indices"].tolist())}
    rows = np.array([place.get(index, -1) for index in found.rows.tolist()])
    scored = rows >= 0
    if not scored.any() or (arrays["labels"][rows[scored]] != found.labels[scored]).any():
        return None  # a data set that only has the same name
    probabilities = softmax(arrays["logits"][rows])
    predicted = np.where(scored, probabilities.argmax(axis=1), -1)
    return Judged(title, predicted, probabilities.max(axis=1).astype(np.float32), predicted == found.labels)


def choose(side: Side, found: HeldOutCodes) -> Judged | None:
    """The classifier run that a person chooses among those that were scored on these images; None without one."""
    judged = {run.id: said for run, title in _candidates(side) if (said := _said(run, title, found)) is not None}
    if not judged:
        return None
    if st.session_state.get(KEY) not in judged:
        st.session_state[KEY] = next(iter(judged))
    chosen = judged[
        st.selectbox(
            "Right or wrong in the classifier run", list(judged), format_func=lambda run: judged[run].title, key=KEY,
            width=420, help="Colour the maps by it: open marks are blue where this run classifies the image correctly, "
            "orange where it does not, grey where it was not scored on it.",
        )
    ]  # fmt: skip
    st.caption(
        plain(f"{chosen.title} classifies {int(chosen.right.sum())} of {int(chosen.scored.sum())} of them correctly.")
    )
    return chosen


def offered(
    sides: Sequence[Side], found: HeldOutCodes | None, judged: Judged | None, brought: int, chosen: str
) -> list[Value]:
    """The colours that tell held-out images apart, where these are on the maps, the ``chosen`` one with its numbers.

    The first ``brought`` of the marks are a person's photographs.
    """
    if found is None:
        return []
    images = len(cached.latent_space(sides[0].path).labels)
    own, unseen = np.full(brought, np.nan, np.float32), len(found.labels)
    seen = np.concatenate([own, np.ones(unseen, np.float32)])
    made = [colours.kind("seen", colours.SEEN, colours.SEEN.title, len(sides), np.zeros(images, np.float32), seen)]
    if judged is not None:
        numbers = np.where(judged.scored, np.where(judged.right, 0, 1), 2).astype(np.float32)
        title = colours.JUDGED.title.format(judged.title)
        rest = np.full(images, 2, np.float32)
        made.append(colours.kind("right", colours.JUDGED, title, len(sides), rest, np.concatenate([own, numbers])))
    return [each if each["name"] == chosen else {**each, "maps": []} for each in made]


def _candidates(side: Side) -> list[tuple[RunFolder, str]]:
    """Finished classifier runs on the data set of this checkpoint, newest first, with their names."""
    own = cached.latent_space(side.path).config
    runs = [
        run
        for run in list_runs()
        if run.kind == "classify" and run.file("predictions.npz").exists()
        and (training := training_of(run)) is not None and training.dataset == own.dataset
    ][:MOST]  # fmt: skip
    titles = run_titles(runs)
    return [(run, titles[run.id]) for run in runs]


def _said(run: RunFolder, title: str, found: HeldOutCodes) -> Judged | None:
    arrays = cached.arrays(run.file("predictions.npz"))
    if arrays is None or not {"labels", "logits", "indices", "part"} <= arrays.keys():
        return None
    return judgement(arrays, found, title)
