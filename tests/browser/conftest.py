"""A real server and a real browser: Streamlit on a free port, Chromium without a window."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from glico.runs.folder import list_runs
from glico.runs.launch import stop

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
START_UP = 60  # seconds that a server may take
PROBE = "/_stcore/"  # Streamlit looks for its server below the page's own address first: a 404 that means nothing


@pytest.fixture(scope="session")
def server(tiny_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, with the tiny checkpoints among its runs; what tests start is stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = tmp_path_factory.mktemp("server")
    runs = shutil.copytree(tiny_runs, places / "runs")
    folders = {"GLICO_RUNS": str(runs), "GLICO_CACHE": str(places / "cache"), "GLICO_UPLOADS": str(places / "uploads")}
    environment = os.environ | folders | {"GLICO_CPU_SLOTS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless", "true"]
    with (places / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--server.port", str(port)], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process, places / "log")
        yield address
    finally:
        process.terminate()
        process.wait(20)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GLICO_RUNS", str(runs))
            stop(list_runs())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser: the system's Chromium, else Playwright's own; without one the tests fail."""
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, BROWSERS)), playwright.chromium.executable_path)
        if not Path(found).exists():
            pytest.fail(f"There is no Chromium: install it, or run `{sys.executable} -m playwright install chromium`.")
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens tabs, each a context of its own; at the end none may have written an error to its console."""
    errors: list[str] = []
    opened: list[Page] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and PROBE not in message.location["url"]:
            errors.append(message.text)

    def open_tab(**options: object) -> Page:
        page = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | options).new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.set_default_timeout(30_000)
        opened.append(page)
        return page

    yield open_tab
    for page in opened:
        page.context.close()
    assert errors == []


@pytest.fixture
def new_page(server: str, tab: Callable[..., Page]) -> Callable[..., Page]:
    """Opens the app at a path below its address, in a tab of its own."""

    def open_page(path: str = "", **options: object) -> Page:
        page = tab(**options)
        page.goto(f"{server}/{path}")
        return page

    return open_page


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_UP * 5):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=5)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The app did not start:\n{log.read_text()}")
