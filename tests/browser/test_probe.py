"""An empty place of the latent map shows what the generators draw there, without a word to the server."""

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect

PIXELS = """() => Array.from(document.querySelectorAll('.latent-map .probe canvas'), (canvas) =>
  Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data))"""


def empty_place(maps) -> tuple[float, float]:
    """A place of the left map that is far from all of its points."""
    box = maps.page.locator(".latent-map .pane").first.bounding_box()
    points = np.array([maps.at(0, row) for row in range(len(maps.layouts[0]))])
    grid = np.stack(np.meshgrid(np.linspace(0.1, 0.9, 9), np.linspace(0.1, 0.9, 9)), axis=-1).reshape(-1, 2)
    places = grid * (box["width"], box["height"]) + (box["x"], box["y"])
    away = np.linalg.norm(places[:, None] - points[None], axis=2).min(axis=1)
    return tuple(places[away.argmax()])


def test_empty_place_shows_what_both_generators_draw(open_maps) -> None:
    """The card follows the hand with an image per map, a click pins it, and nothing is sent to the server."""
    maps = open_maps()
    probe = maps.root.locator(".probe")
    x, y = empty_place(maps)
    maps.page.mouse.move(x, y)
    expect(probe).to_be_visible()
    expect(probe.locator("figcaption")).to_have_count(2)
    expect(probe).to_contain_text("A guess of what lies here; nearest by code:")
    first = maps.page.evaluate(PIXELS)
    assert len(first) == 2
    assert all(len(set(pixels)) > 2 for pixels in first)
    maps.page.mouse.move(*maps.at(0, maps.lonely(0)[0]))  # a point has its own card
    expect(probe).to_be_hidden()
    maps.page.mouse.move(x, y)
    expect(probe).to_be_visible()
    maps.page.mouse.down()
    maps.page.mouse.up()
    expect(probe.get_by_role("button", name="Save PNG")).to_be_visible()
    maps.page.mouse.move(*maps.at(0, maps.lonely(0)[0]))
    with maps.page.expect_download() as download:
        probe.get_by_role("button", name="Save PNG").click()
    saved = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert saved.size == (2 * saved.height, saved.height)
    probe.get_by_role("button", name="Close").click()
    expect(probe).to_be_hidden()
    assert maps.sent == []


def test_pinned_place_becomes_an_end_of_a_path(open_maps) -> None:
    """A pinned place shows its neighbours; used as A, its image is a photograph whose code is the place's own."""
    maps = open_maps()
    probe = maps.root.locator(".probe")
    x, y = empty_place(maps)
    maps.page.mouse.move(x, y)
    expect(probe).to_be_visible()
    maps.page.mouse.down()
    maps.page.mouse.up()
    expect(probe.locator(".tiles canvas")).to_have_count(10)
    card, stage = probe.bounding_box(), maps.root.locator(".stage").bounding_box()
    assert stage["y"] <= card["y"]  # the whole card is seen
    assert card["y"] + card["height"] <= stage["y"] + stage["height"]
    assert maps.sent == []
    probe.get_by_role("button", name="Use as A").click()
    expect(probe).to_be_hidden()
    maps.address(r"[?&]a=\d+(&|$)")
    expect(maps.root.locator(".dock .chip").first).to_contain_text(re.compile(r"near \d, image \d+"))
    expect(maps.page.get_by_text("reconstruction error 0.0000")).to_be_visible()


def test_map_works_if_generator_cannot_run(open_maps) -> None:
    """Without WebAssembly the map answers as before, and an empty place shows nothing."""
    maps = open_maps()
    maps.page.evaluate("() => { window.Worker = class { constructor() { throw new Error('no worker') } } }")
    maps.page.mouse.move(*empty_place(maps))
    row = maps.lonely(0)[0]
    maps.page.mouse.move(*maps.at(0, row))
    expect(maps.page.locator(".card")).to_contain_text(f"image {row}\n")
    expect(maps.root.locator(".probe")).to_be_hidden()
