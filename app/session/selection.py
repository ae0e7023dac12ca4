"""What is selected: checkpoints, points, t and method. One for all pages, kept in the URL.

A link reopens the same state, and so do the browser's Back and Forward. Streamlit empties the query string whenever
another page is opened, so the selection is also held in the session, from where ``current`` writes it back.
"""

import re
from collections.abc import Collection, Mapping
from copy import copy
from typing import Any, Literal

import numpy as np
import streamlit as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glico.config import PathName, ProjectConfig

STATE, MOVES = "selection", "selection_moves"
WRITTEN, WRITTEN_ON = "selection_written", "selection_written_on"  # what the URL was made to say, and on which page
LONGEST = 1500  # letters that a value may take in the URL; what is longer is held by the session alone
MOST = 10**7  # a larger number is no row
ROWS = r"^(\d{1,7}(\.\d{1,7})*)?$"
RUNS = r"^(\d{1,7}(-\d{1,7})?(\.\d{1,7}(-\d{1,7})?)*)?$"


def parameter(name: str) -> Any:
    """A field of ProjectConfig, with its default and its bounds, as a field of the selection."""
    return copy(ProjectConfig.model_fields[name])


DIGITS = {"checkpoint": "digits-glico", "beside": "digits-glo"}  # shipped, as is their data set


class Selection(BaseModel):
    """The selection, with the names that it has in the URL.

    ``checkpoint`` and ``beside`` are keys of ``cached.checkpoints()``; ``a`` and ``b`` are rows of the codes.
    From ``show`` to ``draw`` are the interpolate page's: which of its views; the rows of a path through a list, with
    dots between; the corners of a surface likewise, and where on it a hand was; the class whose mean is drawn around;
    frames per path; the noise e and the seed of its draws.
    ``drawn_from`` is for classifier runs: the images between which glico generates, as runs of rows, and the checkpoint
    ``drawn_of`` whose rows they are.
    From ``step`` on are the latent map's: the snapshot of ``beside`` that is shown, in place of its last codes;
    the projection's parameters, by ProjectConfig's names; the classes that are off (0 is unlabelled, 1 the first)
    and the rows selected, as runs; how many neighbours are drawn; what the map plays, where it
    stands, and the value that colours it, else the class.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    checkpoint: str = Field("cifar10-glico", max_length=255)
    beside: str = Field("cifar10-glo", max_length=255)
    a: int | None = Field(None, ge=0, lt=MOST)
    b: int | None = Field(None, ge=0, lt=MOST)
    t: float = Field(0.5, ge=0, le=1)
    path: PathName = "slerp"
    method: Literal["umap", "tsne", "pca"] = "umap"
    components: Literal["2", "3"] = "2"
    run: str = Field("", max_length=255)
    show: Literal["pair", "list", "surface", "mean", "grid", "reconstructions"] = "pair"
    rows: str = Field("", pattern=ROWS)
    corners: str = Field("", pattern=ROWS)
    u: float = Field(0.5, ge=0, le=1)
    v: float = Field(0.5, ge=0, le=1)
    of: int | None = Field(None, ge=0, lt=MOST)
    frames: Literal["21", "51", "101", "201"] = "101"
    noise: Literal["off", "fixed", "resampled"] = "off"
    draw: int = Field(0, ge=0, le=2**31 - 1)
    drawn_from: str = Field("", pattern=RUNS)
    drawn_of: str = Field("", max_length=255)
    step: int | None = Field(None, ge=0, lt=MOST)
    neighbours: int | None = parameter("neighbours")
    minimum_distance: float = parameter("minimum_distance")
    metric: Literal["cosine", "euclidean"] = parameter("metric")
    perplexity: float | None = parameter("perplexity")
    hidden: str = Field("", pattern=RUNS, max_length=2000)
    selected: str = Field("", pattern=RUNS)
    thumbnails: bool = False
    nearest: Literal["0", "5", "10"] = "0"
    play: Literal["map", "morph", "film", "path"] = "map"
    colour: Literal["", "purity", "error", "confidence", "seen", "right"] = ""
    at: float = Field(1, ge=0, le=1)


DEFAULT = Selection()


def current() -> Selection:
    """The selection: what the session holds, unless the URL says something else than was last written to it.

    Then it is a link, or a step back or forward, and counts whole: what it leaves out is at its default. An empty URL
    on a page that was just opened is no such step. What in the URL makes no sense is left out, and a note
    says so.
    """
    state = st.session_state
    held: dict[str, Any] = state.get(STATE, {})
    asked = {name: text for name, text in st.query_params.to_dict().items() if name in Selection.model_fields}
    page, same = state.get("page", ""), asked == state.get(WRITTEN, {})
    if same and page == state.get(WRITTEN_ON):
        return parsed({}, held)[0]
    ignored: list[str] = []
    if not same and (asked or page == state.get(WRITTEN_ON)):
        untold = {name: value for name, value in held.items() if len(_spelt(value)) > LONGEST}
        selection, ignored = parsed(asked, untold)
        state[MOVES] = moves() + 1
    else:
        selection, _ = parsed({}, held)
    _keep(selection)
    _note(ignored)
    return selection


def moves() -> int:
    """How many times the URL has changed the selection: by a link, by Back or Forward."""
    return int(st.session_state.get(MOVES, 0))


def parsed(asked: Mapping[str, str], held: Mapping[str, Any]) -> tuple[Selection, list[str]]:
    """What an address asks for over what is ``held`` already, and the names of what it asks for that makes no sense."""
    ignored = [name for name, value in asked.items() if len(value) > LONGEST]
    values = dict(held) | {name: value for name, value in asked.items() if name not in ignored}
    while True:
        try:
            return Selection.model_validate(values), ignored
        except ValidationError as error:
            wrong = {str(detail["loc"][0]) for detail in error.errors()}
            ignored += sorted(wrong & asked.keys())
            values = {name: value for name, value in values.items() if name not in wrong}


def fit(rows: int, classes: int) -> None:
    """Give up what points beyond the ``rows`` and ``classes`` of what is shown, and note it."""
    chosen = current()
    most = {"a": rows, "b": rows, "selected": rows, "hidden": classes + 1}
    beyond = [name for name, end in most.items() if _largest(getattr(chosen, name)) >= end]
    if beyond:
        update(**{name: getattr(DEFAULT, name) for name in beyond})
        _note(beyond)


def update(**changes: Any) -> None:
    """Change the selection, in the session and in the URL. Usable in callbacks. Names are Selection's fields."""
    _keep(Selection.model_validate(current().model_dump() | changes))


