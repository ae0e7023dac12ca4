"""The live chart in a real browser, without a server: it keeps what a person did to it when new points come."""

import json
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from app.components import live_chart
from app.widgets import figures
from benchmarks.browser import ROOT, served
from glico.web.modules import bundle

SITE = "http://chart.test"
PLOTLY = Path(find_spec("plotly").origin).parent / "package_data" / "plotly.min.js"
SCRIPT = bundle(live_chart.HERE / "live_chart.js")
HTML = "<!doctype html><title>chart</title><div id=parent style='width: 800px'></div>"
FILES = {
    "/": ("text/html", HTML),
    "/chart.js": ("text/javascript", SCRIPT),
    "/plotly.js": ("text/javascript", PLOTLY.read_text()),
    "/favicon.ico": ("image/x-icon", ""),
}
# Nothing is awaited here: Chromium 150 may collect a promise that only the test waits for.
DRAW = """(data) => {
  const parentElement = document.getElementById("parent")
  import("/chart.js").then(({ default: draw }) => {
    draw({ data: new TextEncoder().encode(JSON.stringify(data)), parentElement, setTriggerValue: () => {} })
  })
}"""
NODE = "document.querySelector('.live-chart')"


@pytest.fixture
def opened(tab: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a page that holds the component alone."""

    def serve(route: Route) -> None:
        kind, body = FILES[route.request.url.removeprefix(SITE)]
        route.fulfill(content_type=kind, body=body)

    def open_page(**options: object) -> Page:
        page = tab(**options)
        page.route(f"{SITE}/**", serve)
        page.goto(f"{SITE}/")
        return page

    return open_page


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    """A page that a mouse is used on."""
    return opened()


def draw(page: Page, points: int, revision: str = "one", until: int | None = None) -> None:
    """Show two curves of so many points, and wait until they are seen."""
    x = np.arange(1.0, points + 1) * 200
    curves = [figures.Curve(name, x, 1 / x, colour) for name, colour in (("a", "#3f90da"), ("b", "#ffa90e"))]
    figure = figures.lines(curves, "step", "loss", log_y=True, until=until)
    data = live_chart.content(figure, "chart", "", 300, revision, f"{SITE}/plotly.js")
    page.evaluate(DRAW, data)
    page.wait_for_function(f"{NODE}?._fullData?.[0].x.length === {max(1, points)}")


def state(page: Page) -> dict:
    """The ranges of both axes, which of the curves are hidden, and the drawing's own element, numbered."""
    return json.loads(
        page.evaluate(f"""() => {{
      const node = {NODE}
      const {{ xaxis, yaxis }} = node._fullLayout
      window.seen ??= []
      const svg = node.querySelector(".main-svg")
      if (!window.seen.includes(svg)) window.seen.push(svg)
      return JSON.stringify({{
        ranges: [xaxis.range, yaxis.range], free: [xaxis.autorange, yaxis.autorange],
        hidden: node._fullData.map((trace) => trace.visible === "legendonly"), drawing: window.seen.indexOf(svg),
      }})
    }}""")
    )


def zoom(page: Page) -> None:
    box = page.locator(".nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.8 * box["height"], steps=4)
    page.mouse.up()
    page.wait_for_function(f"!{NODE}.layout.xaxis.autorange")


def test_a_zoom_and_a_hidden_curve_outlive_new_points(page: Page) -> None:
    draw(page, 1)  # a single point: its axes have no range of their own
    zoom(page)
    page.locator(".legendtoggle").nth(1).click()
    page.wait_for_function(f"{NODE}._fullData[1].visible === 'legendonly'")
    chosen = state(page)
    assert chosen["free"] == [False, False]
    for points in (2, 3, 60):
        draw(page, points)
        assert state(page) == chosen


def test_empty_chart_shows_axes_and_legend(page: Page) -> None:
    """Before its first point a chart has axes and a legend. The axis of steps is that of the whole run from then on."""
    draw(page, 5)  # of what was compared before
    draw(page, 0, until=1000)
    empty = state(page)
    assert empty["ranges"][0] == [-20, 1020]
    assert page.locator(".legendtext").all_text_contents() == ["a", "b"]
    draw(page, 2, until=1000)
    begun = state(page)
    assert begun["free"] == [False, True]
    assert begun["ranges"][0] == empty["ranges"][0]
    assert begun["drawing"] == empty["drawing"]


def test_untouched_chart_follows_its_points(page: Page) -> None:
    draw(page, 2)
    before = state(page)
    draw(page, 5)
    after = state(page)
    assert after["ranges"][0][1] > before["ranges"][0][1]
    assert after["drawing"] == before["drawing"]
    zoom(page)
    draw(page, 6)
    assert state(page)["free"] == [False, False]
    draw(page, 6, revision="two")
    page.wait_for_function(f"{NODE}.layout.xaxis.autorange")
    assert state(page)["free"] == [True, True]


def test_a_chart_is_taken_away_as_a_picture(page: Page) -> None:
    draw(page, 3)
    page.locator(".live-chart").hover()
    for title, name, start in (("Download as SVG", "chart.svg", b"<svg"), ("Download plot", "chart.png", b"\x89PNG")):
        with page.expect_download() as download:
            page.locator(f".modebar-btn[data-title^='{title}']").click()
        assert download.value.suggested_filename == name
        assert Path(download.value.path()).read_bytes().startswith(start)


def test_a_finger_scrolls_the_page_and_leaves_the_chart_live(opened: Callable[..., Page]) -> None:
    page = opened(viewport={"width": 390, "height": 300}, has_touch=True)
    page.evaluate("document.body.style.height = '900px'")
    draw(page, 2)
    finger = page.context.new_cdp_session(page)
    for kind, places in (("Start", [250]), ("Move", [200]), ("Move", [150]), ("Move", [100]), ("End", [])):
        points = [{"x": 200, "y": y} for y in places]
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    page.wait_for_function("scrollY > 50")
    draw(page, 3)
    assert state(page)["free"] == [True, True]
    page.locator(".legendtoggle").nth(1).tap()
    page.wait_for_function(f"{NODE}._fullData[1].visible === 'legendonly'")


def test_the_buttons_of_a_narrow_chart_cover_no_legend(page: Page) -> None:
    page.locator("#parent").evaluate("(node) => { node.style.width = '360px' }")
    curves = [figures.Curve(f"a curve with a long name {i}", np.arange(9.0), np.arange(9.0), "#3f90da") for i in (0, 1)]
    data = live_chart.content(figures.lines(curves, "step", "loss"), "chart", "", 300, "", f"{SITE}/plotly.js")
    page.evaluate(DRAW, data)
    page.locator(".live-chart .infolayer .legend").wait_for()
    page.mouse.move(180, 150)
    legend, buttons = (
        page.locator(f".live-chart {name}").bounding_box() for name in (".infolayer .legend", ".modebar")
    )
    assert buttons["x"] >= legend["x"] + legend["width"] or buttons["y"] >= legend["y"] + legend["height"]


def test_chart_is_drawn_from_a_read_only_folder(tab: Callable[..., Page], tmp_path: Path) -> None:
    for name in ("app", ".streamlit"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "static").write_text("in the way: even root can make no file below it")
    (tmp_path / "page.py").write_text(
        "from app.widgets import figures\nfrom app.components.live_chart import live_chart\n"
        "curve = figures.Curve('a', [1, 2], [3, 4], '#3f90da')\n"
        "live_chart(figures.lines([curve], 'step', 'loss'), 'chart', 'loss by step')\n"
    )
    command = (sys.executable, "-m", "streamlit", "run", "page.py")
    with served(command, tmp_path, None, {"PYTHONPATH": str(ROOT)}) as address:
        page = tab()
        page.goto(address)
        expect(page.locator(".js-plotly-plot .scatterlayer path.js-line")).to_be_visible()
        assert "media/" in page.evaluate("[...document.scripts].map((script) => script.src).join()")
