"""Measure how heavy a server is: its memory after a tour of all pages, and the wait for its first Interpolate page.

    python -m benchmarks.server_weight --beside FOLDER [--rounds 3] [--json]

FOLDER is a checkout of another version (``git worktree add FOLDER COMMIT``). Servers of the two versions are started in
turns, each with an empty disk cache. In a new browser, the seconds are those from the request for Interpolate, the
first page that the server shows, until its scrubber can be dragged. Then the browser tours all pages. The memory is the
resident set of the server's process; beside it, the proportional set of the processes that work for it (the one that
runs start from, and its children). Needs Linux, Playwright (the extra "dev") and a Chromium.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import COMMAND, ROOT, launch_chromium, served
from benchmarks.processes import child, resident

CHECKPOINT = "checkpoint=cifar10-glico"
FIRST = f"interpolate?{CHECKPOINT}"
READY = ".scrubber:not([aria-busy]) input.slider"
TOUR = (
    f"?{CHECKPOINT}&beside=cifar10-glo",
    FIRST,
    f"interpolate?{CHECKPOINT}&show=surface",
    f"interpolate?{CHECKPOINT}&show=mean",
    f"interpolate?{CHECKPOINT}&show=grid",
    f"interpolate?{CHECKPOINT}&show=reconstructions",
    f"train?{CHECKPOINT}",
    f"classify?{CHECKPOINT}",
    f"results?{CHECKPOINT}",
    f"checkpoints?{CHECKPOINT}",
)
WAIT = 180_000  # milliseconds
MEGABYTE = 2**20

Figures = dict[str, list[float]]


def finish(page: Page) -> None:
    """Wait until the page's script has run."""
    page.wait_for_selector("[data-testid=stAppViewContainer]", timeout=WAIT)
    page.wait_for_selector("[data-test-script-state=notRunning]", timeout=WAIT)
    page.wait_for_timeout(1000)  # parts that run again by themselves
    page.wait_for_selector("[data-test-script-state=notRunning]", timeout=WAIT)


def helpers_memory(mark: str) -> int:
    """Return the proportional bytes of all processes but servers whose environment holds ``mark``."""
    total = 0
    for folder in Path("/proc").iterdir():
        try:
            if not folder.name.isdecimal() or mark.encode() not in (folder / "environ").read_bytes():
                continue
            if b"streamlit" in (folder / "cmdline").read_bytes():
                continue
            lines = (folder / "smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        except OSError:  # it has ended, or is not ours
            continue
    return total


def visit(browser: Browser, folder: Path, place: str) -> dict[str, float]:
    """Start a server of the version in ``folder``, and return its figures."""
    with served(
        COMMAND, folder, None, {"GLICO_RUNS": f"{place}/runs", "GLICO_CACHE": f"{place}/cache", "PYTHONPATH": ""}
    ) as address:
        server = child(b"streamlit")
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        began = time.monotonic()
        page.goto(f"{address}/{FIRST}")
        page.wait_for_selector(READY, timeout=WAIT)
        first = time.monotonic() - began
        finish(page)
        for query in TOUR:
            page.goto(f"{address}/{query}")
            finish(page)
        figures = {
            "seconds of the first Interpolate page": first,
            "MB of the server after a tour": resident(server) / MEGABYTE,
            "MB of the processes that work for it": helpers_memory(place) / MEGABYTE,
        }
        page.context.close()
    return figures


def measure(rounds: int, beside: Path) -> dict[str, Figures]:
    """Return the figures of each version's servers, a list for each, by version."""
    figures: dict[str, Figures] = {"this": defaultdict(list), beside.name: defaultdict(list)}
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for _ in range(rounds):
            for name, folder in (("this", ROOT), (beside.name, beside.resolve())):
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
                    for figure, value in visit(browser, folder, place).items():
                        figures[name][figure].append(value)
        browser.close()
    return figures


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="servers of each version [default 3]")
    parser.add_argument("--beside", type=Path, required=True, metavar="FOLDER", help="a checkout of another version")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    figures = measure(arguments.rounds, arguments.beside)
    if arguments.json:
        print(json.dumps({"load before": load, **figures}))
        return
    own, other = figures.values()
    print(f"| median (smallest to largest) | {' | '.join(figures)} | ratio |\n| --- | --- | --- | --- |")
    for figure, values in own.items():
        cells = [f"{statistics.median(v):.1f} ({min(v):.1f} to {max(v):.1f})" for v in (values, other[figure])]
        before = statistics.median(other[figure])
        ratio = f"{statistics.median(values) / before:.2f}" if before else "–"
        print(f"| {figure} | {' | '.join(cells)} | {ratio} |")
    print(f"\nLoad before: {load:.1f}")


if __name__ == "__main__":
    main()
