"""The selection: checkpoints, images and the state of each page. All pages share it, and the URL holds it.

A link reopens the same state, and so do the browser's Back and Forward. Streamlit empties the query string whenever
another page is opened, so the session holds the selection too, and ``current`` writes it back to the URL.
"""

import re
from collections.abc import Collection, Mapping
from copy import copy
from typing import Any, Literal

import numpy as np
import streamlit as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from glico.config import FramePathName, ProjectConfig

STATE, MOVES = "selection", "selection_moves"
WRITTEN, WRITTEN_ON = "selection_written", "selection_written_on"  # the last URL written, and on which page
LONGEST = 1500  # letters of a value in the URL; only the session holds a longer one
MOST = 10**7  # a larger number is no row
ROWS = r"^(\d{1,7}(\.\d{1,7})*)?$"
RUNS = r"^(\d{1,7}(-\d{1,7})?(\.\d{1,7}(-\d{1,7})?)*)?$"


def parameter(name: str) -> Any:
    """Return a field of ProjectConfig, with its default and its bounds, as a field of the selection."""
    return copy(ProjectConfig.model_fields[name])


DIGITS = {"checkpoint": "digits-glico", "beside": "digits-glo"}  # shipped, as is their data set


class Part(BaseModel):
    """A part of the selection; immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MapView(Part):
    """The Latent map page.

    ``step`` is the snapshot of ``beside`` that the left map shows instead of the last codes. Then the projection's
    parameters, by ProjectConfig's names. ``hidden`` are the classes that are off (0 is unlabelled, 1 the first) and
    ``selected`` the rows selected, both as runs. ``links`` is the number of neighbours that are drawn. ``mode`` is what
    the map plays, ``position`` how far it is, and ``colour`` the value that colours the points (empty: the class).
    """

    step: int | None = Field(None, ge=0, lt=MOST)
    method: Literal["umap", "tsne", "pca"] = "umap"
    components: Literal["2", "3"] = "2"
    neighbours: int | None = parameter("neighbours")
    minimum_distance: float = parameter("minimum_distance")
    metric: Literal["cosine", "euclidean"] = parameter("metric")
    perplexity: float | None = parameter("perplexity")
    hidden: str = Field("", pattern=RUNS, max_length=2000)
    selected: str = Field("", pattern=RUNS)
    thumbnails: bool = False
    links: Literal["0", "5", "10"] = "0"
    mode: Literal["map", "transition", "film", "path"] = "map"
    colour: Literal["", "purity", "error", "confidence", "seen", "right"] = ""
    position: float = Field(1, ge=0, le=1)

    @field_validator("mode", mode="before")
    @classmethod
    def _earlier_name(cls, mode: object) -> object:
        """Read the name that addresses had for the transition before a morph was a path."""
        return "transition" if mode == "morph" else mode


class PathView(Part):
    """The Interpolate page.

    ``view`` is which of its views is shown, ``t`` the position on the path, ``rows`` the rows of a path through a list
    of images, ``corners`` those of a surface, with dots between, and ``u`` and ``v`` the position on it. ``path`` is
    the path of the grid, and ``ends`` the images that a morph joins. ``direction`` is the state of the sliders along
    directions; ``first_group`` and ``second_group`` are images of the checkpoint ``groups_of``, as runs of rows, whose
    means a direction joins. ``mean_class`` is the class of the class mean. ``frames`` is the number of frames from
    image to image, ``noise`` the kind of noise, and ``noise_seed`` its seed, which also seeds random images.
    """

    view: Literal["pair", "list", "surface", "directions", "mean", "grid", "reconstructions"] = "pair"
    t: float = Field(0.5, ge=0, le=1)
    path: FramePathName = "slerp"
    ends: Literal["generated", "original"] = "generated"
    rows: str = Field("", pattern=ROWS)
    corners: str = Field("", pattern=ROWS)
    u: float = Field(0.5, ge=0, le=1)
    v: float = Field(0.5, ge=0, le=1)
    direction: str = Field("", pattern=r"^(-?\d{1,7}(\.\d{1,7})?(_-?\d{1,7}(\.\d{1,7})?)*)?$", max_length=200)
    first_group: str = Field("", pattern=RUNS)
    second_group: str = Field("", pattern=RUNS)
    groups_of: str = Field("", max_length=255)
    mean_class: int | None = Field(None, ge=0, lt=MOST)
    frames: Literal["21", "51", "101", "201"] = "101"
    noise: Literal["off", "fixed", "resampled"] = "off"
    noise_seed: int = Field(0, ge=0, le=2**31 - 1)


class RunView(Part):
    """The Train and Classify pages: the ``run`` that is shown, and the images between which new ones are generated.

    ``drawn_from`` are these images, as runs of rows of the checkpoint ``drawn_of``.
    """

    run: str = Field("", max_length=255)
    drawn_from: str = Field("", pattern=RUNS)
    drawn_of: str = Field("", max_length=255)


class Selection(Part):
    """The whole selection. All pages share the checkpoints, keys of ``cached.checkpoints()``, and the images ``a`` and
    ``b``, rows of the codes. No two parts have a field of the same name."""

    checkpoint: str = Field("cifar10-glico", max_length=255)
    beside: str = Field("cifar10-glo", max_length=255)
    a: int | None = Field(None, ge=0, lt=MOST)
    b: int | None = Field(None, ge=0, lt=MOST)
    map: MapView = MapView()
    path: PathView = PathView()
    runs: RunView = RunView()


PARTS: dict[str, type[Part]] = {"map": MapView, "path": PathView, "runs": RunView}
PART_OF: dict[str, str | None] = {name: None for name in Selection.model_fields if name not in PARTS}
PART_OF |= {name: part for part, model in PARTS.items() for name in model.model_fields}
"""Each field's part; None for what all pages share."""
IN_URL = {
    "view": "show", "mean_class": "of", "noise_seed": "draw", "links": "nearest", "mode": "play", "position": "at",
}  # fmt: skip
"""The names of fields in the URL, if they differ: addresses that people have kept go on working."""
FIELD = {IN_URL.get(name, name): name for name in PART_OF}
"""The field of each name in the URL."""
DEFAULT = Selection()


