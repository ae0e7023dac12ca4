"""A checkpoint as one HTML file: map, sliders and generator work from the disk, without any network."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from glico.cli.main import main


def test_exported_page_generates_without_a_network(tiny_runs: Path, tmp_path: Path, tab: Callable[..., Page]) -> None:
    """The sliders draw, an empty place of the map too, and the page asks nothing of anybody."""
    file = tmp_path / "tiny.html"
    assert main(["export", str(tiny_runs / "tiny-glico" / "checkpoint.safetensors"), "--output", str(file)]) == 0
    page = tab(offline=True)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    view = page.locator(".directions")
    expect(page.locator(".directions[data-ready]")).to_be_visible()
    view.locator(".slider input").first.fill("1.5")
    expect(view.locator(".screen canvas")).to_have_attribute("data-state", re.compile(r"^1_-1_1_0_0_1\.5"))
    pane = page.locator(".latent-map .pane").first
    pane.scroll_into_view_if_needed()
    box = pane.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    expect(page.locator(".latent-map .probe canvas")).to_be_visible()
    assert {url.split(":")[0] for url in requests} <= {"file", "data", "blob"}


def test_sliders_work_without_webgl(tiny_runs: Path, tmp_path: Path, tab: Callable[..., Page]) -> None:
    """A browser without WebGL 2 gets a sentence in place of the map, and sliders that work."""
    file = tmp_path / "tiny.html"
    assert main(["export", str(tiny_runs / "tiny-glico" / "checkpoint.safetensors"), "--output", str(file)]) == 0
    page = tab(viewport={"width": 1100, "height": 800})
    page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext\n"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return kind === 'webgl2' ? null : get.call(this, kind, ...rest) }"
    )
    page.goto(file.as_uri())
    expect(page.locator(".directions[data-ready]")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="needs WebGL 2")).to_be_visible()