def rows_of(runs: str, count: int) -> list[int]:
    """``1-3.7`` -> [1, 2, 3, 7]: rows in their order, each once, without what is not below ``count``."""
    chosen = np.zeros(count, bool)
    for part in filter(None, runs.split(".")):
        start, _, end = part.partition("-")
        chosen[int(start) : int(end or start) + 1] = True
    rows: list[int] = np.flatnonzero(chosen).tolist()
    return rows


def _largest(runs: str | int | None) -> int:
    return max(map(int, re.findall(r"\d+", str(runs))), default=-1)


def _note(ignored: Collection[str]) -> None:
    if ignored:
        st.toast(f"Not found, and removed from the address: {', '.join(ignored)}.", duration="long")


def _keep(selection: Selection) -> None:
    """Into the session, and into the URL what is neither the default nor too long: in one message, one step back."""
    st.session_state[STATE] = kept = selection.model_dump(exclude_defaults=True)
    wanted = {name: text for name, value in kept.items() if len(text := _spelt(value)) <= LONGEST}
    there = {name: st.query_params.get_all(name) for name in st.query_params}
    if {name: there.get(name) for name in Selection.model_fields if name in there} != {
        n: [t] for n, t in wanted.items()
    }:
        others = {name: values for name, values in there.items() if name not in Selection.model_fields}
        others |= {name: [text] for name, text in wanted.items()}
        st.query_params.from_dict(others)
    st.session_state[WRITTEN], st.session_state[WRITTEN_ON] = wanted, st.session_state.get("page", "")


def _spelt(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
