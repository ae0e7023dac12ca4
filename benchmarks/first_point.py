"""Measure the wait for a run's first measurement, and for the first point in its chart.

    python -m benchmarks.first_point [--rounds 3] [--json]

The runs are classifier runs on the shipped checkpoint with the page's defaults: small CNN, on the CPU. The first point
of the chart is the first test accuracy, after a twentieth of 300 steps. Measured are the time from ``launch()`` to the
first line of metrics.jsonl and, in a browser, from the click on Start to that line and to the first point in the chart.
Needs Playwright (the extra "dev") and a Chromium.
"""

import argparse
import json
import os
import statistics
import tempfile
import threading
import time

from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import launch_chromium, serving
from glico.config import ClassifyConfig
from glico.places import SHIPPED, runs_directory
from glico.runs.folder import RunFolder, list_runs
from glico.runs.launch import launch, stop

NAMES = {
    "launch_to_line": "launch to first measurement",
    "click_to_line": "click to first measurement",
    "click_to_point": "click to first point drawn",
}
LINES = "document.querySelector('.live-chart.js-plotly-plot')?._fullData"
DRAWN = f"() => {LINES}?.some((line) => line.y.some(Number.isFinite))"
NOTE_CLICK = """() => document.addEventListener("click", (event) => {
  if (event.target.closest("button")?.innerText.includes("Start ")) window.clicked = Date.now()
}, true)"""


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="number of runs of each kind")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        places = {"GLICO_RUNS": f"{place}/runs", "GLICO_CACHE": f"{place}/cache"}
        os.environ |= places
        for seed in range(arguments.rounds):
            times["launch_to_line"].append(from_launch(seed))
        with serving(None, **places) as address, sync_playwright() as playwright:
            browser = launch_chromium(playwright)
            for number in range(arguments.rounds):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                line, point = from_click(page, address, steps=300 + number)
                times["click_to_line"].append(line)
                times["click_to_point"].append(point)
                page.close()
            browser.close()
    medians = {name: statistics.median(values) for name, values in times.items()}
    if arguments.json:
        print(json.dumps(medians))
        return
    print("| | seconds, median (smallest to largest) |\n| --- | --- |")
    for name, title in NAMES.items():
        print(f"| {title} | {medians[name]:.1f} ({min(times[name]):.1f} to {max(times[name]):.1f}) |")


def from_launch(seed: int) -> float:
    """Return the seconds from ``launch()`` to the first measurement."""
    began = time.time()
    checkpoint = str(SHIPPED / "digits-glico.safetensors")
    folder = launch(ClassifyConfig(checkpoint=checkpoint, seed=1000 + seed, device="cpu"))
    while not folder.file("metrics.jsonl").exists() or not folder.metrics():
        if not folder.state.alive:
            raise SystemExit(folder.state.message)
        time.sleep(0.01)
    seconds = time.time() - began
    _end([folder])
    return seconds


def from_click(page: Page, address: str, steps: int) -> tuple[float, float]:
    """Return the seconds from the click on Start to the first measurement and to the first point in the chart."""
    known = {run.id for run in list_runs()}
    page.goto(f"{address}/classify?checkpoint=digits-glico")
    page.set_default_timeout(600_000)
    field = page.get_by_role("spinbutton", name="Steps", exact=True)
    field.fill(str(steps))
    field.press("Enter")
    page.get_by_text("on this machine").wait_for()  # the page has finished
    page.evaluate(NOTE_CLICK)
    written: list[float] = []
    watcher = threading.Thread(target=lambda: written.append(_first_line(known)))
    watcher.start()
    page.get_by_role("button", name="Start ").click()
    page.wait_for_function(DRAWN, polling=100)
    drawn, clicked = time.time(), page.evaluate("window.clicked") / 1000
    watcher.join()
    _end(_new(known))
    return written[0] - clicked, drawn - clicked


def _end(runs: list[RunFolder]) -> None:
    """Stop and delete the runs, so that the next round's chart does not start with their points."""
    stop(runs)
    for run in runs:
        run.delete()


def _first_line(known: set[str]) -> float:
    """Return when a new run wrote its first line. Poll seldom, because run and page need the cores."""
    while True:
        for path in runs_directory().glob("*/metrics.jsonl"):
            if path.parent.name not in known and path.stat().st_size:
                return time.time()
        time.sleep(0.1)


def _new(known: set[str]) -> list[RunFolder]:
    return [run for run in list_runs() if run.id not in known]


if __name__ == "__main__":
    main()
