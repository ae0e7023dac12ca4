"""Small images in rows and columns with visible captions, as in the paper's Figs. 1 and 5."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
import streamlit as st

from app.components import packed
from glico.types import Images
from glico.web.modules import bundle
from glico.web.sprite import Sprite, sprite

HERE = Path(__file__).parent

STYLE = (HERE / "image_table.css").read_text("utf-8")
SCRIPT = bundle(HERE / "image_table.js")
BODY = '<div class="scroll" tabindex="0" role="region"></div>'

_component = st.components.v2.component("image_table", html=BODY, css=STYLE, js=SCRIPT)


def image_table(
    rows: Sequence[tuple[str, Images]],
    key: str,
    title: str,
    columns: Sequence[str] = (),
    captions: Sequence[Sequence[str]] = (),
    side: int = 64,
    heads: Sequence[Sequence[str]] = (),
) -> None:
    """Show rows of (name, images (n, H, W, C) uint8); ``title`` describes them to screen readers.

    A tile is about ``side`` CSS pixels wide: more if there is room, less if the page is narrow, and the same in every
    row. ``columns`` are the column heads; if they change, ``heads`` has one list per row, empty for no change.
    ``captions`` appear below the images, one list of n per row.
    """
    _component(key=key, data=packed(content(rows, title, heads or [columns], captions, side)))


class Row(TypedDict):
    """A row of ``count`` images with their captions, and the heads of its columns if they change."""

    name: str
    count: int
    captions: list[str]
    columns: list[str]


class Content(TypedDict):
    """The content for the browser: tiles about ``side`` pixels wide, ``across`` in the longest row."""

    sheet: Sprite
    rows: list[Row]
    title: str
    side: int
    across: int


def content(
    rows: Sequence[tuple[str, Images]],
    title: str,
    heads: Sequence[Sequence[str]],
    captions: Sequence[Sequence[str]],
    side: int,
) -> Content:
    """Return the data for the browser."""

    def nth(lists: Sequence[Sequence[str]], i: int) -> list[str]:
        return list(lists[i]) if i < len(lists) else []

    return {
        "sheet": sprite(np.concatenate([images for _, images in rows])),
        "rows": [
            {"name": name, "count": len(images), "captions": nth(captions, i), "columns": nth(heads, i)}
            for i, (name, images) in enumerate(rows)
        ],
        "across": max(len(images) for _, images in rows),
        "title": title,
        "side": side,
    }
