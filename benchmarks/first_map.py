"""Measure the wait for the first map in a new browser, on a warm server and on one just started.

    python -m benchmarks.first_map [--rounds 5] [--beside FOLDER] [--json]

A new browser is a new context, without a cache, in a running Chromium. Warm is the time from the request for the page
to the frame with the map, by the browser's clock. Cold is the time from the start of the server to its first map, with
an empty disk cache except for the code that Numba compiles once per machine. The same times are measured for the whole
page, whose lower part follows the maps, and for a page of one sentence, which is Streamlit's own share. With FOLDER, a
checkout of another version, its map is measured in turns with these. Needs Playwright (the extra "dev") and a Chromium.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import COMMAND, ROOT, launch_chromium, served

MAP = "?checkpoint=digits-glico&beside=digits-glo"
EMPTY = "import streamlit as st\n\nst.write('A page of one sentence.')\n"
PAGES = {
    "the map": (ROOT, MAP, ".latent-map[data-ready]"),
    "the whole page": (ROOT, MAP, "[data-testid=stDownloadButton]"),
    "Streamlit's own": (None, "", "[data-testid=stMarkdown]"),
}
"""The pages by name: the app's folder (None for a temporary one), the address, and the element to wait for."""
SEEN = """{
  const look = () => {
    if (document.querySelector(%s)) requestAnimationFrame(() => { window.seen = Date.now() })
    else requestAnimationFrame(look)
  }
  look()
}"""


def visit(browser: Browser, address: str, ready: str) -> float:
    """Open the page in a new browser, and return when ``ready`` was shown, by time.time()."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(SEEN % json.dumps(ready))
    page.goto(address)
    page.wait_for_function("() => window.seen", timeout=120_000)
    seen: float = page.evaluate("() => window.seen")
    page.wait_for_selector("[data-test-script-state=notRunning]")  # let the page finish before the next visit
    context.close()
    return seen / 1000


def measure(rounds: int, beside: Path | None) -> dict[str, list[float]]:
    """Return the seconds of every round, cold and warm, by page; also for the map of the checkout ``beside``."""
    pages = dict(PAGES)
    if beside is not None:
        pages[f"the map of {beside.name}"] = (beside.resolve(), *PAGES["the map"][1:])
    times: dict[str, list[float]] = {f"{name}, {how}": [] for how in ("cold", "warm") for name in pages}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as compiled:
        environment = os.environ | {"GLICO_CACHE": compiled}
        subprocess.run([sys.executable, "-m", "glico.runs.projecting"], cwd=ROOT, env=environment, check=True)
        browser = launch_chromium(playwright)
        for name, (folder, query, ready) in list(pages.items()) * rounds:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
                Path(place, COMMAND[-1]).write_text(EMPTY)
                cache = shutil.copytree(compiled, f"{place}/cache")
                began = time.time()
                with served(
                    COMMAND, folder or Path(place), None, {"GLICO_RUNS": f"{place}/runs", "GLICO_CACHE": cache}
                ) as address:
                    times[f"{name}, cold"].append(visit(browser, f"{address}/{query}", ready) - began)
                    for _ in range(rounds):
                        began = time.time()
                        times[f"{name}, warm"].append(visit(browser, f"{address}/{query}", ready) - began)
        browser.close()
    return times


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="number of servers, and of visits to each [default 5]"
    )
    parser.add_argument("--beside", type=Path, metavar="FOLDER", help="a checkout of another version to compare with")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    times = measure(arguments.rounds, arguments.beside)
    if arguments.json:
        print(json.dumps({"load before": load, **times}))
        return
    print("| first page | seconds, median (smallest to largest) |\n| --- | --- |")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f}) |")
    for how in ("cold", "warm"):
        first, own = (statistics.median(times[f"{name}, {how}"]) for name in ("the map", "Streamlit's own"))
        print(f"\n{how}: the map takes {first / own:.2f} times as long as Streamlit's own page")
    print(f"\nLoad before: {load:.1f}")


if __name__ == "__main__":
    main()
