"""Images worth a look, ranked: their labels are probably wrong, they are badly generated, or alone among strangers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app import cached
from app.latent_map.requests import ask
from glico.data.dataset import Labels, class_name
from glico.latent.projection_cache import Projection
from glico.latent.structure import NEIGHBOURS
from glico.web.latent_map.content import Side
from glico.web.sprite import data_url

Floats = NDArray[np.float32]
SUSPECT = 0.6  # of the neighbours, on average over the maps, have one and the same other class
BADLY = 2.5  # times the median reconstruction error
LISTED = 50
KEY = "worth_a_look"


@dataclass(frozen=True)
class Found:
    """An image's ``row``, how much it is worth a look (0 to 1), and why."""

    row: int
    score: float
    why: str


def show(sides: Sequence[Side], projection: Projection, name: str) -> None:
    """The list, where a person asks for it; a click chooses the image on the maps of this projection."""
    asked = st.toggle(
        "List the images worth a look", key="worth_a_look_on",
        help="Ranked: probably mislabelled (the nearest codes or the weak classifier disagree with the label), badly "
        "generated, or alone among images of other classes.",
    )  # fmt: skip
    if not asked or not projection.nearest[0].shape[1]:
        return
    found = cached.worth_a_look(sides, projection, name)
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


def ranked(
    labels: Labels,
    near: Sequence[NDArray[np.int32]],
    measured: Sequence[Mapping[str, Floats]],
    titles: Sequence[str],
    names: Sequence[str],
) -> list[Found]:
    """Images worth a look, the most so first.

    ``labels`` (n,), -1 for unlabelled; in each map, of a title, the rows ``near`` (n, k) to each code and what is
    ``measured`` of each image (n,): its error and the confidence of the weak classifier in its class.
    """
    others = [_other_class(rows[:, :NEIGHBOURS], labels) for rows in near]
    errors = [each["error"] / max(float(np.median(each["error"])), 1e-6) for each in measured if "error" in each]
    found = []
    for row in range(len(labels)):
        reasons: list[tuple[float, str]] = []
        if labels[row] >= 0:
            share = float(np.mean([votes[row] for _, votes, _ in others]))
            own = [int(kept[row]) for *_, kept in others]
            if share >= SUSPECT:
                said = "; ".join(
                    f"{round(votes[row] * NEIGHBOURS)} of {NEIGHBOURS} nearest are {names[label[row]]} ({title})"
                    for (label, votes, _), title in zip(others, titles, strict=True)
                    if votes[row] > 0
                )
                reasons.append((share, f"probably mislabelled: {said}"))
            elif not all(own) and (strangers := [t for t, count in zip(titles, own, strict=True) if not count]):
                reasons.append((0.5 * len(strangers) / len(titles), f"alone among strangers ({', '.join(strangers)})"))
            doubts = [1 - float(each["confidence"][row]) for each in measured if "confidence" in each]
            if doubts and max(doubts) > 0.5:
                reasons.append((max(doubts), f"the weak classifier gives its class {1 - max(doubts):.0%}"))
        ratio = max((float(each[row]) for each in errors), default=0.0)
        if ratio >= BADLY:
            reasons.append((min(1.0, ratio / (2 * BADLY)), f"badly generated: {ratio:.1f} times the median error"))
        if reasons:
            found.append(
                Found(row, max(score for score, _ in reasons), "; ".join(why for _, why in sorted(reasons)[::-1]))
            )
    return sorted(found, key=lambda each: -each.score)


def _other_class(near: NDArray[np.int32], labels: Labels) -> tuple[Labels, Floats, Labels]:
    """Of each image: the other class that most of its nearest (n, k) have, what share has it, how many have its own."""
    seen = labels[near]
    own = (seen == labels[:, None]) & (seen >= 0)
    counts = np.zeros((len(labels), max(int(labels.max(initial=0)) + 1, 1)), np.int64)
    for column, mine in zip(seen.T, own.T, strict=True):
        rows = np.flatnonzero((column >= 0) & ~mine)
        counts[rows, column[rows]] += 1
    return counts.argmax(axis=1), (counts.max(axis=1) / NEIGHBOURS).astype(np.float32), own.sum(axis=1)
