"""The latent map: one or two projections of the same images side by side, linked; on a page, or in a file alone.

The points are drawn in WebGL and the view is our own: hovering, moving and playing ask nothing of a server, and no
charting library is loaded.
"""

from pathlib import Path
from typing import Any, TypedDict

from glico.web import modules
from glico.web.modules import bundle
from glico.web.palette import PALETTE
from glico.web.sprite import Sprite

HERE = Path(__file__).parent
STYLE = (HERE / "latent_map.css").read_text("utf-8")
BODY = '<div class="latent-map"></div>'


class Map(TypedDict):
    """One map. Arrays are base64 of little-endian bytes, rows one after another.

    ``positions`` (n, c) float32; ``near`` (n, k) int32, each code's nearest, and the ``angles`` (n, k) float32 to them
    in degrees; ``film`` (s, n, c) float32 at the ``steps`` (s,) of the training, None until it is asked for; no steps
    where there is none.
    """

    title: str
    positions: str
    near: str
    angles: str
    film: str | None
    steps: list[int]


class Kind(TypedDict):
    """One of a few things that a point can be, and the ``colour`` (#rrggbb) that says so."""

    name: str
    colour: str


class Value(TypedDict):
    """Numbers (n,) float32 as base64 to colour the points by, in each map; NaN where there is none.

    The scale runs from ``low`` to ``high``; numbers are written with so many ``digits``. Where there are ``kinds``,
    there is no scale: the numbers count them, and ``extras`` (m,) float32 those of the photographs and held-out images.
    ``maps`` is empty until the value is chosen.
    """

    name: str
    title: str
    low: float
    high: float
    digits: int
    kinds: list[Kind]
    extras: str
    maps: list[str]


class Content(TypedDict):
    """What the maps show: n images, and their labels (n,) int16.

    ``images`` names the images and ``layout`` the layout: the page keeps its state while they stay. ``names`` are the
    images' file names, none where there are no files. ``sheet`` has the thumbnails; None until they are at hand.
    """

    images: str
    layout: str
    components: int
    count: int
    labels: str
    classNames: list[str]
    names: list[str]
    sheet: Sprite | None
    maps: list[Map]
    values: list[Value]


class ExtraMap(TypedDict):
    """Where new codes fall in one map, (m, c) float32, and the images that its generator makes of them, once asked."""

    positions: str
    sheet: Sprite | None


class Generated(TypedDict):
    """New codes between pairs of images: (row a, row b, t) of each, and where they fall in every map."""

    pairs: list[tuple[int, int, float]]
    maps: list[ExtraMap]


class PathCodes(TypedDict):
    """The codes of a path from image ``a`` to image ``b``, evenly spaced in t, in every map."""

    a: int
    b: int
    maps: list[ExtraMap]


class Photographs(TypedDict):
    """m new images that were encoded: their names, what is said of each, its true class (-1 where that is not known).

    The first ``choosable`` of them can be chosen as A and B, as rows after the images'. ``maps`` says where their
    codes fall in every map, and ``near`` (m, k) int32 and ``angles`` (m, k) float32, both as base64, which images are
    nearest to them.
    """

    names: list[str]
    notes: list[str]
    labels: list[int]
    choosable: int
    maps: list[ExtraMap]
    near: list[str]
    angles: list[str]


class Asked(TypedDict):
    """What the page chooses on the maps, by the choice's names: done once for each ``serial``."""

    serial: int
    choice: dict[str, Any]


class Extras(TypedDict, total=False):
    """What the maps show beside the images."""

    generated: Generated | None
    path: PathCodes | None
    photographs: Photographs | None
    asked: Asked | None


def data(content: Content, opening: dict[str, Any], extras: Extras) -> dict[str, Any]:
    """What the map is given: ``opening`` is the choice that it opens with."""
    nothing: Extras = {"generated": None, "path": None, "photographs": None, "asked": None}
    return {**content, **nothing, **extras, "palette": PALETTE, "opening": opening}


def offline_page(content: Content, opening: dict[str, Any], extras: Extras, title: str) -> str:
    """One HTML file with the maps in it, images and all, linked: asks nothing of a network."""
    return modules.offline_page(title, BODY, STYLE, bundle(HERE / "offline.js"), data(content, opening, extras))
