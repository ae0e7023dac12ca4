"""How long one waits for the first map in a new browser: on a server that has served before, and on one just started.

    python -m benchmarks.first_map [--rounds 5] [--beside FOLDER] [--json]

A new browser is a context without a cache in a Chromium that is there already. Warm: from asking for the page to the
frame with the map in it, by the browser's clock. Cold: from starting the server, which imports what it needs meanwhile,
to the first map of all; what is cached on the disk is not there either, but for what numba compiles once for a machine.
Beside each stands what Streamlit itself takes in the same way for a page of one sentence, and when the page with the
map is whole: what is below the maps follows them. With FOLDER, a checkout of another version, that one's map is
measured in turns with them, so that the two can be compared. Needs Playwright (the extra "dev") and a Chromium.
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
"""What is opened: the app's folder (None: one of its own), the address, and what says that it is there."""
SEEN = """{
  const look = () => {
    if (document.querySelector(%s)) requestAnimationFrame(() => { window.seen = Date.now() })
    else requestAnimationFrame(look)
  }
  look()
}"""


def visit(browser: Browser, address: str, ready: str) -> float:
    """Open the page in a browser that has seen nothing of it; when it showed what it is to show, by time.time()."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(SEEN % json.dumps(ready))
    page.goto(address)
    page.wait_for_function("() => window.seen", timeout=120_000)
    seen: float = page.evaluate("() => window.seen")
    page.wait_for_selector("[data-test-script-state=notRunning]")  # what the page still does is not the next one's
    context.close()
    return seen / 1000


def measure(rounds: int, beside: Path | None) -> dict[str, list[float]]:
    """Seconds, cold and warm, of so many rounds, by page; of the map of the checkout ``beside``, too."""
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
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="servers, and visits of each [default 5]")
    parser.add_argument("--beside", type=Path, metavar="FOLDER", help="a checkout of another version, to compare with")
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
    print(f"\nLoad before: {load:.1f}")


if __name__ == "__main__":
    main()
