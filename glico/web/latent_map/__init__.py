"""The latent map: one or two linked projections of the same images, on a page or in a single file.

The points are drawn in WebGL by scripts of our own: hovering, moving and playing need no server and no charting
library.
"""

from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from glico.web import modules
from glico.web.generator import GeneratorData
from glico.web.modules import bundle
from glico.web.palette import PALETTE
from glico.web.sprite import Sprite

HERE = Path(__file__).parent
STYLE = (HERE / "latent_map.css").read_text("utf-8")
BODY = '<div class="latent-map"></div>'


class Map(TypedDict):
    """One map. Arrays are base64 of little-endian bytes in row-major order.

    ``positions`` (n, c) float32; ``near`` (n, k) int32, the nearest codes of each, and ``angles`` (n, k) float32 to
    them in degrees; ``film`` (s, n, c) float32 at the ``steps`` (s,) of the training, None until it is played.
    ``steps`` is empty if there is no film.
    """

    title: str
    positions: str
    near: str
    angles: str
    film: str | None
    steps: list[int]


class Category(TypedDict):
    """A category of points, and its ``colour`` (#rrggbb)."""

    name: str
    colour: str


class Value(TypedDict):
    """Numbers (n,) float32 as base64 to colour the points by, in each map; NaN if there is none.

    The scale runs from ``low`` to ``high``; numbers are shown with ``digits`` decimals. With ``categories`` there is no
    scale: the numbers are indices of categories, and ``extras`` (m,) float32 those of the photographs and unseen
    images. ``maps`` is empty until the value is chosen.
    """

    name: str
    title: str
    low: float
    high: float
    digits: int
    categories: list[Category]
    extras: str
    maps: list[str]


class Content(TypedDict):
    """The maps of n images and their labels (n,) int16.

    ``images`` identifies the images and ``layout`` the layout: the page keeps its state until they change. ``names``
    are the images' file names, empty if there are no files. ``sheet`` holds the thumbnails; None until they are
    available.
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
    """The positions (m, c) float32 of new codes in one map, and the images generated from them, if requested."""

    positions: str
    sheet: Sprite | None


class Generated(TypedDict):
    """New codes between pairs of images: (row a, row b, t) of each, and their positions in every map."""

    pairs: list[tuple[int, int, float]]
    maps: list[ExtraMap]


class PathCodes(TypedDict):
    """The codes of a path from image ``a`` to image ``b``, evenly spaced in t, in every map."""

    a: int
    b: int
    maps: list[ExtraMap]


class Photographs(TypedDict):
    """m new images that were encoded: their names, notes and true classes (-1 if unknown).

    The first ``choosable`` of them can be chosen as A and B, as rows after the images'. ``maps`` has their positions in
    every map, ``near`` (m, k) int32 and ``angles`` (m, k) float32, both as base64, the images nearest to them.
    """

    names: list[str]
    notes: list[str]
    labels: list[int]
    choosable: int
    maps: list[ExtraMap]
    near: list[str]
    angles: list[str]


class Choice(TypedDict):
    """A person's choice on the maps.

    ``hidden`` are labels, ``neighbours`` is the number that is drawn, ``a`` and ``b`` are rows, ``selected`` are runs
    of rows. ``mode`` is the film that the maps play and ``at`` its position; ``colour`` is the name of a value (empty:
    the class).
    """

    hidden: list[int]
    thumbnails: bool
    neighbours: int
    a: int | None
    b: int | None
    selected: str
    mode: str
    at: float
    colour: str


class PartialChoice(TypedDict, total=False):
    """The parts of a choice that the page changes."""

    a: int | None
    b: int | None


class Request(TypedDict):
    """A change of the choice that the page requests; the maps apply each ``serial`` once."""

    serial: int
    choice: PartialChoice


class ClassifierData(TypedDict):
    """A weak classifier: the address of its graph, or the graph as base64 in a file, and its ``collapsed`` classes."""

    graph: str
    collapsed: list[int]


class GeneratorSource(TypedDict):
    """The codes (n, d) float32 of a map, as base64, and the generator that draws them in the browser.

    ``classifier`` is the weak classifier, None if there is none that a browser can run.
    """

    codes: str
    generator: GeneratorData
    classifier: ClassifierData | None


class PlaceChoice(TypedDict):
    """An empty place of the maps that becomes A or B (``end``): its code (d,) in each map, None without a generator."""

    end: Literal["a", "b"]
    codes: list[list[float] | None]


class Extras(TypedDict, total=False):
    """The additions of the maps to the images."""

    generated: Generated | None
    path: PathCodes | None
    photographs: Photographs | None
    request: Request | None
    generators: list[GeneratorSource | None] | None


class Data(Content):
    """Everything that the browser gets. ``opening`` is the choice that the maps open with; ``awaited`` is set if the
    page waits until the browser has drawn them."""

    generated: Generated | None
    path: PathCodes | None
    photographs: Photographs | None
    request: Request | None
    generators: list[GeneratorSource | None] | None
    palette: list[str]
    opening: Choice
    awaited: NotRequired[bool]


NO_EXTRAS: Extras = {"generated": None, "path": None, "photographs": None, "request": None, "generators": None}
EMPTY_CHOICE: Choice = {
    "hidden": [],
    "thumbnails": False,
    "neighbours": 0,
    "a": None,
    "b": None,
    "selected": "",
    "mode": "map",
    "at": 1,
    "colour": "",
}


def data(content: Content, opening: Choice, extras: Extras) -> Data:
    """Return everything that the browser gets."""
    return {**content, **NO_EXTRAS, **extras, "palette": list(PALETTE), "opening": opening}  # type: ignore[typeddict-item]


def offline_page(content: Content, opening: Choice, extras: Extras, title: str) -> str:
    """Return one HTML file with the maps in it, which needs no network. Raises GlicoError if it is too large.

    No server can add to it later, so it offers no value without numbers and no film without frames.
    """
    maps: list[Map] = [{**each, "steps": each["steps"] if each["film"] else []} for each in content["maps"]]
    values = [value for value in content["values"] if value["maps"]]
    whole: Content = {**content, "maps": maps, "values": values}
    extras = {**extras, "generators": None}  # their addresses are the server's
    return modules.offline_page(title, BODY, STYLE, bundle(HERE / "offline.js"), data(whole, opening, extras))
