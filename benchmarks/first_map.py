"""How long one waits for the first map in a new browser: on a server that has served before, and on one just started.

    python -m benchmarks.first_map [--rounds 5] [--json]

A new browser is a context without a cache in a Chromium that is there already. Warm: from asking for the page to the
map that is drawn. Cold: from starting the server, which imports what it needs meanwhile, to the first map of all;
what is cached on the disk is not there either, but for what numba compiles once for a machine. Beside each stands what
Streamlit itself takes in the same way for a page of one sentence: no app of Streamlit's can be faster. Needs
Playwright (the extra "dev") and a Chromium.
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

EMPTY = "import streamlit as st\n\nst.write('A page of one sentence.')\n"
PAGES = {
    "the map": (ROOT, "?checkpoint=digits-glico&beside=digits-glo", ".latent-map[data-ready]"),
    "Streamlit's own": (None, "", "text=A page of one sentence."),
}
"""What is opened: the app's folder (None: one of its own), the address, and what says that it is there."""


def visit(browser: Browser, address: str, ready: str) -> None:
    """Open the page in a browser that has seen nothing of it, and wait for what it is to show."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(ready, timeout=120_000)
    context.close()


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds, cold and warm, of so many rounds, by page."""
    times: dict[str, list[float]] = {f"{name}, {how}": [] for how in ("cold", "warm") for name in PAGES}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as compiled:
        environment = os.environ | {"GLICO_CACHE": compiled}
        subprocess.run([sys.executable, "-m", "glico.runs.projecting"], cwd=ROOT, env=environment, check=True)
        browser = launch_chromium(playwright)
        for name, (folder, query, ready) in list(PAGES.items()) * rounds:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
                Path(place, COMMAND[-1]).write_text(EMPTY)
                cache = shutil.copytree(compiled, f"{place}/cache")
                began = time.perf_counter()
                with served(
                    COMMAND, folder or Path(place), None, {"GLICO_RUNS": f"{place}/runs", "GLICO_CACHE": cache}
                ) as address:
                    visit(browser, f"{address}/{query}", ready)
                    times[f"{name}, cold"].append(time.perf_counter() - began)
                    for _ in range(rounds):
                        began = time.perf_counter()
                        visit(browser, f"{address}/{query}", ready)
                        times[f"{name}, warm"].append(time.perf_counter() - began)
        browser.close()
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="servers, and visits of each [default 5]")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    times = measure(arguments.rounds)
    if arguments.json:
        print(json.dumps({"load before": load, **times}))
        return
    print("| first page | seconds, median (smallest to largest) |\n| --- | --- |")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f}) |")
    print(f"\nLoad before: {load:.1f}")


if __name__ == "__main__":
    main()
