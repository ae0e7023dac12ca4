"""The scrubber in a real browser: the images follow t at once, and the server learns of it at the end."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from settling import settle

from glico.checkpoints.checkpoint import Checkpoint
from glico.latent.distances import feature_distance
from glico.latent.measured import PathRequest, measured_paths
from glico.latent.morphs import path_source
from glico.web.scrubber import offline_page
from glico.web.scrubber.content import PathContent, Visited, paths_content

MOVES = 100
STRANGE = "<img src=x onerror=\"document.title='broken in'\">"
FRAME = ".scrubber[data-frame]"
# What a person sees: the frame's number, the printed t, the pixels of both pictures, the cursor's place.
SEEN = """() => {
  const find = (node, selector) => node.querySelector(selector) ??
    [...node.querySelectorAll('*')].filter((n) => n.shadowRoot).map((n) => find(n.shadowRoot, selector)).find(Boolean)
  const root = find(document, '.scrubber')
  const pictures = [...root.querySelectorAll('.view > canvas')].map((canvas) =>
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join())
  return { frame: Number(root.dataset.frame), t: root.querySelector('.t').textContent, pictures,
    cursor: root.querySelector('.cursor').style.transform, slider: Number(root.querySelector('.slider').value) }
}"""


@pytest.fixture
def opened(server: str, tab: Callable[..., Page]) -> Callable[..., tuple[Page, list[object]]]:
    """Opens the page; gives it and the list of what it sends to the server from then on."""

    def at(query: str = "a=0&b=7", **options: object) -> tuple[Page, list[object]]:
        page, sent = tab(**options), []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        page.goto(f"{server}/interpolate?checkpoint=tiny-glico&{query}")
        page.wait_for_selector(FRAME)
        settle(page, sent)
        return page, sent

    return at


# Resolves when the scrubber has gone on and has gone back to its start.
TURNS = """(root) => new Promise((done) => {
  const turns = { on: false, back: false }
  let before = Number(root.dataset.frame)
  const look = () => {
    const now = Number(root.dataset.frame)
    turns.on ||= now > before
    turns.back ||= now < before
    before = now
    if (turns.on && turns.back) done(turns)
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})"""
# The scrubber's place among the frames, in each of so many frames of the display.
FRAMES_OF = """(root, count) => new Promise((done) => {
  const frames = []
  const look = () => {
    frames.push(root.dataset.place)
    if (frames.length === count) done(frames)
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})"""


def seen(page: Page) -> dict:
    return page.evaluate(SEEN)


def slider_at(page: Page, t: float) -> tuple[float, float]:
    box = page.get_by_role("slider").bounding_box()
    assert box is not None
    return box["x"] + 10 + t * (box["width"] - 20), box["y"] + box["height"] / 2


def test_scrubber_drag_is_local_and_shows_frames_of_their_t(opened) -> None:
    """A drag of 100 moves sends nothing, and every picture is that of the t shown."""
    page, sent = opened("a=0&b=7&t=0")
    page.mouse.move(*slider_at(page, 0))
    page.mouse.down()
    shown = []
    for move in range(1, MOVES + 1):
        page.mouse.move(*slider_at(page, move / MOVES))
        page.evaluate("() => new Promise(requestAnimationFrame)")
        shown.append(seen(page))
    assert sent == []
    assert [state["t"] for state in shown] == [f"t = {move / MOVES:.2f}" for move in range(1, MOVES + 1)]
    assert [state["frame"] for state in shown] == list(range(1, MOVES + 1))
    assert all(state["slider"] == state["frame"] for state in shown)
    assert all(state["cursor"] == f"translateX({state['frame']}%)" for state in shown)
    for path in (0, 1):  # neighbouring frames may be equal once rounded to bytes, most are not
        assert len({state["pictures"][path] for state in shown}) > 0.9 * MOVES
    assert sum(state["pictures"][0] != state["pictures"][1] for state in shown) > 0.5 * MOVES
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]t=1(&|$)"))
    assert sent


def test_the_t_let_go_is_in_the_url_and_a_reload_reopens_it(opened) -> None:
    page, sent = opened()
    page.mouse.move(*slider_at(page, 0.5))
    page.mouse.down()
    page.mouse.move(*slider_at(page, 0.31), steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]t=0\.31(&|$)"))
    before = seen(page)
    page.reload()
    page.wait_for_selector(FRAME)
    settle(page, sent)
    assert seen(page) == before


def test_the_keyboard_moves_t_and_says_where_it_is(opened) -> None:
    page, _ = opened()
    slider = page.get_by_role("slider")
    slider.focus()
    for key, frame in [
        ("Home", 0),
        ("ArrowRight", 1),
        ("ArrowUp", 2),
        ("ArrowLeft", 1),
        ("ArrowDown", 0),
        ("PageUp", 10),
        ("PageDown", 0),
        ("End", 100),
    ]:
        page.keyboard.press(key)
        expect(page.locator(f".scrubber[data-frame='{frame}']")).to_be_attached()
    expect(slider).to_have_attribute("aria-valuetext", "t 1.00, between A (0) and B (1)")
    expect(slider).to_be_focused()
    expect(page).to_have_url(re.compile(r"[?&]t=1(&|$)"))
    expect(slider).to_be_focused()


def test_a_finger_moves_t_as_a_mouse_does(opened) -> None:
    page, sent = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.get_by_role("slider").scroll_into_view_if_needed()
    settle(page, sent)
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, t: float | None = None) -> None:
        x, y = slider_at(page, t or 0)
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if t is None else [{"x": x, "y": y}]})

    touch("touchStart", 0.5)
    for t in (0.55, 0.6, 0.7, 0.8):
        touch("touchMove", t)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert seen(page)["frame"] == pytest.approx(80, abs=2)
    assert sent == []
    touch("touchEnd")
    expect(page).to_have_url(re.compile(r"[?&]t=0\.(79|8|81)\d?(&|$)"))


def test_it_plays_pauses_and_loops_without_the_server(opened) -> None:
    page, sent = opened("a=0&b=7&t=0.9")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".scrubber[data-frame='100']")).to_be_attached()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    settle(page, sent)
    page.get_by_role("button", name="Loop").click()
    page.get_by_role("button", name="Play").click()
    turns = page.locator(".scrubber").evaluate(TURNS)
    assert turns == {"on": True, "back": True}
    assert sent == []
    page.get_by_role("button", name="Pause").click()
    still = page.locator(".scrubber").get_attribute("data-place")
    assert page.locator(".scrubber").evaluate(FRAMES_OF, 20) == [still] * 20
    expect(page).to_have_url(re.compile(rf"[?&]t={float(still) / 100:.4g}(&|$)"))


def test_hover_over_a_chart_reads_values_and_leaves_t_alone(opened) -> None:
    page, sent = opened("a=0&b=7&t=0.5")
    values = page.locator(".panel").first.locator(".number")
    at_t = values.nth(1).inner_text()
    plot = page.locator(".plot").first.bounding_box()
    page.mouse.move(plot["x"] + 1, plot["y"] + plot["height"] / 2)
    expect(values.nth(1)).to_have_text("1.000")  # the chord starts on the sphere
    assert seen(page)["t"] == "t = 0.50"
    page.mouse.move(5, 5)
    expect(values.nth(1)).to_have_text(at_t)
    assert float(at_t) < 1
    assert sent == []


def test_a_click_on_a_chart_or_a_film_moves_t_there(opened) -> None:
    page, _ = opened()
    for selector, t in ((".plot", 0.25), (".film", 0.75)):
        box = page.locator(selector).first.bounding_box()
        page.mouse.click(slider_at(page, t)[0], box["y"] + box["height"] / 2)
        expect(page.locator(f".scrubber[data-frame='{int(100 * t)}']")).to_be_attached()
        expect(page).to_have_url(re.compile(rf"[?&]t={t}(&|$)"))


def test_images_are_chosen_by_clicking_them_and_t_stays(opened) -> None:
    page, _ = opened("a=0&b=7&t=0.3")
    before = seen(page)
    page.get_by_role("button", name="Choose by thumbnail").click()
    page.get_by_role("button", name="3, image 17").click()
    expect(page).to_have_url(re.compile(r"[?&]a=17(&|$)"))
    page.get_by_role("button", name="4, image 22").click()
    expect(page).to_have_url(re.compile(r"[?&]b=22(&|$)"))
    expect(page.get_by_role("slider")).to_have_attribute("aria-label", "t, from A (3, image 17) to B (4, image 22)")
    after = seen(page)
    assert after["t"] == before["t"] == "t = 0.30"
    assert after["pictures"] != before["pictures"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # the next click sets A again
    expect(page).to_have_url(re.compile(r"[?&]a=23(&|$)"))


def test_what_is_exported_is_the_path_that_is_shown(opened) -> None:
    page, _ = opened("a=0&b=7&frames=21")
    with page.expect_download() as download:
        page.get_by_role("button", name="GIF").click()
    assert download.value.suggested_filename == "tiny-glico-0-7.gif"
    with Image.open(download.value.path()) as film:
        assert film.n_frames == 2 * 21 - 2
        assert film.size == (192, 3 * (20 + 192) + 2 * 12)  # slerp, lerp and morph, lines of a pixel between; captions
    with page.expect_download() as download:
        page.get_by_role("button", name="Scrubber (HTML)").click()
    assert "class Scrubber" in Path(download.value.path()).read_text("utf-8")


def test_it_fits_a_telephone(opened) -> None:
    page, _ = opened(viewport={"width": 390, "height": 844})
    widths = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    slider = page.get_by_role("slider").bounding_box()
    assert slider["x"] >= 0
    assert slider["x"] + slider["width"] <= 390
    picture = page.locator(".view > canvas").first.bounding_box()
    assert 0 < slider["y"] - picture["y"] < 500  # the hand and what it moves are seen together


def test_a_chosen_pair_keeps_the_slider_and_its_node(opened) -> None:
    page, _ = opened("a=0&b=7")
    node = page.get_by_role("slider").element_handle()
    page.get_by_role("button", name="Swap").click()
    expect(page.get_by_role("slider")).to_have_attribute("aria-label", "t, from A (1, image 7) to B (0, image 0)")
    assert node.evaluate("(node) => node.isConnected")


def described(checkpoint: Checkpoint) -> PathContent:
    """Return the scrubber's content for the paths from row 0 to row 7, 51 frames each."""
    source = path_source(checkpoint.opened)
    name, feature_steps = feature_distance(checkpoint.config, checkpoint.image_shape[0])
    paths = measured_paths(source, PathRequest((0, 7), 51), feature_steps)
    return paths_content(Visited(source.checkpoint, source.training, (0, 7)), paths, name)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_three_pictures_are_seen_at_once(
    tiny_runs: Path, tmp_path: Path, tab: Callable[..., Page], width: int, height: int
) -> None:
    """Slerp, lerp and the morph fit a screen without overlapping, and all three follow t."""
    content = described(Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors"))
    (tmp_path / "path.html").write_text(offline_page(content, 0.5, "path"), "utf-8")
    page = tab(viewport={"width": width, "height": height})
    page.goto((tmp_path / "path.html").as_uri())
    page.wait_for_selector(FRAME)
    boxes = [canvas.bounding_box() for canvas in page.locator(".view > canvas").all()]
    assert len(boxes) == 3
    assert all(box["width"] > 80 and box["y"] + box["height"] <= height for box in boxes)
    for one, other in pairwise(boxes):
        assert other["x"] >= one["x"] + one["width"] or other["y"] >= one["y"] + one["height"]
    before = page.evaluate(SEEN)["pictures"]
    page.get_by_role("slider").fill("12")
    expect(page.locator(".scrubber[data-frame='12']")).to_be_attached()
    assert all(one != other for one, other in zip(before, page.evaluate(SEEN)["pictures"], strict=True))
    assert "no walk in the latent space" in page.locator(".note").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_but_the_pictures_moves_while_words_come_and_go(
    tiny_runs: Path, tmp_path: Path, tab: Callable[..., Page]
) -> None:
    content = described(Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors"))
    content["views"][1]["remarks"] = ["" if frame % 2 else "Left its class. " * 5 for frame in range(51)]
    content["views"][0]["neighbours"][0]["names"] = [f"{'a long name ' * (frame % 3)}, image" for frame in range(51)]
    (tmp_path / "path.html").write_text(offline_page(content, 0, "path"), "utf-8")
    page = tab(viewport={"width": 390, "height": 900})
    page.goto((tmp_path / "path.html").as_uri())
    page.wait_for_selector(FRAME)
    page.get_by_role("slider").focus()
    places = set()
    for _ in range(6):
        places.add(str([page.locator(name).last.bounding_box() for name in (".slider", ".number", ".axis")]))
        page.keyboard.press("ArrowRight")
        page.evaluate("() => new Promise(requestAnimationFrame)")
    assert len(places) == 1


def test_offline_scrubber_needs_no_network_and_runs_no_name(
    tiny_runs: Path, tmp_path: Path, tab: Callable[..., Page]
) -> None:
    checkpoint = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    checkpoint.class_names = (STRANGE, "</script>", *checkpoint.class_names[2:])
    content = described(checkpoint)
    (tmp_path / "path.html").write_text(offline_page(content, 0.5, STRANGE), "utf-8")
    page = tab(offline=True)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto((tmp_path / "path.html").as_uri())
    page.wait_for_selector(FRAME)
    before = seen(page)
    page.mouse.move(*slider_at(page, 0.5))
    page.mouse.down()
    page.mouse.move(*slider_at(page, 0.9), steps=10)
    page.mouse.up()
    expect(page.locator(".scrubber[data-frame='45']")).to_be_attached()
    assert seen(page)["pictures"] != before["pictures"]
    assert page.title() == STRANGE
    expect(page.get_by_role("heading")).to_have_text(STRANGE)
    assert page.locator("img").count() == 0
    assert all(url.startswith(("file:", "data:")) for url in requests)


SCREENS = [(320, 640), (390, 844), (641, 900), (768, 1024), (1024, 768), (1075, 800), (2560, 1440)]


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_hand_and_what_it_moves_are_seen_together(
    tiny_runs: Path, tmp_path: Path, tab: Callable[..., Page], width: int, height: int
) -> None:
    content = described(Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors"))
    (tmp_path / "path.html").write_text(offline_page(content, 0.5, "a long name of a path " * 9), "utf-8")
    page = tab(viewport={"width": width, "height": height})
    page.goto((tmp_path / "path.html").as_uri())
    page.wait_for_selector(FRAME)
    slider = page.get_by_role("slider").bounding_box()
    pictures = [picture.bounding_box() for picture in page.locator(".view > canvas").all()]
    assert slider["y"] + slider["height"] - min(picture["y"] for picture in pictures) < 0.8 * height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
