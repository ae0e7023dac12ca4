"""Rows and tables of small images in a real browser: nothing is clipped, tiles have one size, and each has a name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.components import image_table, strips
from app.components.strips import Strip

SHOW = """async ([script, data]) => {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }))
  const { default: show } = await import(address)
  await show({ data: new TextEncoder().encode(JSON.stringify(data)), parentElement: document.getElementById("parent") })
}"""


@pytest.fixture
def shown(tab: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a page that holds a component alone."""

    def show(body: str, style: str, script: str, data: dict[str, Any], width: int) -> Page:
        page = tab(viewport={"width": width, "height": 900})
        page.set_content(f"<!doctype html><style>{style}</style><div id=parent>{body}</div>")
        page.evaluate(SHOW, [script, data])
        return page

    return show


@pytest.mark.parametrize("width", [1000, 1440])
def test_long_names_clip_nothing_and_rows_have_one_tile_size(shown, width: int) -> None:
    """Long class names clip nothing, and a short row has no larger tiles."""

    def images(count: int) -> np.ndarray:
        return np.zeros((count, 8, 8, 3), np.uint8)

    rows, heads = [], []
    for count in (12, 12, 3):
        rows += [("original", images(count)), ("reconstruction", images(count))]
        heads += [[f"Black_footed_Albatross_of_the_Pacific · {i}" for i in range(count)], []]
    data = image_table.content(rows, "reconstructions", heads, [], 72)
    page = shown(image_table.BODY, image_table.STYLE, image_table.SCRIPT, data, width)
    expect(page.locator("canvas")).to_have_count(54)
    assert page.locator(".scroll").evaluate("(node) => node.scrollWidth - node.clientWidth") == 0
    assert len({round(picture.bounding_box()["width"]) for picture in page.locator("canvas").all()}) == 1
    text = page.get_by_role("img").nth(50).get_attribute("aria-label")
    assert text == "original, Black_footed_Albatross_of_the_Pacific · 2"


@pytest.mark.parametrize(
    ("label", "title", "text"), [("", "", "2 images"), ("cat", "", "cat: 2 images"), ("", "fed", "fed: 2 images")]
)
def test_a_row_of_images_says_what_it_is(shown, label: str, title: str, text: str) -> None:
    data = strips.content([Strip(label, np.zeros((2, 8, 8, 1), np.uint8), marked=[True, False])], 40, title)
    page = shown("", strips.STYLE, strips.SCRIPT, data, 600)
    expect(page.locator(".tiles")).to_have_attribute("aria-label", text)
    assert [round(tile.bounding_box()["width"]) for tile in page.locator(".tile").all()] == [40, 40]
