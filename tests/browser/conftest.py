"""A real server and a real browser: Streamlit on a free port, Chromium without a window."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from maps import Maps
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from benchmarks.browser import launch_chromium, serving
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ProjectConfig
from glico.runs.folder import list_runs
from glico.runs.launch import stop
from glico.runs.projecting import compute

expect.set_options(timeout=180_000)  # a shared machine may be slow; what is asserted is what comes, not when
PROBE = "/_stcore/"  # Streamlit looks for its server below the page's own address first: a 404 that means nothing


@pytest.fixture(scope="session")
def served_runs(tiny_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the app's runs, with the tiny checkpoints among them."""
    return Path(shutil.copytree(tiny_runs, tmp_path_factory.mktemp("served") / "runs"))


@pytest.fixture(scope="session")
def server(served_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app."""
    places = tmp_path_factory.mktemp("server")
    folders = {"GLICO_CACHE": str(places / "cache"), "GLICO_UPLOADS": str(places / "uploads")}
    folders |= {"GLICO_RUNS": str(served_runs), "GLICO_DECISIONS": str(places / "decisions")}
    with serving(places / "log", **folders, GLICO_CPU_SLOTS="1") as address:
        yield address


@pytest.fixture(autouse=True)
def runs_as_they_were(served_runs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder of the app's runs is this process's too, and what a test starts there is gone when it ends."""
    for name, value in {"GLICO_RUNS": str(served_runs), "GLICO_CPU_SLOTS": "1"}.items():
        monkeypatch.setenv(name, value)
    before = {run.id for run in list_runs()}
    yield
    come = [run for run in list_runs() if run.id not in before]
    stop(come)
    for run in come:
        run.delete()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser: the system's Chromium, else Playwright's own; without one the tests fail."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def kept_tabs() -> dict[str, Page]:
    """Tabs, by their options, for test after test: in a new one the browser would compile the app's scripts anew."""
    return {}


@pytest.fixture
def tab(chromium: Browser, kept_tabs: dict[str, Page]) -> Iterator[Callable[..., Page]]:
    """Opens empty tabs, each with a context of its own; at the end none may have written an error to its console."""
    errors: list[str] = []
    opened: list[tuple[str, Page]] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and PROBE not in message.location["url"]:
            errors.append(message.text)

    def failed(error: Error) -> None:
        errors.append(str(error))

    def open_tab(**options: object) -> Page:
        name = repr(options)
        page = kept_tabs.pop(name, None)
        if page is None:
            page = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | options).new_page()
        page.on("console", heard)
        page.on("pageerror", failed)
        page.set_default_timeout(60_000)
        opened.append((name, page))
        return page

    yield open_tab
    for name, page in opened:
        page.remove_listener("console", heard)
        page.remove_listener("pageerror", failed)
        if name in kept_tabs:
            page.context.close()
        else:
            page.unroute_all()
            page.mouse.move(0, 0)
            page.goto("about:blank")
            kept_tabs[name] = page
    assert errors == []


@pytest.fixture
def new_page(server: str, tab: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the app at a path below its address, in a tab of its own."""

    def open_page(path: str = "", **options: object) -> Page:
        page = tab(**options)
        page.goto(f"{server}/{path}")
        return page

    return open_page


@pytest.fixture(scope="session")
def layouts(tiny_runs: Path) -> tuple[np.ndarray, ...]:
    """Return the points of tiny-glo and of tiny-glico by PCA."""
    pair = [Checkpoint.load(tiny_runs / f"tiny-{name}" / "checkpoint.safetensors") for name in ("glo", "glico")]
    return compute([model.codes.numpy() for model in pair], ProjectConfig(method="pca")).layouts


@pytest.fixture
def open_maps(server: str, tab: Callable[..., Page], layouts) -> Callable[..., Maps]:
    """Opens the two maps and waits until nothing more is sent."""

    def at(query: str = "", **options: object) -> Maps:
        maps = Maps(tab(**options), layouts)
        maps.page.goto(f"{server}/?checkpoint=tiny-glico&beside=tiny-glo&method=pca&{query}")
        expect(maps.page.locator(".latent-map[data-ready]")).to_be_attached()
        expect(maps.page.get_by_role("button", name="Maps (HTML)")).to_be_attached()  # what follows the maps
        expect(maps.page.locator("[data-test-script-state=notRunning]")).to_be_attached()  # all has its place
        if not options:  # below what the first screen says, the maps would end outside the window
            maps.page.evaluate("() => document.querySelector('.latent-map').scrollIntoView({block: 'center'})")
        maps.settle()
        return maps

    return at


def pytest_itemcollected(item: pytest.Item) -> None:
    """Each test here needs a server and a browser."""
    item.add_marker(pytest.mark.slow)
