"""Choosing training images by looking at them: a grid of thumbnails, class by class."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

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


def image_picker(
    sheet: Sprite,
    rows: Labels,
    labels: Labels,
    names: tuple[str, ...],
    chosen: Sequence[int],
    places: str,
    key: str,
    on_choose: Callable[[], None],
) -> None:
    """Show the images ``rows`` (n,), whose ``labels`` (n,) are given, as tiles 0 to n - 1 of ``sheet``.

    With ``places``, a letter each, a click sets one of them, in turn or as the person says; else it appends the image
    to ``chosen``, or takes it out. When it does, ``on_choose`` is called and ``st.session_state[key].chosen`` holds the
    new rows.
    """
    groups = [
        {
            "name": class_name(int(label), names),
            "items": [{"row": int(rows[i]), "tile": int(i)} for i in np.flatnonzero(labels == label)],
        }
        for label in sorted(np.unique(labels), key=lambda label: (label < 0, label))
    ]
    data: dict[str, Any] = {"sheet": sheet, "groups": groups, "chosen": list(chosen), "places": places}
    _component(key=key, data=packed(data), on_chosen_change=on_choose)
