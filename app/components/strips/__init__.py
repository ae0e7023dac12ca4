"""Rows of small images with a label each: the small sample by class, reconstructions, the last batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from app.components import packed
from glico.types import Images
from glico.web.modules import bundle
from glico.web.sprite import sprite

HERE = Path(__file__).parent
STYLE = (HERE / "strips.css").read_text("utf-8")
SCRIPT = bundle(HERE / "strips.js")

_component = st.components.v2.component("strips", css=STYLE, js=SCRIPT)


@dataclass(frozen=True)
class Strip:
    """``images`` (n, H, W, C) uint8 in a row. ``captions`` are shown on hover; ``marked`` ones get a frame, ``pale``
    ones are faint."""

    label: str
    images: Images
    captions: Sequence[str] = ()
    marked: Sequence[bool] = ()
    pale: Sequence[bool] = ()


def strips(rows: Sequence[Strip], key: str, *, tile: int = 40, title: str = "") -> None:
    """Show the rows; images are ``tile`` CSS pixels wide and wrap where the page is narrow.

    ``title`` says to a screen reader what a row without a label is.
    """
    _component(key=key, data=packed(content(rows, tile, title)))


def content(rows: Sequence[Strip], tile: int, title: str) -> dict[str, Any]:
    """What the browser is told of the rows."""
    return {
        "tile": tile,
        "title": title,
        "rows": [
            {
                "label": row.label,
                "count": len(row.images),
                "sheet": sprite(row.images) if len(row.images) else None,
                "captions": list(row.captions),
                "marked": [bool(mark) for mark in row.marked],
                "pale": [bool(mark) for mark in row.pale],
            }
            for row in rows
        ],
    }