def current() -> Selection:
    """Return the session's selection, unless the URL has changed since it was last written.

    Then it is a link, or a step back or forward, and counts whole: what it leaves out is at its default. An empty URL
    on a page that was just opened is no such step. Values in the URL that make no sense are ignored, and a note says
    so.
    """
    state = st.session_state
    stored: dict[str, Any] = state.get(STATE, {})
    address = {name: text for name, text in st.query_params.to_dict().items() if name in FIELD}
    page, same = state.get("page", ""), address == state.get(WRITTEN, {})
    if same and page == state.get(WRITTEN_ON):
        return parse({}, stored)[0]
    ignored: list[str] = []
    if not same and (address or page == state.get(WRITTEN_ON)):
        unwritten = {name: value for name, value in stored.items() if len(_as_text(value)) > LONGEST}
        selection, ignored = parse(address, unwritten)
        state[MOVES] = moves() + 1
    else:
        selection, _ = parse({}, stored)
    _store(selection)
    _note(ignored)
    return selection


def moves() -> int:
    """Return how many times the URL has changed the selection: by a link, by Back or Forward."""
    return int(st.session_state.get(MOVES, 0))


def parse(address: Mapping[str, str], stored: Mapping[str, Any]) -> tuple[Selection, list[str]]:
    """Return the selection of an ``address``, by its names, over the fields ``stored`` already; and the names in the
    address whose values make no sense."""
    ignored = [name for name, value in address.items() if len(value) > LONGEST]
    values = dict(stored) | {FIELD[name]: value for name, value in address.items() if name not in ignored}
    while True:
        try:
            return build(values), ignored
        except ValidationError as error:
            wrong = {str(detail["loc"][detail["loc"][0] in PARTS]) for detail in error.errors()}
            ignored += sorted({IN_URL.get(name, name) for name in wrong} & address.keys())
            values = {name: value for name, value in values.items() if name not in wrong}


def build(values: Mapping[str, Any]) -> Selection:
    """Return the selection with these fields, whatever their part; the others are at their defaults. Raises
    ValidationError."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        part = PART_OF[name]
        (nested if part is None else nested.setdefault(part, {}))[name] = value
    return Selection.model_validate(nested)


def fields(selection: Selection, *, exclude_defaults: bool = False) -> dict[str, Any]:
    """Return all fields of the selection, whatever their part."""
    nested = selection.model_dump(exclude_defaults=exclude_defaults)
    parts = [nested.pop(part) for part in PARTS if part in nested]
    for part in parts:
        nested |= part
    return nested


def fit(rows: int, classes: int) -> None:
    """Reset what points beyond the ``rows`` and ``classes`` that are shown, and note it."""
    chosen = fields(current())
    most = {"a": rows, "b": rows, "selected": rows, "hidden": classes + 1}
    beyond = [name for name, end in most.items() if _largest(chosen[name]) >= end]
    if beyond:
        default = fields(DEFAULT)
        update(**{name: default[name] for name in beyond})
        _note(beyond)


def update(**changes: Any) -> None:
    """Change the selection, in the session and in the URL. Usable in callbacks. Names are fields of any part."""
    _store(build(fields(current()) | changes))


def rows_of(runs: str, count: int) -> list[int]:
    """``1-3.7`` -> [1, 2, 3, 7]: the rows below ``count``, sorted, each once."""
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
        st.toast(f"Ignored unknown values in the URL: {', '.join(ignored)}.", duration="long")


def _store(selection: Selection) -> None:
    """Write the selection to the session, and to the URL what is neither default nor too long: in one message, so that
    it is one step back."""
    st.session_state[STATE] = stored = fields(selection, exclude_defaults=True)
    address = {
        IN_URL.get(name, name): text for name, value in stored.items() if len(text := _as_text(value)) <= LONGEST
    }
    before = {name: st.query_params.get_all(name) for name in st.query_params}
    if {name: before[name] for name in FIELD if name in before} != {name: [text] for name, text in address.items()}:
        others = {name: values for name, values in before.items() if name not in FIELD}
        st.query_params.from_dict(others | {name: [text] for name, text in address.items()})
    st.session_state[WRITTEN], st.session_state[WRITTEN_ON] = address, st.session_state.get("page", "")


def _as_text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
