"""Suspects: images whose label is probably wrong, or that are badly generated, or surrounded by other classes.

All labelled images are ranked by how much the others contradict their label (glico.latent.doubts). So a list is never
empty, and its end is what nothing speaks against.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glico.latent.doubts import Doubts
from glico.latent.structure import NEIGHBOURS
from glico.types import Labels
from glico.words import percent

Floats = NDArray[np.float32]
SUSPECT = 0.6  # mean share of the neighbours, over the maps, that have one and the same other class
BADLY = 2.5  # times the median reconstruction error


@dataclass(frozen=True)
class Suspect:
    """An image's ``row``, its ``score`` (the higher the more suspect), and why."""

    row: int
    score: float
    why: str


@dataclass(frozen=True)
class _Neighbours:
    """The nearest codes of every image in one map: the commonest ``other`` class, the ``share`` of the neighbours that
    have it, and how many have the image's ``own`` class; (n,) each."""

    title: str
    other: Labels
    share: Floats
    own: Labels


def rank(
    labels: Labels,
    near: Sequence[NDArray[np.int32]],
    measured: Sequence[Mapping[str, Floats]],
    titles: Sequence[str],
    names: Sequence[str],
    doubts: Doubts | None = None,
) -> list[Suspect]:
    """Return the suspects, most suspect first: those with a reason, or with ``doubts`` all labelled images.

    ``doubts`` are the doubts about the labelled images, in their order; they decide the order.

    ``labels`` (n,), -1 for unlabelled, and ``names`` of the classes. For each map: the rows ``near`` (n, k) of the
    codes nearest to each code, its title, and what was ``measured`` of each image (n,), if anything: its "error" and
    the weak classifier's "confidence" in its class.
    """
    maps = [_neighbours(title, rows[:, :NEIGHBOURS], labels) for title, rows in zip(titles, near, strict=True)]
    errors = [each["error"] / max(float(np.median(each["error"])), 1e-6) for each in measured if "error" in each]
    confidences = [each["confidence"] for each in measured if "confidence" in each]
    suspects = []
    doubted = {} if doubts is None else _by_row(doubts, labels)
    for row, label in enumerate(labels):
        reasons: list[tuple[float, str]] = []
        if row in doubted:
            margin, other = doubted[row]
            words = f"looks more like {names[other]}" if margin > 0 else f"its class fits best, then {names[other]}"
            reasons.append((1 + margin, words))  # before all other reasons
        if label >= 0:
            reasons += _reasons_of_neighbours(row, maps, names)
            confidence = min((float(each[row]) for each in confidences), default=1.0)
            if confidence < 0.5:
                reasons.append((1 - confidence, f"the weak classifier gives its class {percent(confidence)}"))
        ratio = max((float(each[row]) for each in errors), default=0.0)
        if ratio >= BADLY:
            reasons.append((min(1.0, ratio / (2 * BADLY)), f"badly generated: {ratio:.1f} times the median error"))
        if reasons:
            reasons.sort(reverse=True)
            suspects.append(Suspect(row, reasons[0][0], "; ".join(why for _, why in reasons)))
    return sorted(suspects, key=lambda each: -each.score)


def _by_row(doubts: Doubts, labels: Labels) -> dict[int, tuple[float, int]]:
    """Return the margin and the other class of each labelled image, by its row."""
    rows = np.flatnonzero(labels >= 0).tolist()
    return dict(zip(rows, zip(doubts.margin.tolist(), doubts.other.tolist(), strict=True), strict=True))


def _reasons_of_neighbours(row: int, maps: Sequence[_Neighbours], names: Sequence[str]) -> list[tuple[float, str]]:
    share = float(np.mean([each.share[row] for each in maps]))
    if share >= SUSPECT:
        votes = "; ".join(
            f"{round(each.share[row] * NEIGHBOURS)} of {NEIGHBOURS} nearest are {names[each.other[row]]} ({each.title})"
            for each in maps
            if each.share[row] > 0
        )
        return [(share, f"probably mislabelled: {votes}")]
    alone = [each.title for each in maps if not each.own[row]]
    return [(0.5 * len(alone) / len(maps), f"surrounded by other classes ({', '.join(alone)})")] if alone else []


def _neighbours(title: str, near: NDArray[np.int32], labels: Labels) -> _Neighbours:
    seen = labels[near]
    own = (seen == labels[:, None]) & (seen >= 0)
    counts = np.zeros((len(labels), max(int(labels.max(initial=0)) + 1, 1)), np.int64)
    for column, mine in zip(seen.T, own.T, strict=True):
        rows = np.flatnonzero((column >= 0) & ~mine)
        counts[rows, column[rows]] += 1
    share = (counts.max(axis=1) / NEIGHBOURS).astype(np.float32)
    return _Neighbours(title, counts.argmax(axis=1), share, own.sum(axis=1))
