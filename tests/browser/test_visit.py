"""A visit in a real browser: Back goes one step back, Start shows what it started, and a restart loses nothing."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import COMMAND, ROOT, served

AT = "/interpolate?checkpoint=tiny-glico"


def test_back_goes_one_step_back_and_takes_the_view_along(new_page: Callable[..., Page]) -> None:
    page = new_page("?method=pca&checkpoint=tiny-glico&beside=tiny-glo")
    page.get_by_role("button", name="Drag from one image to another").click()
    expect(page.get_by_role("heading", name="Interpolate")).to_be_visible()
    page.get_by_role("radio", name="Path grid").click()
    expect(page.get_by_text("Laid out as the paper")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("radio", name="Two images")).to_be_checked()
    expect(page.get_by_text("Laid out as the paper")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", name="Latent map")).to_be_visible()


def test_link_to_the_open_page_keeps_the_view(new_page: Callable[..., Page]) -> None:
    page = new_page("interpolate?checkpoint=tiny-glico&show=grid")
    grid = page.get_by_text("Laid out as the paper")
    expect(grid).to_be_visible()
    page.get_by_role("link", name="Interpolate").click()
    page.get_by_role("radio", name="across classes").click()  # the page answers
    expect(page.get_by_role("radio", name="across classes")).to_be_checked()
    expect(grid).to_be_visible()
    expect(page).to_have_url(re.compile("show=grid"))


def test_start_shows_at_once_what_it_has_started(new_page: Callable[..., Page]) -> None:
    page = new_page("train", viewport={"width": 1440, "height": 900})
    start = page.get_by_role("button", name="Train GLO and GLICO as a pair")
    expect(start).to_be_enabled()
    start.click()
    heading = page.get_by_role("heading", name="Runs")
    expect(page.get_by_text(re.compile("queued|running")).first).to_be_in_viewport()
    expect(heading).to_be_in_viewport()


@pytest.mark.slow
def test_a_restarted_server_finds_the_page_alive(chromium: Browser, tiny_runs: Path, tmp_path: Path) -> None:
    folders = {"GLICO_RUNS": str(tiny_runs), "GLICO_CACHE": str(tmp_path / "cache")}
    page = chromium.new_context().new_page()  # it may write to its console: its server is away for a while
    page.set_default_timeout(60_000)
    with served(COMMAND, ROOT, None, folders) as address:
        page.goto(address + AT)
        page.get_by_role("button", name="Random across").click()
        expect(page).to_have_url(re.compile("a=.*b="))
        page.goto(address + "/train")
        steps = page.get_by_role("spinbutton", name="Steps")
        steps.fill("123")
        steps.press("Enter")
        expect(page.get_by_text("The small sample")).to_be_visible()
    port = int(address.rpartition(":")[2])
    with served(COMMAND, ROOT, None, folders, port):
        page.get_by_role("radio", name="GLICO", exact=True).click(timeout=60_000)
        expect(page.get_by_role("button", name="Train GLICO", exact=True)).to_be_enabled()
        assert steps.input_value() == "123"
    page.context.close()
