"""Runs in a real browser: started from the page, watched as they grow, found again, cancelled, resumed, compared."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

PATIENCE = 180_000  # ms: a run is a process that imports torch first, and the machine may be busy
CHART = ".live-chart.js-plotly-plot"

RANGE = f"document.querySelector('{CHART}').layout.xaxis.range"
STEP = "Number(document.body.innerText.match(/step ([\\d ]+) of 40 000/)?.[1].replaceAll(' ', '') ?? 0)"


def enter(page: Page, label: str, value: str) -> None:
    """Type a number into a field of the form."""
    field = page.get_by_role("spinbutton", name=label, exact=True)
    field.fill(value)
    field.press("Enter")


def wait_for_points(page: Page, more_than: int) -> int:
    """Wait until the first chart has more points than that, and count them."""
    drawn = f"document.querySelector('{CHART}')?._fullData?.[0].x.length"
    page.wait_for_function(f"{drawn} > {more_than}", timeout=PATIENCE)
    return int(page.evaluate(drawn))


def zoom(page: Page) -> list[float]:
    """Draw a rectangle in the first chart with the mouse; gives the range of steps that it then shows."""
    page.locator(CHART).first.scroll_into_view_if_needed()
    for _ in range(5):  # the page may still move under the hand while its first pictures arrive
        box = page.evaluate(f"document.querySelector('{CHART} .nsewdrag').getBoundingClientRect()")
        page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
        page.mouse.up()
        page.wait_for_timeout(1000)
        if not page.evaluate(f"document.querySelector('{CHART}').layout.xaxis.autorange"):
            return list(page.evaluate(RANGE))
    raise AssertionError("a rectangle drawn in the chart did not zoom it")


@pytest.fixture
def opened(new_page: Callable[..., Page]) -> Callable[[str], Page]:
    """Opens a page of the app and waits until it is there."""

    def open_page(path: str) -> Page:
        page = new_page(path)
        page.set_default_timeout(PATIENCE)
        page.wait_for_selector("h1")
        return page

    return open_page


@pytest.fixture(scope="module")
def training() -> dict[str, str]:
    """What the tests of this module tell each other: the run that the first one starts."""
    return {}


def test_a_training_is_started_and_its_chart_grows_in_place(opened, training) -> None:
    page = opened("train")
    expect(page.get_by_text("100 images of 10 classes")).to_be_visible()
    enter(page, "Samples per class (images a class)", "2")
    expect(page.get_by_text("20 images of 10 classes")).to_be_visible()
    enter(page, "Steps", "40000")
    page.get_by_role("button", name="Start training").click()
    before = wait_for_points(page, 0)
    page.evaluate(f"window.keptChart = document.querySelector('{CHART}')")
    zoomed = zoom(page)
    wait_for_points(page, before)
    assert page.evaluate(f"window.keptChart === document.querySelector('{CHART}')"), "the chart's node was replaced"
    assert page.evaluate(RANGE) == zoomed, "the zoom was lost"
    training["run"] = re.search(r"run=([^&]+)", page.url)[1]


def test_a_reload_and_another_browser_find_the_run(opened, training) -> None:
    page = opened("train")
    expect(page.get_by_text(re.compile(r"step \d+ of 40 000"))).to_be_visible()
    page.wait_for_selector(CHART)
    page.reload()
    expect(page.get_by_text(re.compile(r"step \d+ of 40 000"))).to_be_visible()


def test_cancel_stops_the_run_and_resume_goes_on_from_there(opened, training) -> None:
    page = opened(f"train?run={training['run']}")
    page.get_by_role("button", name="Cancel", exact=True).click()
    resume = page.get_by_role("button", name=re.compile(r"Resume from step \d+"))
    expect(resume).to_be_visible()
    stopped = int(re.search(r"\d+", resume.inner_text())[0])
    resume.click()
    page.wait_for_function(f"{STEP} > {stopped}", timeout=PATIENCE)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("button", name=re.compile(r"Resume from step \d+"))).to_be_visible()


def test_methods_are_compared_from_launch_to_table(opened) -> None:
    page = opened("classify?checkpoint=tiny-glico")
    enter(page, "Steps", "12")
    enter(page, "Seeds", "1")
    page.get_by_role("button", name="Start 2 runs").click(timeout=PATIENCE)
    expect(page.get_by_text("2 done")).to_be_visible(timeout=120_000)
    page.wait_for_selector(CHART)
    names = page.locator(CHART).first.evaluate("node => node.data.filter(l => l.showlegend !== false).map(l => l.name)")
    assert names == ["standard", "glico"]
    expect(page.get_by_text("2 are done already")).to_be_visible()

    results = opened("results")
    expect(results.get_by_text(re.compile("2 runs. Tick some"))).to_be_visible()
    results.get_by_text("Confusion", exact=True).click()
    cell = results.locator(CHART)
    cell.wait_for()
    assert cell.evaluate("node => node._fullData[0].z.length") == 10
