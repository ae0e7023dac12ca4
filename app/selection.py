"""What is selected: checkpoints, points, t and method. One for all pages, kept in the URL.

A link reopens the same state. Streamlit empties the query string whenever another page is opened, so the
selection is also held in the session, from where ``current`` writes it back.
"""

from copy import copy
from typing import Any, Literal

import streamlit as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app import cached
from app.text import plain
from glico.config import PathName, ProjectConfig

STATE = "selection"
LONGEST = 1500  # letters that a value may take in the URL; what is longer is held by the session alone
RUNS = r"^(\d{1,7}(-\d{1,7})?(\.\d{1,7}(-\d{1,7})?)*)?$"


def parameter(name: str) -> Any:
    """A field of ProjectConfig, with its default and its bounds, as a field of the selection."""
    return copy(ProjectConfig.model_fields[name])


class Selection(BaseModel):
    """The selection, with the names that it has in the URL.

    ``checkpoint`` and ``beside`` are keys of ``cached.checkpoints()``; ``a`` and ``b`` are rows of the codes.
    From ``show`` to ``draw`` are the interpolate page's: which of its views; the rows of a path through a list, with
    dots between; the class whose mean is drawn around; frames a path; the noise e and the seed of its draws.
    ``drawn_from`` is for classifier runs: the images between which glico draws, as runs of rows, and the checkpoint
    ``drawn_of`` whose rows they are.
    From ``step`` on are the latent map's: the snapshot of ``beside`` that is shown, in place of its last codes;
    the projection's parameters, by ProjectConfig's names; the classes that are off (0 is unlabelled, 1 the first)
    and the rows selected, as runs; how many neighbours are drawn; what the map plays, where it
    stands, and the value that colours it, else the class.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    checkpoint: str = "digits-glico"
    beside: str = "digits-glo"
    a: int | None = Field(None, ge=0)
    b: int | None = Field(None, ge=0)
    t: float = Field(0.5, ge=0, le=1)
    path: PathName = "slerp"
    method: Literal["umap", "tsne", "pca"] = "umap"
    components: Literal["2", "3"] = "2"
    run: str = ""
    show: Literal["pair", "list", "mean", "grid", "reconstructions"] = "pair"
    rows: str = Field("", pattern=r"^(\d{1,7}(\.\d{1,7})*)?$")
    of: int | None = Field(None, ge=0)
    frames: Literal["21", "51", "101", "201"] = "101"
    noise: Literal["off", "fixed", "resampled"] = "off"
    draw: int = Field(0, ge=0, le=2**31 - 1)
    drawn_from: str = Field("", pattern=RUNS)
    drawn_of: str = ""
    step: int | None = Field(None, ge=0)
    neighbours: int | None = parameter("neighbours")
    minimum_distance: float = parameter("minimum_distance")
    metric: Literal["cosine", "euclidean"] = parameter("metric")
    perplexity: float | None = parameter("perplexity")
    hidden: str = Field("", pattern=RUNS, max_length=2000)
    selected: str = Field("", pattern=RUNS)
    thumbnails: bool = False
    nearest: Literal["0", "5", "10"] = "0"
    play: Literal["map", "morph", "film", "path"] = "map"
    colour: Literal["", "purity", "error", "confidence"] = ""
    at: float = Field(1, ge=0, le=1)


DEFAULT = Selection()


def current() -> Selection:
    """The selection: what the URL says, then what the session holds, then the defaults.

    Values in the URL that make no sense are left out.
    """
    held: dict[str, Any] = st.session_state.get(STATE, {})
    asked = {name: st.query_params[name] for name in Selection.model_fields if name in st.query_params}
    selection = _valid(held | {name: value for name, value in asked.items() if len(value) <= LONGEST})
    _keep(selection)
    return selection


def update(**changes: Any) -> None:
    """Change the selection, in the session and in the URL. Usable in callbacks. Names are Selection's fields."""
    _keep(Selection.model_validate(current().model_dump() | changes))


def choose_checkpoint(label: str, name: Literal["checkpoint", "beside"] = "checkpoint") -> "cached.CheckpointFile":
    """A select box over every checkpoint there is, bound to the selection; returns what is chosen.

    Stops the page with an invitation to train where there is none.
    """
    files = {file.key: file for file in cached.checkpoints()}
    if not files:
        st.info("There is no checkpoint yet. Train one on the Train page.", icon=":material/info:")
        st.stop()
    chosen = getattr(current(), name)
    if chosen not in files:
        if chosen != getattr(DEFAULT, name):
            st.warning(f"The checkpoint {plain(chosen)} is no longer there; showing another.")
        chosen = next(iter(files))
        update(**{name: chosen})
    key = f"choose_{name}"
    st.session_state[key] = chosen

    def changed() -> None:
        update(**{name: st.session_state[key]})

    st.selectbox(label, [*files], format_func=lambda file: files[file].title, key=key, on_change=changed)
    return files[chosen]


def rows_of(runs: str, count: int = 10**7) -> list[int]:
    """``1-3.7`` -> [1, 2, 3, 7], without what is not below ``count``."""
    rows: list[int] = []
    for part in filter(None, runs.split(".")):
        start, _, end = part.partition("-")
        rows.extend(range(int(start), min(int(end or start), count - 1) + 1))
    return rows


def _valid(values: dict[str, Any]) -> Selection:
    while True:
        try:
            return Selection.model_validate(values)
        except ValidationError as error:
            wrong = {str(detail["loc"][0]) for detail in error.errors()}
            values = {name: value for name, value in values.items() if name not in wrong}


def _keep(selection: Selection) -> None:
    """Into the session, and into the URL what is neither the default nor too long."""
    st.session_state[STATE] = kept = selection.model_dump(exclude_defaults=True)
    wanted = {name: text for name, value in kept.items() if len(text := _spelt(value)) <= LONGEST}
    for name in Selection.model_fields:
        if name in wanted and st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]
        elif name not in wanted and name in st.query_params:
            del st.query_params[name]


def _spelt(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
