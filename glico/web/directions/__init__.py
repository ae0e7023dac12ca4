"""Directions: sliders through the latent space, whose images the browser draws itself."""

from pathlib import Path
from typing import TypedDict

from glico.web.generator import GeneratorData
from glico.web.sprite import Sprite

HERE = Path(__file__).parent
STYLE = (HERE / "directions.css").read_text("utf-8")
BODY = '<div class="directions"></div>'


class Group(TypedDict):
    """All images, or those of a class: the ``rows`` of its images, and its principal directions.

    ``mean`` (d,) and ``vectors`` (k, d) are float32 as base64; ``spread`` (k,) are standard deviations in radians and
    ``share`` (k,) shares of the variation, in 0 to 1.
    """

    title: str
    rows: list[int]
    mean: str
    vectors: str
    spread: list[float]
    share: list[float]


class Content(TypedDict):
    """The content of the sliders: n images with their ``names`` and ``codes`` (n, d), float32 as base64.

    ``content`` identifies all of it. The sliders open on the group ``opening``, towards the next one; None: on the
    first class. ``sheet`` has the images, in the order of their rows.
    """

    content: str
    opening: int | None
    codes: str
    names: list[str]
    groups: list[Group]
    sheet: Sprite
    generator: GeneratorData
