"""The surface in a real browser: the images follow the pointer in two directions, without the server."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from settling import settle

from glico.checkpoints.checkpoint import Checkpoint
from glico.latent.measured import PathSource, compared_with, measured_surface
from glico.web.scrubber.content import Visited
from glico.web.surface import SIDE, offline_page, surface_content

FRAME = ".surface[data-frame]"
SEEN = """() => {
  const find = (node, selector) => node.querySelector(selector) ??
    [...node.querySelectorAll('*')].filter((n) => n.shadowRoot).map((n) => find(n.shadowRoot, selector)).find(Boolean)
  const root = find(document, '.surface')
  const pictures = [...root.querySelectorAll('.view > canvas')].map((canvas) =>
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join())
  return { frame: Number(root.dataset.frame), place: root.querySelector('.t').textContent, pictures }
}"""


@pytest.fixture
def opened(server: str, tab: Callable[..., Page]) -> Callable[..., tuple[Page, list[object]]]:
    """Opens the page; gives it and the list of what it sends to the server from then on."""

    def at(query: str, **options: object) -> tuple[Page, list[object]]:
        page, sent = tab(**options), []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        page.goto(f"{server}/interpolate?checkpoint=tiny-glico&show=surface&{query}")
        page.wait_for_selector(FRAME)
        settle(page, sent)
        return page, sent

    return at


def place(page: Page, u: float, v: float) -> tuple[float, float]:
    """Return the place of the tile of u and v on the screen."""
    box = page.locator(".pad").bounding_box()
    assert box is not None
    return tuple(
        box[start] + box[size] * (round(at * (SIDE - 1)) + 0.5) / SIDE
        for at, start, size in ((u, "x", "width"), (v, "y", "height"))
    )


def test_surface_drag_is_local_and_reload_restores_position(opened) -> None:
    """A drag sends nothing, every picture is that of its position, and a reload reopens it there."""
    page, sent = opened("corners=0.7.21.40&u=0&v=0")
    page.mouse.move(*place(page, 0, 0))
    page.mouse.down()
    shown = []
    for step in range(1, SIDE):
        page.mouse.move(*place(page, step / 10, 1 - step / 10))
        page.evaluate("() => new Promise(requestAnimationFrame)")
        shown.append(page.evaluate(SEEN))
    assert sent == []
    assert [each["place"] for each in shown] == [f"u = {i / 10:.2f}, v = {1 - i / 10:.2f}" for i in range(1, SIDE)]
    assert [each["frame"] for each in shown] == [(10 - i) * SIDE + i for i in range(1, SIDE)]
    for path in (0, 1):
        assert len({each["pictures"][path] for each in shown}) == SIDE - 1
    page.mouse.move(*place(page, 0.3, 0.8))
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"u=0\.3&v=0\.8(&|$)"))
    assert sent
    before = page.evaluate(SEEN)
    page.reload()
    page.wait_for_selector(FRAME)
    assert page.evaluate(SEEN) == before


def test_keys_and_a_finger_move_over_it_and_it_fits_a_telephone(opened) -> None:
    page, sent = opened(
        "corners=0.7.21&u=0.5&v=0.5", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    pad = page.locator(".pad")
    pad.focus()
    for key, words in [
        ("ArrowRight", "u 0.60, v 0.50"),
        ("ArrowDown", "u 0.60, v 0.60"),
        ("End", "u 1.00, v 0.60"),
        ("PageUp", "u 1.00, v 0.00, nearest to B (1, image 7)"),
        ("ArrowUp", "u 1.00, v 0.00"),
        ("PageDown", "u 1.00, v 1.00, nearest to C (4, image 21)"),
        ("Home", "u 0.00, v 1.00"),
    ]:
        page.keyboard.press(key)
        expect(pad).to_have_attribute("aria-valuetext", re.compile(re.escape(words)))
    expect(page).to_have_url(re.compile(r"u=0&v=1(&|$)"))
    pad.scroll_into_view_if_needed()
    settle(page, sent)
    finger = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", (0.5, 0.5)), ("touchMove", (0.6, 0.4)), ("touchMove", (0.8, 0.2))):
        x, y = place(page, *at)
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert page.evaluate(SEEN)["place"] == "u = 0.80, v = 0.20"
    assert sent == []
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page).to_have_url(re.compile(r"u=0\.8&v=0\.2(&|$)"))


def test_offline_surface_keeps_hand_and_images_in_view(
    tiny_runs: Path, tmp_path: Path, tab: Callable[..., Page]
) -> None:
    """The file is dragged over without a network, and the hand is in view together with the images that it moves."""
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    opened = checkpoint.opened
    training, corners = compared_with(opened), (0, 7, 21, 40)
    measured = measured_surface(PathSource(opened, training), corners, SIDE)
    content = surface_content(Visited(opened, training, corners), measured)
    (tmp_path / "surface.html").write_text(offline_page(content, (0.5, 0.5), "<b>surface</b>"), "utf-8")
    for width, height in ((320, 640), (390, 844), (768, 1024), (1024, 768), (1440, 900)):
        page = tab(viewport={"width": width, "height": height}, offline=True)
        page.goto((tmp_path / "surface.html").as_uri())
        page.wait_for_selector(FRAME)
        pictures = [picture.bounding_box() for picture in page.locator(".view > canvas").all()]
        pad = page.locator(".pad").bounding_box()
        top = min(picture["y"] for picture in pictures)
        assert max(pad["y"] + pad["height"], *(each["y"] + each["height"] for each in pictures)) - top < height
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        before = page.evaluate(SEEN)
        page.mouse.click(*place(page, 0.9, 0.1))
        expect(page.locator(f".surface[data-frame='{SIDE + 9}']")).to_be_attached()
        assert page.evaluate(SEEN)["pictures"] != before["pictures"]
