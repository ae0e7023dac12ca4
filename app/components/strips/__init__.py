"""Rows of small images with a label each: the small sample by class, reconstructions, the last batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from glico.data.dataset import Images
from glico.web.modules import bundle
from glico.web.sprite import sprite

HERE = Path(__file__).parent
COMPONENT = st.components.v2.component("strips", css=(HERE / "strips.css").read_text(), js=bundle(HERE / "strips.js"))


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
    COMPONENT(
        key=key,
        data={
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
        },
    )
