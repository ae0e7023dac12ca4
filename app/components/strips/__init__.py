"""Rows of small images with a label each: the small sample by class, reconstructions, the last batch."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from glico.data.dataset import Images

HERE = Path(__file__).parent
COMPONENT = st.components.v2.component(
    "strips", css=(HERE / "strips.css").read_text(), js=(HERE / "strips.js").read_text()
)


@dataclass(frozen=True)
class Strip:
    """``images`` (n, H, W, C) uint8 in a row. ``captions`` are shown on hover; ``marked`` ones get a frame, ``pale``
    ones are faint."""

    label: str
    images: Images
    captions: Sequence[str] = ()
    marked: Sequence[bool] = ()
    pale: Sequence[bool] = ()


def strips(rows: Sequence[Strip], key: str, *, tile: int = 40) -> None:
    """Show the rows; images are ``tile`` CSS pixels wide and wrap where the page is narrow."""
    COMPONENT(
        key=key,
        data={
            "tile": tile,
            "rows": [
                {
                    "label": row.label,
                    "count": len(row.images),
                    "aspect": row.images.shape[1] / row.images.shape[2],
                    "picture": png(np.concatenate(list(row.images), axis=1)) if len(row.images) else "",
                    "captions": list(row.captions),
                    "marked": [bool(mark) for mark in row.marked],
                    "pale": [bool(mark) for mark in row.pale],
                }
                for row in rows
            ],
        },
    )


def png(image: Images) -> str:
    """An image (H, W, C) uint8 as a data address."""
    buffer = BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(buffer, "PNG")
    return "data:image/png;base64," + b64encode(buffer.getvalue()).decode()
