"""A grid of thumbnails by class, to choose images from."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
import streamlit as st

from app.components import packed
from glico.data.dataset import class_name
from glico.types import Labels
from glico.web.modules import bundle
from glico.web.sprite import Sprite

HERE = Path(__file__).parent
LARGEST = 64  # pixels per side of a thumbnail

_component = st.components.v2.component(
    "image_picker",
    html='<div class="picker"></div>',
    css=(HERE / "image_picker.css").read_text("utf-8"),
    js=bundle(HERE / "image_picker.js"),
)


class Item(TypedDict):
    """An image: its row in the checkpoint, its tile in the sheet, and its name for the pointer and screen readers."""

    row: int
    tile: int
    name: str


class Group(TypedDict):
    """The images of a class."""

    name: str
    items: list[Item]


class Content(TypedDict):
    """The content for the browser."""

    sheet: Sprite
    groups: list[Group]
    chosen: list[int]
    places: str


def image_picker(
    sheet: Sprite,
    rows: Labels,
    labels: Labels,
    names: tuple[str, ...],
    chosen: Sequence[int],
    places: str,
    key: str,
    on_choose: Callable[[], None],
    captions: Sequence[str] | None = None,
) -> None:
    """Show the images ``rows`` (n,) with these ``labels`` (n,); they are the tiles 0 to n - 1 of ``sheet``.

    Each has a name, which is its class and row, or its caption, if there are ``captions`` (n,).

    With ``places``, a letter each, a click sets one of them, in turn or as the person selects; otherwise it adds the
    image to ``chosen`` or removes it. Then ``on_choose`` is called, and ``st.session_state[key].chosen`` has the new
    rows.
    """
    if captions is None:
        captions = [f"{class_name(int(label), names)}, image {row}" for row, label in zip(rows, labels, strict=True)]
    groups: list[Group] = [
        {
            "name": class_name(int(label), names),
            "items": [
                {"row": int(rows[i]), "tile": i, "name": captions[i]} for i in np.flatnonzero(labels == label).tolist()
            ],
        }
        for label in sorted(np.unique(labels), key=lambda label: (label < 0, label))
    ]
    data: Content = {"sheet": sheet, "groups": groups, "chosen": list(chosen), "places": places}
    _component(key=key, data=packed(data), on_chosen_change=on_choose)
