"""The latent map in a single file: linked, without a network, safe with any name; and what it saves."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from glico.web.latent_map import Content, ExtraMap, Extras, Photographs, offline_page
from glico.web.sprite import sprite

STRANGE = "<img src=x onerror=\"document.title='broken in'\">"
CHOICE = {
    "hidden": [], "thumbnails": False, "neighbours": 0, "a": None, "b": None, "selected": "", "mode": "map", "at": 1,
    "colour": "",
}  # fmt: skip
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def packed(array: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()


def content(count: int = 60, classes: tuple[str, ...] = ("a", "b", "c")) -> Content:
    """Two maps of random places, in which the nearest of image i are the three after it, 10, 20 and 30 degrees away."""
    rng = np.random.default_rng(0)
    near = (np.arange(count)[:, None] + [1, 2, 3]) % count
    places = [rng.normal(size=(count, 2)) for _ in range(2)]
    values = np.linspace(0, 1, count)
    return {
        "images": "some", "layout": "one", "components": 2, "count": count,
        "labels": packed(np.arange(count) % len(classes), "<i2"), "indices": packed(np.arange(count), "<i4"),
        "classNames": list(classes), "names": [f"photo-{i:03}.jpg" for i in range(count)],
        "sheet": sprite(rng.integers(0, 256, (count, 4, 4, 1), dtype=np.uint8)),
        "maps": [
            {
                "title": f"{classes[0]} {k}", "positions": packed(places[k], "<f4"), "near": packed(near, "<i4"),
                "angles": packed(np.tile([10, 20, 30], (count, 1)), "<f4"), "film": None, "steps": [],
            }
            for k in range(2)
        ],
        "values": [
            {
                "name": "error", "title": "error", "low": 0, "high": 1, "digits": 1, "categories": [], "extras": "",
                "maps": [packed(values, "<f4")] * 2,
            }
        ],
    }  # fmt: skip


def extra_map(places: list[list[float]]) -> ExtraMap:
    return {"positions": packed(np.array(places), "<f4"), "sheet": sprite(np.zeros((len(places), 4, 4, 1), np.uint8))}


@pytest.fixture
def opened(tmp_path: Path, tab: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a file with the maps in it, without a network."""

    def open_file(shown: Content, extras: Extras | None = None, **choice: object) -> Page:
        text = offline_page(shown, CHOICE | choice, extras or {}, shown["classNames"][0])
        (tmp_path / "map.html").write_text(text, "utf-8")
        page = tab(offline=True)
        page.goto((tmp_path / "map.html").as_uri())
        page.wait_for_selector(".latent-map[data-ready]")
        page.evaluate(FRAME)
        return page

    return open_file


def root(page: Page):
    return page.locator(".latent-map")


def test_it_asks_nothing_of_a_network_and_runs_no_name(opened) -> None:
    names = (STRANGE, "</script><script>document.title = 'broken in'</script>", "plain")
    shown = content(classes=names) | {"names": [f"{STRANGE}{i}" for i in range(60)]}
    page = opened(shown, neighbours=5, a=1)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.locator(".pane").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card")).to_contain_text("onerror")
    expect(page.locator(".legend .name").first).to_have_text(STRANGE)
    expect(page.get_by_role("heading")).to_have_text(STRANGE)
    assert page.title() == STRANGE
    assert page.locator("img").count() == 0
    assert all(url.startswith(("file:", "data:", "blob:")) for url in requests)


def test_click_lists_neighbours_that_can_be_chosen(opened) -> None:
    page = opened(content())
    page.locator(".pane").first.focus()
    page.keyboard.press("ArrowUp")
    row = int(root(page).get_attribute("data-hovered"))
    page.keyboard.press("Enter")
    listed = page.locator(".neighbours section").first.get_by_role("button")
    expect(listed).to_have_count(3)
    assert [one.inner_text() for one in listed.all()] == ["10.0°", "20.0°", "30.0°"]
    listed.nth(1).click()
    expect(page.locator(".dock .name").nth(1)).to_have_text(re.compile(rf"image {(row + 2) % 60}$"))


@pytest.mark.parametrize(("words", "count"), [("photo-01", 10), ("B", 20), ("image 7", 1), ("nothing of it", 0)])
def test_images_are_found_by_class_and_by_file_name(opened, words: str, count: int) -> None:
    page = opened(content())
    page.get_by_label("Find by class or file name").fill(words)
    page.keyboard.press("Enter")
    expect(root(page)).to_have_attribute("data-selected", str(count))


def test_points_are_coloured_by_a_value_and_by_class_again(opened) -> None:
    page = opened(content())
    before = page.locator(".stage").screenshot()
    page.get_by_label("Colour", exact=True).select_option("error")
    expect(page.locator(".scale")).to_be_visible()
    page.evaluate(FRAME)
    assert page.locator(".stage").screenshot() != before
    page.get_by_label("Colour", exact=True).select_option("")
    expect(page.locator(".scale")).to_be_hidden()
    page.evaluate(FRAME)
    assert page.locator(".stage").screenshot() == before


