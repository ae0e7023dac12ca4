"""The JSON for the browser is declared in Python (TypedDict) and in JavaScript (@typedef): both say the same."""

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from app.components import image_picker, image_table, live_chart, strips
from glico.web import directions, generator, latent_map
from glico.web.scrubber import content as scrubber
from glico.web.sprite import Sprite

ROOT = Path(__file__).parents[1]
MAP, SCRUBBER, COMPONENTS = "glico/web/latent_map", "glico/web/scrubber", "app/components"
PAIRS = [
    (Sprite, "glico/web/sprite.js", "SpriteData"),
    (latent_map.Data, f"{MAP}/content.js", "ContentData"),
    (latent_map.Map, f"{MAP}/content.js", "MapData"),
    (latent_map.PathCodes, f"{MAP}/content.js", "PathData"),
    (latent_map.Request, f"{MAP}/content.js", "RequestData"),
    (latent_map.PartialChoice, f"{MAP}/content.js", "RequestedChoice"),
    (latent_map.Value, f"{MAP}/ink.js", "ValueData"),
    (latent_map.Category, f"{MAP}/ink.js", "CategoryData"),
    (latent_map.ExtraMap, f"{MAP}/extras.js", "ExtraMap"),
    (latent_map.Generated, f"{MAP}/extras.js", "GeneratedData"),
    (latent_map.Photographs, f"{MAP}/extras.js", "PhotographData"),
    (latent_map.Choice, f"{MAP}/selection.js", "Choice"),
    (latent_map.ClassifierData, f"{MAP}/probe.js", "ClassifierData"),
    (latent_map.PlaceChoice, f"{MAP}/probe.js", "PlaceChoice"),
    (latent_map.GeneratorSource, f"{MAP}/probe.js", "GeneratorSource"),
    (directions.Content, "glico/web/directions/directions.js", "Content"),
    (directions.Group, "glico/web/directions/directions.js", "GroupData"),
    (generator.GeneratorData, "glico/web/generator/generator.js", "GeneratorData"),
    (scrubber.PathContent, f"{SCRUBBER}/scrubber.js", "Content"),
    (scrubber.Ends, f"{SCRUBBER}/between.js", "Ends"),
    (scrubber.View, f"{SCRUBBER}/stage.js", "ViewData"),
    (scrubber.Neighbour, f"{SCRUBBER}/stage.js", "NeighbourData"),
    (scrubber.Waypoint, f"{SCRUBBER}/stage.js", "Waypoint"),
    (scrubber.Picture, f"{SCRUBBER}/stage.js", "Picture"),
    (scrubber.Chart, f"{SCRUBBER}/charts.js", "ChartData"),
    (scrubber.Series, f"{SCRUBBER}/charts.js", "Series"),
    (scrubber.SurfaceContent, "glico/web/surface/surface.js", "Content"),
    (strips.Content, f"{COMPONENTS}/strips/strips.js", "Content"),
    (strips.Row, f"{COMPONENTS}/strips/strips.js", "Row"),
    (image_table.Content, f"{COMPONENTS}/image_table/image_table.js", "Content"),
    (image_table.Row, f"{COMPONENTS}/image_table/image_table.js", "Row"),
    (image_picker.Content, f"{COMPONENTS}/image_picker/image_picker.js", "Content"),
    (image_picker.Group, f"{COMPONENTS}/image_picker/image_picker.js", "Group"),
    (image_picker.Item, f"{COMPONENTS}/image_picker/image_picker.js", "Item"),
    (live_chart.Content, f"{COMPONENTS}/live_chart/live_chart.js", "Content"),
]


def parts(text: str) -> Iterator[str]:
    """The parts of a text between commas that are in no bracket."""
    depth = start = 0
    for place, letter in enumerate(text):
        depth += (letter in "{[(<") - (letter in "}])>")
        if letter == "," and depth == 0:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def declared_in_javascript(file: str, name: str) -> dict[str, tuple[bool, bool]]:
    """Each key of a @typedef, with whether it is optional and whether it may be null."""
    text = re.sub(r"\n \* ?", " ", (ROOT / file).read_text("utf-8"))
    (body,) = re.findall(rf"@typedef \{{\{{((?:(?!@typedef).)*?)\}}\}} {name}\b", text, re.DOTALL)
    pairs = [part.strip().split(":", 1) for part in parts(body) if part.strip()]
    return {
        key.strip().removesuffix("?"): (key.strip().endswith("?"), re.search(r"\bnull$", kind.strip()) is not None)
        for key, kind in pairs
    }


def declared_in_python(declared: Any) -> dict[str, tuple[bool, bool]]:
    """Each key of a TypedDict, with whether it is optional and whether it may be None."""
    assert is_typeddict(declared)
    return {
        key: (key in declared.__optional_keys__, types.NoneType in get_args(kind) and get_origin(kind) in UNIONS)
        for key, kind in get_type_hints(declared).items()
    }


UNIONS = (Union, types.UnionType)


@pytest.mark.parametrize(("declared", "file", "name"), PAIRS, ids=[f"{file}:{name}" for _, file, name in PAIRS])
def test_python_and_javascript_declare_the_same_keys(declared: Any, file: str, name: str) -> None:
    """Keys, optional keys and keys that may be null are equal on both sides."""
    assert declared_in_javascript(file, name) == declared_in_python(declared)
