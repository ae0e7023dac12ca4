"""Nothing leaves the machine: no page and no exported file asks another machine or offers to send a chart."""

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from app.pages import LATENT_MAP, PAGES
from glico.cli.main import main

OFFERS = """() => {
  const found = []
  const visit = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) visit(node.shadowRoot)
      const words = ["data-title", "title", "aria-label", "data-attr"].map((name) => node.getAttribute(name) ?? "")
      const offers = /cloud|chart studio|plotly\\.com|(send|share) (this |the )?chart/i
      if (offers.test(words.join(" "))) found.push(node.outerHTML)
      const address = node.getAttribute("href") ?? node.getAttribute("action") ?? ""
      if (/^https?:/.test(address) && new URL(address).host !== location.host) found.push(address)
    }
  }
  visit(document)
  return found
}"""
VIEWS = {"results": ("Table", "Curves", "Classes", "Confusion", "Calibration", "Configuration")}


def elsewhere(requests: list[str]) -> list[str]:
    """The addresses of other machines."""
    return [
        address
        for address in requests
        if urlsplit(address).scheme not in ("file", "data", "blob") and urlsplit(address).hostname != "127.0.0.1"
    ]


@pytest.fixture
def watched(tab: Callable[..., Page]) -> tuple[Page, list[str]]:
    """A tab, and the addresses of all its requests and WebSockets."""
    page, requests = tab(), []

    def note(request: Request) -> None:
        requests.append(request.url)

    page.on("request", note)
    page.on("websocket", lambda socket: requests.append(socket.url))
    return page, requests


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_no_page_asks_another_machine_or_offers_to(
    server: str, served_runs: Path, finished_runs: Path, watched: tuple[Page, list[str]], name: str
) -> None:
    """With finished runs there are charts, whose tool bars would offer an upload if plotly.js had its way."""
    for run in (*finished_runs.glob("train-*"), *finished_runs.glob("classify-*")):
        shutil.copytree(run, served_runs / run.name, dirs_exist_ok=True)
    page, requests = watched
    path = "" if name == LATENT_MAP.name else name
    page.goto(f"{server}/{path}?checkpoint=tiny-glico&beside=tiny-glo&method=pca")
    page.wait_for_selector("h1")
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    assert page.evaluate(OFFERS) == []
    for view in VIEWS.get(name, ()):
        page.get_by_role("radio", name=view, exact=True).click()
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
        assert page.evaluate(OFFERS) == []
    if name in ("train", "classify"):
        expect(page.locator(".live-chart .modebar-btn").first).to_be_attached()
        assert page.evaluate(OFFERS) == []
    assert requests
    assert elsewhere(requests) == []


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (["project", "{glico}", "--beside", "{glo}", "--method", "pca"], ".latent-map[data-ready]"),
        (["interpolate", "{glico}", "--from", "0", "--to", "7", "--frames", "21"], ".scrubber[data-frame]"),
        (["interpolate", "{glico}", "--corners", "0", "1", "2"], ".surface[data-frame]"),
    ],
    ids=["maps", "scrubber", "surface"],
)
def test_no_exported_file_asks_another_machine_or_offers_to(
    tiny_runs: Path, tmp_path: Path, watched: tuple[Page, list[str]], command: list[str], part: str
) -> None:
    """Each page that a command writes opens from the disk, and asks for nothing but itself."""
    places = {name: str(tiny_runs / f"tiny-{name}" / "checkpoint.safetensors") for name in ("glo", "glico")}
    file = tmp_path / "page.html"
    assert main([*(word.format(**places) for word in command), "--output", str(file)]) == 0
    page, requests = watched
    page.context.set_offline(True)
    try:
        page.goto(file.as_uri())
        page.wait_for_selector(part, state="attached")
        assert page.evaluate(OFFERS) == []
        assert requests == [file.as_uri(), *(address for address in requests[1:] if address.startswith("data:"))]
    finally:
        page.context.set_offline(False)


def test_a_written_map_links_its_maps_and_has_every_value(
    tiny_runs: Path, tmp_path: Path, tab: Callable[..., Page]
) -> None:
    """``glico project --output FILE.html`` shows both maps, their thumbnails and films, and colours by any value."""
    pair = [str(tiny_runs / f"tiny-{name}" / "checkpoint.safetensors") for name in ("glico", "glo")]
    file = tmp_path / "map.html"
    assert main(["project", pair[0], "--beside", pair[1], "--method", "pca", "--output", str(file)]) == 0
    page = tab(offline=True)
    page.goto(file.as_uri())
    page.wait_for_selector(".latent-map[data-ready]")
    assert "GLO" in page.locator("h1").inner_text()
    expect(page.locator(".latent-map .pane")).to_have_count(2)
    colours = page.get_by_label("Colour")
    for name in ("purity", "error", "confidence"):
        colours.select_option(name)
        expect(page.locator(".latent-map .scale")).to_be_visible()
