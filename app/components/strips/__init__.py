"""Rows of small images, each row with a label: the small sample by class, reconstructions, the last batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import streamlit as st

from app.components import packed
from glico.types import Images
from glico.web.modules import bundle
from glico.web.sprite import Sprite, sprite

HERE = Path(__file__).parent
STYLE = (HERE / "strips.css").read_text("utf-8")
SCRIPT = bundle(HERE / "strips.js")

_component = st.components.v2.component("strips", css=STYLE, js=SCRIPT)


@dataclass(frozen=True)
class Strip:
    """A row of ``images`` (n, H, W, C) uint8. ``captions`` appear on hover; ``marked`` images have a frame, ``pale``
    ones are faded."""

    label: str
    images: Images
    captions: Sequence[str] = ()
    marked: Sequence[bool] = ()
    pale: Sequence[bool] = ()


def strips(rows: Sequence[Strip], key: str, *, tile: int = 40, title: str = "") -> None:
    """Show the rows; images are ``tile`` CSS pixels wide and wrap if the page is narrow.

    ``title`` describes a row without a label to screen readers.
    """
    _component(key=key, data=packed(content(rows, tile, title)))


class Row(TypedDict):
    """A row of ``count`` images; lists have an entry for each image, or none."""

    label: str
    count: int
    sheet: Sprite | None
    captions: list[str]
    marked: list[bool]
    pale: list[bool]


class Content(TypedDict):
    """The content for the browser."""

    tile: int
    title: str
    rows: list[Row]


def content(rows: Sequence[Strip], tile: int, title: str) -> Content:
    """Return the data for the browser."""
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
