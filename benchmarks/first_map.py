"""How long one waits for the first map in a new browser: on a server that has served before, and on one just started.

    python -m benchmarks.first_map [--rounds 5] [--json]

A new browser is a context without a cache in a Chromium that is there already. Warm: from asking for the page to the
map that is drawn. Cold: from starting the server, which imports what it needs meanwhile, to the first map of all;
what is cached on the disk is not there either. Needs Playwright (the extra "dev") and a Chromium.
"""

import argparse
import json
import os
import statistics
import tempfile
import time

from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import launch_chromium, serving

PAIR = "?checkpoint=digits-glico&beside=digits-glo"


def first_map(browser: Browser, address: str) -> None:
    """Open the page in a browser that has seen nothing of it, and wait for its map."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/{PAIR}")
    page.wait_for_selector(".latent-map[data-ready]", timeout=120_000)
    context.close()


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds, warm and cold, of so many rounds."""
    times: dict[str, list[float]] = {"warm": [], "cold": []}
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
                began = time.perf_counter()
                with serving(None, GLICO_RUNS=f"{place}/runs", GLICO_CACHE=f"{place}/cache") as address:
                    first_map(browser, address)
                    times["cold"].append(time.perf_counter() - began)
                    for _ in range(rounds):
                        began = time.perf_counter()
                        first_map(browser, address)
                        times["warm"].append(time.perf_counter() - began)
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
    print("| first map | seconds, median (smallest to largest) |\n| --- | --- |")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f}) |")
    print(f"\nLoad before: {load:.1f}")


if __name__ == "__main__":
    main()
