"""Runs in a real browser: start, watch, find again, cancel, resume, compare."""

import os
import re
import signal
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from glico.config import TrainConfig
from glico.runs.launch import launch

PATIENCE = 180_000  # ms: a run is a process that imports torch first, and the machine may be busy
CHART = '.live-chart.js-plotly-plot:not([aria-label*="current codes"])'  # the map in small is no curve

RANGE = f"document.querySelector('{CHART}').layout.xaxis.range"
POINTS = f"[...(document.querySelector('{CHART}')?._fullData?.[0]?.y ?? [])].filter(Number.isFinite).length"
STEP = "Number(document.body.innerText.match(/step ([\\d,]+) of 100,000/)?.[1].replaceAll(',', '') ?? 0)"
RECORD_NOTIFICATIONS = """() => {
  window.shownNotifications = []
  window.Notification = class extends window.Notification {
    constructor(title, options) {
      super(title, options)
      window.shownNotifications.push(title)
    }
  }
}"""
LONG = TrainConfig(
    samples_per_class=2, steps=100_000, generator_width=4, device="cpu"
)  # a point every 500; its test ends it
DRAWN = LONG.model_copy(update={"steps": 20_000})  # a point every 100 steps


def enter(page: Page, label: str, value: str) -> None:
    """Type a number into a field of the form."""
    field = page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(value)
    field.press("Enter")


def wait_for_points(page: Page, more_than: int) -> None:
    """Wait until the first chart has drawn more points than that."""
    page.wait_for_function(f"({POINTS}) > {more_than}", timeout=PATIENCE)


def zoom(page: Page) -> list[float]:
    """Draw a rectangle in the first chart with the mouse; gives the range of steps that it then shows."""
    page.locator(CHART).first.scroll_into_view_if_needed()
    for _ in range(5):  # the page may still move under the hand while its first pictures arrive
        box = page.evaluate(f"document.querySelector('{CHART} .nsewdrag').getBoundingClientRect()")
        page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
        page.mouse.up()
        with suppress(TimeoutError):
            page.wait_for_function(f"!document.querySelector('{CHART}').layout.xaxis.autorange", timeout=5_000)
            return list(page.evaluate(RANGE))
    raise AssertionError("a rectangle drawn in the chart did not zoom it")


@pytest.fixture
def opened(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a page of the app and waits until it is there."""

    def open_page(path: str, **options: object) -> Page:
        page = new_page(path, **options)
        page.set_default_timeout(PATIENCE)
        page.wait_for_selector("h1")
        return page

    return open_page


def test_a_training_is_started_and_its_chart_grows_in_place(opened) -> None:
    page = opened("train")
    expect(page.get_by_text("100 images of 10 classes")).to_be_visible()
    enter(page, "Samples per class (images per class)", "2")
    expect(page.get_by_text("20 images of 10 classes")).to_be_visible()
    enter(page, "Steps", "20000")  # a point every 100 of them
    page.get_by_role("button", name="Train GLO and GLICO as a pair").click()
    wait_for_points(page, 0)
    page.evaluate(f"window.keptChart = document.querySelector('{CHART}')")
    zoomed = zoom(page)
    wait_for_points(page, page.evaluate(POINTS))
    assert page.evaluate(f"window.keptChart === document.querySelector('{CHART}')"), "the chart's node was replaced"
    assert page.evaluate(RANGE) == zoomed, "the zoom was lost"


def test_run_is_seen_in_two_browsers_and_after_reload(opened) -> None:
    pages = [opened("train"), opened("train")]
    launch(LONG)
    for page in [*pages, pages[0]]:
        expect(page.get_by_text(re.compile(r"step [\d,]+ of 100,000"))).to_be_visible()
        page.wait_for_selector(CHART)
        page.reload()


def test_cancelled_or_killed_run_says_so_and_resumes(opened) -> None:
    """The page says it, and the browser notifies of the end that nobody has asked for."""
    run = launch(LONG)
    page = opened(f"train?run={run.id}", permissions=["notifications"])
    page.evaluate(RECORD_NOTIFICATIONS)
    page.get_by_label("Notify me when runs end").check()
    resume = page.get_by_role("button", name=re.compile(r"Resume from step \d+"))
    page.wait_for_function(f"{STEP} > 0", timeout=PATIENCE)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(resume).to_be_visible()
    stopped = int(re.search(r"\d+", resume.inner_text())[0])
    resume.click()
    page.wait_for_function(f"{STEP} > {stopped}", timeout=PATIENCE)
    os.kill(run.state.pid, signal.SIGKILL)
    expect(page.get_by_text("unexpectedly")).to_be_visible()
    expect(page.get_by_text(f"resumed after step {stopped}")).to_be_visible()  # the last lines of its log
    expect(resume).to_be_visible()
    page.wait_for_function("window.shownNotifications.length > 0", timeout=PATIENCE)
    (title,) = page.evaluate("window.shownNotifications")
    assert title.endswith("has died")


def test_methods_are_compared_from_launch_to_table(opened) -> None:
    page = opened("classify?checkpoint=tiny-glico")
    enter(page, "Steps", "12")
    enter(page, "Seeds", "1")
    page.get_by_role("button", name="Start 2 runs").click(timeout=PATIENCE)
    expect(page.get_by_text("2 done")).to_be_visible()
    page.wait_for_selector(CHART)
    names = page.locator(CHART).first.evaluate("node => node.data.filter(l => l.showlegend !== false).map(l => l.name)")
    assert names == ["standard", "glico"]
    expect(page.get_by_text("2 have finished")).to_be_visible()

    results = opened("results")
    expect(results.get_by_text(re.compile(r"^2 runs\. Select some"))).to_be_visible()
    results.get_by_text("Confusion", exact=True).click()
    cell = results.locator(CHART)
    cell.wait_for()
    assert cell.evaluate("node => node._fullData[0].z.length") == 10


def test_results_are_live_and_keep_ticked_runs(opened) -> None:
    launch(DRAWN)
    page = opened("results")
    page.get_by_role("radio", name="GLO and GLICO").click()
    page.get_by_text(re.compile(r"^\d+ runs?\. Select some")).wait_for()
    table = page.locator(".stDataFrameGlideDataEditor").first
    table.click(position={"x": 20, "y": 52})  # the newest run's box
    caption = page.get_by_text(re.compile(r"^1 of \d+ runs? selected"))
    caption.wait_for()
    wait_for_points(page, 1)
    drawn = page.evaluate(POINTS)
    wait_for_points(page, drawn)
    runs = int(caption.inner_text().split()[2])
    launch(DRAWN.model_copy(update={"seed": 1}))
    expect(page.get_by_text(f"1 of {runs + 1} runs selected")).to_be_visible()
    assert page.evaluate(POINTS) > drawn, "another run is ticked"
