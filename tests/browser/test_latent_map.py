"""The latent map in a real browser: two linked maps that need no server while the pointer moves."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from settling import still

from glico.checkpoints.checkpoint import Checkpoint

LOOK = "() => document.querySelector('.latent-map').dataset.look.split(' ').map(Number)"
# Whether the marks are painted within 14 pixels of a place, and so the point there is lit.
LIT = """([x, y]) => {
  const canvas = document.querySelector('.latent-map canvas.marks'), box = canvas.getBoundingClientRect()
  const ratio = canvas.width / canvas.clientWidth
  const [left, top] = [x - box.left - 14, y - box.top - 14].map((value) => Math.round(value * ratio))
  const pixels = canvas.getContext('2d').getImageData(left, top, 28 * ratio, 28 * ratio).data
  return pixels.some((value, i) => i % 4 === 3 && value > 0)
}"""
# Scroll until so many pixels of the maps are hidden above the window.
SCROLL_TO = """(hidden) => {
  const stage = document.querySelector('.stage')
  let box = stage.parentElement
  while (!(box.scrollHeight > box.clientHeight + 50 && /auto|scroll/.test(getComputedStyle(box).overflowY)))
    box = box.parentElement
  box.scrollBy({ top: stage.getBoundingClientRect().top + hidden, behavior: 'instant' })
}"""
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def test_hover_highlights_in_both_maps_and_sends_nothing(open_maps) -> None:
    maps = open_maps()
    hovered = []
    for row in maps.lonely(0)[:5]:
        here, there = maps.at(0, row), maps.at(1, row)
        maps.page.mouse.move(2, 2)
        maps.page.evaluate(FRAME)
        assert not maps.page.evaluate(LIT, list(there))
        maps.page.mouse.move(*here)
        maps.page.evaluate(FRAME)
        hovered.append(maps.root.get_attribute("data-hovered"))
        assert maps.page.evaluate(LIT, list(here))
        assert maps.page.evaluate(LIT, list(there))
        expect(maps.page.locator(".card")).to_contain_text(f"image {row}\n")
    assert hovered == [str(row) for row in maps.lonely(0)[:5]]
    for move in range(100):
        maps.page.mouse.move(100 + 9 * move, 400)
    assert maps.sent == []


def test_points_stay_when_the_top_is_scrolled_away(open_maps) -> None:
    """Wherever the page is scrolled, the lower half of the maps has the points that it has when all are in view."""
    maps = open_maps(viewport={"width": 1440, "height": 900})
    coloured = []
    for hidden in (-200, 60, 180):
        maps.page.evaluate(SCROLL_TO, hidden)
        maps.page.evaluate(FRAME)
        box = maps.page.locator(".stage").bounding_box()
        clip = {"x": box["x"], "y": box["y"] + 280, "width": box["width"], "height": 280}
        with Image.open(io.BytesIO(maps.page.screenshot(clip=clip))) as shot:
            pixels = np.asarray(shot.convert("RGB")).astype(int)
        coloured.append(int((np.ptp(pixels, axis=2) > 60).sum()))
    assert coloured[0] > 100
    assert np.allclose(coloured, coloured[0], rtol=0.1)


def test_panning_zooming_and_playing_send_nothing(open_maps) -> None:
    maps = open_maps()
    before = maps.at(0, 0)
    linked = maps.at(1, 0)
    x, y = before[0] + 25, before[1] + 25
    maps.page.mouse.move(x, y)
    maps.page.mouse.down()
    maps.page.mouse.move(x + 60, y + 30, steps=12)
    maps.page.mouse.up()
    maps.page.evaluate(FRAME)
    assert np.allclose(np.subtract(maps.at(0, 0), before), (60, 30), atol=2)
    assert np.allclose(np.subtract(maps.at(1, 0), linked), (60, 30), atol=2)  # the maps move together
    maps.page.get_by_role("button", name="Zoom in").click()
    maps.page.evaluate(FRAME)
    assert maps.sent == []
    maps.page.get_by_role("button", name="Training").click()
    maps.settle()  # the choice was told: the film itself says nothing
    frames = int(maps.root.get_attribute("data-frames"))
    expect(maps.page.locator(".latent-map .title").first).to_have_text(re.compile(r"GLO.* step \d+"))
    maps.page.wait_for_function(f"Number(document.querySelector('.latent-map').dataset.frames) > {frames + 5}")
    assert maps.sent == []


# How often the maps were drawn between a move of the hand and the end of the frame that it came in.
DRAWN_AT_ONCE = """() => {
  const { dataset } = document.querySelector(".latent-map")
  window.drawn = []
  document.addEventListener("pointermove", () => {
    const before = Number(dataset.frames)
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => window.drawn.push(Number(dataset.frames) - before)
      port2.postMessage(null)
    })
  }, true)
}"""


def test_what_a_hand_moves_is_drawn_in_the_frame_of_the_move(open_maps) -> None:
    maps = open_maps()
    x, y = np.add(maps.at(0, 0), 25)
    maps.page.mouse.move(x, y)
    maps.page.mouse.down()
    maps.page.mouse.move(x + 9, y)  # from here it is a drag
    maps.page.evaluate(FRAME)
    maps.page.evaluate(DRAWN_AT_ONCE)
    for step in range(5):
        maps.page.wait_for_function(f"() => window.drawn.length === {step}")
        maps.page.evaluate(FRAME)  # all that came before is drawn
        maps.page.mouse.move(x + 20 + 10 * step, y)
    maps.page.wait_for_function("() => window.drawn.length === 5")
    maps.page.mouse.up()
    assert maps.page.evaluate("() => window.drawn") == [1] * 5


def test_lasso_selects_in_both_maps_and_link_reopens_it(open_maps) -> None:
    maps = open_maps()
    row = maps.lonely(1)[0]
    maps.page.get_by_role("button", name="Lasso").click()  # which may scroll the page
    x, y = maps.at(1, row)
    maps.page.mouse.move(x - 9, y - 9)
    maps.page.mouse.down()
    for dx, dy in ((9, -9), (9, 9), (-9, 9), (-9, -9)):
        maps.page.mouse.move(x + dx, y + dy, steps=4)
    assert maps.sent == []
    maps.page.mouse.up()
    expect(maps.root).to_have_attribute("data-selected", "1")
    maps.address(rf"[?&]selected={row}(&|$)")
    expect(maps.page.get_by_text("1 selected").first).to_be_visible()
    maps.page.get_by_role("button", name="Thumbnails").click()
    maps.address(r"thumbnails=True")
    again = open_maps(maps.page.url.split("?")[1])
    expect(again.root).to_have_attribute("data-selected", "1")
    expect(again.page.get_by_role("button", name="Thumbnails")).to_have_attribute("aria-pressed", "true")
    expect(again.page.get_by_role("button", name="ZIP of images")).to_be_visible()


def test_double_click_chooses_points_or_resets_the_view(open_maps) -> None:
    """Two quick clicks on points choose both; on the background they reset the view."""
    maps = open_maps()
    home = maps.page.evaluate(LOOK)
    maps.page.get_by_role("button", name="Zoom in").click()
    maps.page.wait_for_function(f"({LOOK})()[2] < {home[2]}")
    zoomed = maps.page.evaluate(LOOK)
    pane = maps.page.locator(".pane").first.bounding_box()
    places = {row: maps.at(0, row) for row in maps.lonely(0)}
    inside = [
        row
        for row, (x, y) in places.items()
        if 5 < x - pane["x"] < pane["width"] - 5 and 5 < y - pane["y"] < pane["height"] - 5
    ]
    first, second = inside[:2]
    maps.page.mouse.click(*places[first])
    maps.page.mouse.click(*places[second])
    maps.address(rf"[?&]a={first}&b={second}(&|$)")
    assert maps.page.evaluate(LOOK) == zoomed
    corner = pane["x"] + 3, pane["y"] + pane["height"] - 3
    assert min(np.hypot(x - corner[0], y - corner[1]) for x, y in places.values()) > 16
    maps.page.mouse.dblclick(*corner)
    maps.page.wait_for_function(f"({LOOK})()[2] == {home[2]}")


def test_touch_scrolls_until_pinched_then_moves_and_taps(open_maps) -> None:
    """One finger scrolls the page until two have zoomed; then it moves the maps, and its taps choose."""
    maps = open_maps(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    fingers = maps.page.context.new_cdp_session(maps.page)
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    span = f"({LOOK})()[2]"

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        fingers.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
        maps.page.evaluate(FRAME)

    def drag(x: float, y: float, by: float) -> None:
        touch("Start", (x, y))
        for share in (0.1, 0.3, 0.6, 1):
            touch("Move", (x, y + by * share))
        touch("End")
        still(maps.page)

    def pinch(x: float, y: float, before: float, after: float) -> None:
        touch("Start", (x - before, y))
        for half in np.linspace(before, after, 6):
            touch("Start" if half == before else "Move", (x - half, y), (x + half, y))
        touch("End", (x + after, y))
        touch("End")
        maps.page.evaluate(FRAME)

    maps.page.locator(".latent-map .stage").evaluate("(node) => node.scrollIntoView()")
    still(maps.page)
    pane = maps.page.locator(".pane").first.bounding_box()
    x, y = pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2
    start, home = maps.page.evaluate(scrolled), maps.page.evaluate(span)
    drag(x, y, 100)
    assert maps.page.evaluate(scrolled) < start - 50
    assert maps.page.evaluate(span) == home

    places = np.array([maps.at(0, row) for row in range(len(maps.layouts[0]))])
    row = int(np.argmin(np.hypot(*(places - (x, y)).T)))  # with room around it
    x, y = maps.at(0, row)
    pinch(x, y, 20, 50)
    there = maps.page.evaluate(scrolled)
    assert maps.page.evaluate(span) == pytest.approx(home * 20 / 50)
    assert np.allclose(maps.at(0, row), (x, y), atol=2)  # what is between the fingers stays there
    other = maps.at(1, row)
    drag(x + 30, y, 40)
    assert maps.page.evaluate(scrolled) == there
    assert np.allclose(np.subtract(maps.at(0, row), (x, y)), (0, 40), atol=2)
    assert np.allclose(np.subtract(maps.at(1, row), other), (0, 40), atol=2)

    assert maps.sent == []
    maps.page.touchscreen.tap(*maps.at(0, row))
    expect(maps.page.locator(".card")).to_contain_text(f"image {row}\n")
    still(maps.page)
    assert maps.sent == []  # the first tap only looks
    maps.page.touchscreen.tap(*maps.at(0, row))
    maps.address(rf"[?&]a={row}(&|$)")
    pinch(x, y, 60, 10)
    assert maps.page.evaluate(span) == home


def test_legend_hover_highlights_the_class_in_both_maps(open_maps, tiny_runs: Path) -> None:
    maps = open_maps()
    labels = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors").labels.numpy()
    entry = maps.page.locator(".legend .entry").nth(3)

    def seen(map: int, row: int) -> bytes:
        x, y = maps.at(map, row)
        return maps.page.screenshot(clip={"x": x - 3, "y": y - 3, "width": 6, "height": 6})

    of = [next(row for row in maps.lonely(map) if labels[row] == 3) for map in (0, 1)]
    others = [next(row for row in maps.lonely(map) if labels[row] != 3) for map in (0, 1)]
    before = [[seen(map, rows[map]) for map in (0, 1)] for rows in (of, others)]
    entry.hover()
    maps.page.evaluate(FRAME)
    assert [seen(map, of[map]) for map in (0, 1)] == before[0]
    assert all(seen(map, others[map]) != before[1][map] for map in (0, 1))
    maps.page.mouse.move(2, 2)
    maps.page.evaluate(FRAME)
    assert [seen(map, others[map]) for map in (0, 1)] == before[1]
    assert maps.sent == []
    entry.focus()
    maps.page.keyboard.press("Shift+Enter")
    maps.address(r"hidden=1\.2\.3\.5\.6\.7\.8\.9\.10")


def test_two_clicks_and_interpolate_these(open_maps) -> None:
    maps = open_maps()
    first, second = maps.lonely(0)[:2]
    node = maps.page.locator(".latent-map .primary").element_handle()
    maps.page.mouse.click(*maps.at(0, first))
    maps.page.mouse.click(*maps.at(0, second))
    assert node.evaluate("(node) => node.isConnected && !node.disabled")  # a button made anew swallows the click on it
    maps.page.get_by_role("button", name="Interpolate these").click()
    expect(maps.page.locator(".scrubber[data-frame]")).to_be_attached()
    maps.address(rf"interpolate\?(?=.*\ba={first}\b)(?=.*\bb={second}\b)(?=.*checkpoint=tiny-glico)")
    assert b'"interpolate"' in maps.sent[-1]  # nothing is told of a page that is being left


def test_an_update_keeps_the_nodes_and_the_points_walk(open_maps) -> None:
    maps = open_maps()
    nodes = "[...document.querySelectorAll('.latent-map, .latent-map .pane, .latent-map .stage > canvas')]"
    maps.page.evaluate(f"() => {nodes}.forEach((node) => {{ node.kept = true }})")
    ready = maps.root.get_attribute("data-ready")
    # what ALIVE keeps from fading while a script is at work
    expect(maps.page.locator("[data-testid=stElementContainer][data-stale]:has(.latent-map)")).to_have_count(1)
    bar = maps.page.locator(".latent-map .bar")
    maps.page.get_by_text("t-SNE", exact=True).scroll_into_view_if_needed()
    high = [bar.bounding_box()["y"]]
    maps.page.get_by_text("t-SNE", exact=True).click()
    expect(maps.page.get_by_text("Meanwhile, the maps show the PCA")).to_be_visible()
    high.append(bar.bounding_box()["y"])
    expect(maps.root).not_to_have_attribute("data-ready", ready)
    expect(maps.page.get_by_text("Meanwhile, the maps show the PCA")).to_have_count(0)
    high.append(bar.bounding_box()["y"])
    assert len(set(high)) == 1  # the controls stay where they are
    kept = maps.page.evaluate(f"() => {nodes}.map((node) => !!node.kept)")
    assert len(kept) >= 5
    assert all(kept)


def test_points_come_back_with_the_graphics_card(open_maps) -> None:
    maps = open_maps()
    lose = """async () => {
      const canvas = document.querySelector('.latent-map canvas.points')
      const card = canvas.getContext('webgl2').getExtension('WEBGL_lose_context')
      const come = (event) => new Promise((done) => canvas.addEventListener(event, () => setTimeout(done)))
      const [lost, restored] = [come('webglcontextlost'), come('webglcontextrestored')]
      card.loseContext()
      await lost
      card.restoreContext()
      await restored
    }"""
    frames = int(maps.root.get_attribute("data-frames"))
    maps.page.evaluate(lose)
    maps.page.wait_for_function(f"Number(document.querySelector('.latent-map').dataset.frames) > {frames}")


def test_keyboard_toggles_classes_and_walks_points(open_maps) -> None:
    maps = open_maps(viewport={"width": 390, "height": 900})
    assert maps.page.evaluate("document.documentElement.scrollWidth") <= 390
    entry = maps.page.locator(".legend .entry").nth(3)
    entry.focus()
    maps.page.keyboard.press("Space")
    expect(entry).to_have_attribute("aria-pressed", "false")
    maps.address(r"hidden=4")
    pane = maps.page.locator(".pane").nth(1)
    pane.focus()
    maps.page.keyboard.press("ArrowRight")
    maps.page.keyboard.press("ArrowUp")
    row = int(maps.root.get_attribute("data-hovered"))
    expect(maps.page.locator(".unseen")).to_have_text(re.compile(rf"image {row}, class \d"))
    maps.page.keyboard.press("Enter")
    maps.page.keyboard.press("Shift+Enter")
    maps.address(rf"[?&]a={row}&(.*&)?selected={row}(&|$)")


def test_phone_shows_a_map_on_its_first_screen(new_page) -> None:
    """On a phone a map is on the first screen, and the display options are below it."""
    query = "?checkpoint=digits-glico&beside=digits-glo&method=pca&a=0&b=7&play=path"
    page = new_page(query, viewport={"width": 390, "height": 844})
    page.wait_for_selector(".latent-map[data-ready] .scrub:not([data-off])")
    page.wait_for_selector(".st-key-introduction_steps button")
    # Measured at one moment: the page is still laid out anew while it fills.
    stages, parts, tools, steps = page.evaluate(
        "all => all.map(one => [...document.querySelectorAll(one)].map(node => node.getBoundingClientRect().toJSON()))",
        [".latent-map .stage", ".latent-map .part", ".latent-map .part > *", ".st-key-introduction_steps button"],
    )
    [stage], (above, below) = stages, parts
    assert stage["top"] < 700
    assert above["bottom"] <= stage["top"]
    assert above["height"] < 90  # a line of modes and tools, and one to play
    assert below["top"] >= stage["bottom"]
    assert below["height"] < 90
    assert max(tool["right"] for tool in tools) <= 390 - 15
    assert all(step["top"] < stage["top"] for step in steps[:3])  # the three things to do


def test_3d_maps_turn_together_and_a_box_selects(open_maps) -> None:
    maps = open_maps("components=3")
    box = maps.page.locator(".pane").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = maps.page.evaluate(LOOK)
    maps.page.mouse.move(x, y)
    maps.page.mouse.down()
    maps.page.mouse.move(x + 120, y + 20, steps=10)
    maps.page.mouse.up()
    still(maps.page)
    after = maps.page.evaluate(LOOK)  # one camera for both maps
    assert abs(after[0] - before[0]) > 0.1
    assert after[2] == before[2]
    maps.page.get_by_role("button", name="Box").click()
    maps.page.mouse.move(box["x"] + 5, box["y"] + 5)
    maps.page.mouse.down()
    maps.page.mouse.move(x, box["y"] + box["height"] - 5, steps=8)
    maps.page.evaluate(FRAME)
    assert 0 < int(maps.root.get_attribute("data-selected")) < 50
    assert maps.sent == []
    maps.page.mouse.up()
    maps.address(r"selected=\d")
    assert maps.page.evaluate(LOOK) == after


@pytest.mark.parametrize("width", [390, 1280])
def test_titles_cover_no_points_and_menu_has_a_name(open_maps, width: int) -> None:
    maps = open_maps(viewport={"width": width, "height": 900})
    for k in (0, 1):
        title, pane = (maps.page.locator(f".latent-map .{name}").nth(k).bounding_box() for name in ("title", "pane"))
        assert title["y"] + title["height"] <= pane["y"]
        assert maps.page.locator(".latent-map .title").nth(k).inner_text()
    if width < 640:
        menu = maps.page.get_by_test_id("stExpandSidebarButton")
        assert menu.evaluate("(node) => getComputedStyle(node, '::after').content") == '"Pages"'
