"""Measure the CPU seconds per minute of the app's server while a page shows 0, 1 and 20 live runs.

    python -m benchmarks.watching [--page classify] [--live 0 1 20] [--seconds 60] [--json]

The runs are real folders with real locks, to which this process writes as runs do: a line of metrics and a state every
half second. One browser has the page open, Classify or Results. Needs Playwright (the extra "dev"), a Chromium, and
Linux, because the server's time comes from /proc.
"""

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

from benchmarks.browser import launch_chromium, serving
from benchmarks.processes import child, processor_seconds
from glico.config import ClassifyConfig
from glico.places import SHIPPED
from glico.runs.execute import NEWS_SECONDS
from glico.runs.folder import RunFolder
from glico.runs.state import State
from glico.runs.writing import RunWriter

STEPS = 100_000
SHOWN = {"classify": "{} running", "results": "{} run"}  # page -> its text for this many runs
SETTLED = 10  # seconds until the page has drawn everything and the clock starts


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--page", choices=SHOWN, default="classify", help="page to watch [default classify]")
    parser.add_argument("--live", type=int, nargs="+", default=[0, 1, 20], metavar="N", help="numbers of live runs")
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds to watch each")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    result = {live: watched(arguments.page, live, arguments.seconds) for live in arguments.live}
    if arguments.json:
        print(json.dumps(result))
        return
    print("| live runs | CPU seconds per minute | share of a core |\n| --- | --- | --- |")
    for live, seconds in result.items():
        print(f"| {live} | {seconds:.1f} | {seconds / 60:.0%} |")


def watched(shown: str, live: int, seconds: float) -> float:
    """Return the CPU seconds per minute of a new server whose page ``shown`` shows ``live`` runs."""
    with tempfile.TemporaryDirectory() as place:
        places = {"GLICO_RUNS": f"{place}/runs", "GLICO_CACHE": f"{place}/cache"}
        os.environ |= places
        with pretended(live), serving(None, **places) as address, sync_playwright() as playwright:
            server = child(b"streamlit")
            browser = launch_chromium(playwright)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}/{shown}?checkpoint=digits-glico")
            page.get_by_text(SHOWN[shown].format(live) if live else "There are no").first.wait_for(timeout=120_000)
            page.wait_for_timeout(1000 * SETTLED)
            before, began = processor_seconds(server), time.monotonic()
            page.wait_for_timeout(1000 * seconds)
            spent = (processor_seconds(server) - before) / (time.monotonic() - began)
            browser.close()
        return 60 * spent


@contextmanager
def pretended(live: int) -> Iterator[None]:
    """Keep up the appearance of ``live`` running runs inside the block."""
    checkpoint = str(SHIPPED / "digits-glico.safetensors")
    methods = ("standard", "glico", "mixup", "cutout")
    configs = [
        ClassifyConfig(checkpoint=checkpoint, augmentation=methods[i % 4], seed=i // 4, steps=STEPS)
        for i in range(live)
    ]
    folders = [RunFolder.create(config) for config in configs]
    writers = [RunWriter(folder, lock) for folder in folders if (lock := folder.claim())]
    ended = threading.Event()
    _write(writers, 0)
    writer = threading.Thread(target=_go_on, args=(writers, ended))
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()
        for each in writers:
            each.release()


def _go_on(writers: list[RunWriter], ended: threading.Event) -> None:
    step = 0
    while not ended.wait(NEWS_SECONDS):
        step += 20
        _write(writers, step)


def _write(writers: list[RunWriter], step: int) -> None:
    for writer in writers:
        record = {"step": step, "loss": 1 / (step + 1), "learning_rate": 0.1, "images_per_second": 5000.0}
        writer.add_metric(record | {"test_accuracy": 1 - 1 / (step + 2), "seconds": step / 40})
        writer.write_state(State("running", step, STEPS, pid=os.getpid(), device="cpu", steps_per_second=40.0))


if __name__ == "__main__":
    main()
