"""Small images in rows and columns, each with its caption in sight: the manner of the paper's Figs. 1 and 5."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.components import packed
from glico.types import Images
from glico.web.modules import bundle
from glico.web.sprite import sprite

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
    """Show rows of (name, images (n, H, W, C) uint8), ``title`` saying to screen readers what they are.

    A tile is about ``side`` CSS pixels wide: more where there is room, less where the page is narrow, and the same in
    every row. ``columns`` head the columns; where they change, ``heads`` has one list per row, empty for no change.
    ``captions`` stand below the images, one list of n per row.
    """
    _component(key=key, data=packed(content(rows, title, heads or [columns], captions, side)))


def content(
    rows: Sequence[tuple[str, Images]],
    title: str,
    heads: Sequence[Sequence[str]],
    captions: Sequence[Sequence[str]],
    side: int,
) -> dict[str, Any]:
    """What the browser is told of the table."""

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