def test_path_is_drawn_with_its_image_at_t(opened) -> None:
    ends = [[-1.0, 0.0], [0.0, 0.5], [1.0, 0.0]]
    extras: Extras = {"path": {"a": 1, "b": 2, "maps": [extra_map(ends)] * 2}}
    page = opened(content(), extras, a=1, b=2, mode="path", at=0)
    seen = [page.locator(".stage").screenshot()]
    for place in (500, 1000):
        page.get_by_label("Position").evaluate(
            f"(node) => {{ node.value = {place}; node.dispatchEvent(new Event('input')) }}"
        )
        page.evaluate(FRAME)
        seen.append(page.locator(".stage").screenshot())
        expect(page.locator(".title").first).to_have_text(re.compile(rf"t = {place / 1000:.2f}"))
    assert len(set(seen)) == 3
    without = opened(content(), a=1, b=2)
    expect(without.get_by_role("button", name="Path")).to_be_disabled()


def test_photographs_are_open_marks_that_answer_to_the_hand(opened) -> None:
    near, angles = packed(np.array([[3, 5]]), "<i4"), packed(np.array([[10.0, 20.5]]), "<f4")
    photographs: Photographs = {
        "names": [f"{STRANGE}.jpg"], "notes": ["error 12"], "labels": [-1], "choosable": 1,
        "maps": [extra_map([[6.0, 6.0]])] * 2, "near": [near] * 2, "angles": [angles] * 2,
    }  # fmt: skip
    page = opened(content(), {"photographs": photographs})
    page.get_by_role("button", name="Zoom out").click(click_count=1)
    for _ in range(4):
        page.get_by_role("button", name="Zoom out").click()
    page.evaluate(FRAME)
    pane = page.locator(".pane").first.bounding_box()
    middle, centre, span = map(float, root(page).get_attribute("data-look").split())
    unit = span / min(pane["width"], pane["height"])
    x = pane["x"] + pane["width"] / 2 + (6 - middle) / unit
    y = pane["y"] + pane["height"] / 2 - (6 - centre) / unit
    page.mouse.move(x, y)
    expect(page.locator(".card")).to_contain_text("error 12")
    expect(page.locator(".card strong")).to_have_text(f"{STRANGE}.jpg")
    page.mouse.click(x, y)
    expect(page.locator(".dock .name").first).to_have_text(f"{STRANGE}.jpg")
    expect(page.locator(".neighbours section").first.get_by_role("button")).to_have_text(["10.0°", "20.5°"])


def test_the_maps_are_saved_as_they_are_seen(opened) -> None:
    page = opened(content(classes=(STRANGE, "b", "c")))
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as PNG").click()
    with Image.open(download.value.path()) as picture:
        stage = page.locator(".stage").bounding_box()
        assert picture.width == 2 * round(stage["width"])
        assert picture.height > 2 * round(stage["height"])  # the legend is below the maps
        assert len(picture.convert("RGB").getcolors(2**24)) > 20
    page.locator(".legend .entry").nth(2).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as SVG").click()
    drawn = ElementTree.parse(download.value.path()).getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert len(list(drawn.iter(f"{space}path"))) == 2 * 40 + 2  # 20 of 60 points are hidden, as is their class
    assert [text.text for text in drawn.iter(f"{space}text")] == [f"{STRANGE} 0", f"{STRANGE} 1", STRANGE, "b"]


def test_wheel_zooms_after_a_click_and_scrolls_before(opened) -> None:
    """The maps fill the first screen, so the wheel over them scrolls the page, and a line says how to zoom."""
    page = opened(content())
    page.locator(".pane").first.hover()
    look = root(page).get_attribute("data-look")
    page.mouse.wheel(0, 100)
    expect(page.locator(".zoom-hint")).to_be_visible()
    page.evaluate(FRAME)
    assert root(page).get_attribute("data-look") == look
    page.keyboard.down("Control")
    page.mouse.wheel(0, 100)
    page.keyboard.up("Control")
    expect(root(page)).not_to_have_attribute("data-look", look)
    expect(page.locator(".zoom-hint")).to_be_hidden()
    look = root(page).get_attribute("data-look")
    page.locator(".pane").first.click(position={"x": 3, "y": 3})
    page.mouse.wheel(0, -100)
    expect(root(page)).not_to_have_attribute("data-look", look)


def test_search_without_a_match_says_so(opened) -> None:
    page = opened(content())
    page.get_by_role("searchbox").fill("no such name")
    expect(page.get_by_role("status").filter(has_text="No image")).to_be_visible()
    page.get_by_role("searchbox").fill("image 3")
    expect(page.get_by_role("status").filter(has_text="No image")).to_be_hidden()


def test_slow_graphics_draw_fewer_points_while_moving(opened) -> None:
    count = 5000
    page = opened(content(count))
    page.evaluate("""() => {
      const request = window.requestAnimationFrame.bind(window), { prototype } = WebGL2RenderingContext
      window.requestAnimationFrame = (callback) => request((now) => callback(10 * now)) // a slow display's clock
      const { drawArrays } = prototype
      window.drawn = []
      prototype.drawArrays = function (kind, first, count) {
        window.drawn.push(count)
        drawArrays.call(this, kind, first, count)
      }
    }""")
    x, y = (pane := page.locator(".pane").first.bounding_box())["x"] + 60, pane["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    for move in range(20):
        page.mouse.move(x + 2 * move, y)
        page.evaluate(FRAME)
    assert page.evaluate("window.drawn.at(-1)") <= count / 4
    page.mouse.up()
    page.evaluate(FRAME)
    assert page.evaluate("window.drawn.at(-1)") == count
