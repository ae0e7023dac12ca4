"""The latent map: one or two projections of the same images side by side, in one part of the page.

plotly.js gives axes, pan, zoom, box and lasso; the points are drawn over it in WebGL, so that hovering, panning and
playing ask nothing of the server.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import streamlit as st

from app.components import plotly_js
from app.figures import PALETTE
from glico.web import COMMON, source
from glico.web.sprite import Sprite

HERE = Path(__file__).parent
SCRIPTS = (
    "points.js", "geometry.js", "frame.js", "outline.js", "fingers.js", "latent_map.js", "playing.js", "marks.js",
    "choosing.js", "controls.js", "legend.js", "dock.js", "component.js",
)  # fmt: skip

_component = st.components.v2.component(
    "latent_map",
    html='<div class="latent-map"></div>',
    css=(HERE / "latent_map.css").read_text("utf-8"),
    js=plotly_js.LOADER + source(COMMON) + "".join((HERE / name).read_text("utf-8") for name in SCRIPTS),
    isolate_styles=False,
)


class Map(TypedDict):
    """One map. Arrays are base64 of little-endian bytes, rows one after another.

    ``positions`` (n, c) float32; ``near`` (n, k) int32, each code's nearest; ``film`` (s, n, c) float32 at the
    ``steps`` (s,) of the training, None until it is asked for; no steps where there is none.
    """

    title: str
    positions: str
    near: str
    film: str | None
    steps: list[int]


class Content(TypedDict):
    """What the maps show: n images, their labels (n,) int16 and places in the data set (n,) int32.

    ``images`` names the images and ``layout`` the layout: the page keeps its state while they stay.
    """

    images: str
    layout: str
    components: int
    count: int
    labels: str
    indices: str
    classNames: list[str]
    sheet: Sprite
    maps: list[Map]


class GeneratedMap(TypedDict):
    """Where new codes fall in one map, (m, c) float32, and the images that its generator draws from them."""

    positions: str
    sheet: Sprite


class Generated(TypedDict):
    """New codes between pairs of images: (row a, row b, t) of each, and where they fall in every map."""

    pairs: list[tuple[int, int, float]]
    maps: list[GeneratedMap]


def latent_map(
    content: Content,
    opening: dict[str, Any],
    generated: Generated | None,
    key: str,
    on_choice: Callable[[], None],
) -> dict[str, Any] | None:
    """Show the maps; gives the choice when "Interpolate these" was just pressed, else None.

    ``opening`` is the choice that the maps open with, by the names that it has here and that
    ``st.session_state[key].choice`` has when ``on_choice`` is called: hidden (labels), thumbnails, neighbours, a and b
    (rows), selected (runs of rows), mode, at.
    """
    data = {**content, "plotly": plotly_js.address(), "palette": PALETTE, "opening": opening, "generated": generated}
    result = _component(key=key, data=data, on_choice_change=on_choice, on_interpolate_change=lambda: None)
    pressed: dict[str, Any] | None = result.interpolate
    return pressed
