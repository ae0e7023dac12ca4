"""Small images in rows and columns, each with its caption in sight: the manner of the paper's Figs. 1 and 5."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from glico.data.dataset import Images
from glico.web.sprite import sprite

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "image_table",
    html='<div class="scroll" tabindex="0" role="region"><table></table></div>',
    css=(HERE / "image_table.css").read_text("utf-8"),
    js=(HERE / "image_table.js").read_text("utf-8"),
)


def image_table(
    rows: Sequence[tuple[str, Images]],
    key: str,
    title: str,
    columns: Sequence[str] = (),
    captions: Sequence[Sequence[str]] = (),
    side: int = 64,
) -> None:
    """Show rows of (name, images (n, H, W, C) uint8), ``title`` saying to screen readers what they are.

    A tile is ``side`` CSS pixels wide, more where there is room. ``columns`` head the columns; ``captions`` stand
    below the images, a list of n a row. It scrolls sideways where the page is too narrow.
    """
    filled = [captions[i] if i < len(captions) else [] for i in range(len(rows))]
    data: dict[str, Any] = {
        "sheet": sprite(np.concatenate([images for _, images in rows])),
        "rows": [
            {"name": name, "count": len(images), "captions": list(filled[i])} for i, (name, images) in enumerate(rows)
        ],
        "columns": list(columns),
        "title": title,
        "side": side,
    }
    _component(key=key, data=data)
