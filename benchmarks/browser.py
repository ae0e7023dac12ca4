"""Serve the app on a free port and launch a headless Chromium, for browser benchmarks, tests and pictures."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
# The first two are pages for suggestions below the address bar. Every window would create them unseen, and they cost
# more than many pages of the tests. Chromium obeys only the last list, so it also holds Playwright's own.
FEATURES_OFF = [
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch",
]  # fmt: skip
FLAGS = [
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", f"--disable-features={','.join(FEATURES_OFF)}",
]  # fmt: skip
COMMAND = (sys.executable, "-m", "streamlit", "run", "streamlit_app.py")
START_UP = 300  # seconds, at most, until the server answers


def serving(log: Path | None = None, **environment: str) -> AbstractContextManager[str]:
    """Serve this checkout's app with additions to the environment, and yield its address. Its output goes to ``log``.

    Raises RuntimeError if it does not answer in START_UP seconds.
    """
    return served(COMMAND, ROOT, log, environment)


@contextmanager
def served(
    command: Sequence[str], folder: Path, log: Path | None, environment: Mapping[str, str], port: int = 0
) -> Iterator[str]:
    """Serve the app that ``command`` starts in ``folder``, on ``port`` or a free one; otherwise as ``serving``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    options = ["--server.headless", "true", "--server.port", str(port)]
    merged = os.environ | environment
    with (log or Path(os.devnull)).open("w") as output:
        process = subprocess.Popen(
            [*command, *options], cwd=folder, env=merged, stdout=output, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def launch_chromium(playwright: Playwright) -> Browser:
    """Launch the system's Chromium, else Playwright's. Raises RuntimeError with advice if there is none."""
    result = next(filter(None, map(shutil.which, NAMES)), playwright.chromium.executable_path)
    if not Path(result).exists():
        raise RuntimeError(
            f"There is no Chromium: install it, or run `{sys.executable} -m playwright install chromium`."
        )
    return playwright.chromium.launch(executable_path=result, args=FLAGS)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path | None) -> None:
    deadline = time.monotonic() + START_UP
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"The app did not start: {log.read_text() if log else 'run streamlit to see why'}")
