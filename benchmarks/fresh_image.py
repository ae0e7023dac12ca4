"""Compare the image of a fresh code that the browser generates with a round trip of the page, in one run.

    python -m benchmarks.fresh_image [--images 200] [--trips 15] [--json]

In one tab of headless Chromium, in turns: the generator of the shipped CIFAR-10 checkpoint draws the image of a random
code, one after the other; and Interpolate gets another image B, until the server has sent the new path and the scrubber
shows it. Then the hand drags to places between the frames: from a move to the image that belongs to it. Needs
Playwright (the extra "dev") and a Chromium.
"""

import argparse
import json
import os
import statistics
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

import glico
from benchmarks.browser import ROOT, launch_chromium, serving
from glico.checkpoints.opened import OpenCheckpoint
from glico.web.generator import inline_generator
from glico.web.modules import bundle

CHECKPOINT = "cifar10-glico"
GENERATOR = Path(glico.__file__).parent / "web" / "generator" / "generator.js"
ROUNDS = 5  # in which images and round trips alternate
WAIT = 120_000  # milliseconds
OPEN = """async ([text, data]) => {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }))
  const { Generator } = await import(address)
  window.generator = await Generator.open(data)
}"""
DRAW = """async (count) => {
  const times = []
  for (let i = 0; i < count; i++) {
    const code = Float32Array.from({ length: generator.data.dimension }, () => Math.random() - 0.5)
    const length = Math.hypot(...code)
    const begun = performance.now()
    await generator.draw(code.map((value) => value / length))
    times.push(performance.now() - begun)
  }
  return times
}"""
# From a move of the slider to a place between frames until the images of that place are there.
MOVE = """(slider, count) => {
  const root = slider.closest('.scrubber')
  const one = (place) => new Promise((done) => {
    const begun = performance.now()
    const watch = new MutationObserver(() => {
      if (root.dataset.place !== place) return
      watch.disconnect()
      done(performance.now() - begun)
    })
    watch.observe(root, { attributes: true, attributeFilter: ['data-place'] })
    slider.value = place
    slider.dispatchEvent(new Event('input'))
  })
  return (async () => {
    const times = []
    for (let i = 0; i < count; i++) times.push(await one(`${i % 90}.${1 + (i % 9)}`))
    return times
  })()
}"""

Times = dict[str, list[float]]


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=200, metavar="N", help="images of fresh codes [default 200]")
    parser.add_argument("--trips", type=int, default=15, metavar="N", help="round trips of the page [default 15]")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with serving() as address, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        times = measure(browser.new_page(viewport={"width": 1440, "height": 900}), address, options)
        browser.close()
    if options.json:
        print(json.dumps({"load before": load, **times}))
        return
    print("| | median, ms | smallest to largest |\n| --- | --- | --- |")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values):.1f} | {min(values):.1f} to {max(values):.1f} |")
    image, trip = (statistics.median(times[name]) for name in ("image of a fresh code", "round trip"))
    print(f"\nA round trip takes {trip / image:.0f} times as long as an image. Load before: {load:.1f}")


def measure(page: Page, address: str, options: Any) -> Times:
    """Return the milliseconds of every image, round trip and move."""
    checkpoint = OpenCheckpoint.load(ROOT / "checkpoints" / f"{CHECKPOINT}.safetensors")
    page.goto(f"{address}/interpolate?checkpoint={CHECKPOINT}&a=0&b=1&t=0")
    page.wait_for_selector(".scrubber[data-place='0']", timeout=WAIT)
    page.wait_for_selector("[data-test-script-state=notRunning]", timeout=WAIT)
    page.evaluate(OPEN, [bundle(GENERATOR), inline_generator(checkpoint.space, checkpoint.graph, CHECKPOINT)])
    page.evaluate(DRAW, 5)  # warms the code up
    times: Times = {"image of a fresh code": [], "round trip": [], "move of the hand": []}
    for turn in range(ROUNDS):
        times["image of a fresh code"] += page.evaluate(DRAW, max(1, options.images // ROUNDS))
        for trip in range(max(1, options.trips // ROUNDS)):
            times["round trip"].append(round_trip(page, 2 + turn * options.trips + trip))
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Shift+ArrowRight")  # opens the page's own generator
    page.wait_for_selector(".scrubber[data-place='0.1']", timeout=WAIT)
    times["move of the hand"] = slider.evaluate(MOVE, options.images)
    return times


def round_trip(page: Page, row: int) -> float:
    """Choose another image as B, and return the milliseconds until the scrubber shows the new path."""
    field = page.get_by_label("B, image")
    field.fill(str(row % 100))
    begun: float = page.evaluate("() => performance.now()")
    field.press("Enter")
    page.wait_for_selector(f"input.slider[aria-label$='image {row % 100})']", timeout=WAIT)
    ended: float = page.evaluate("() => performance.now()")
    page.wait_for_selector("[data-test-script-state=notRunning]", timeout=WAIT)
    return ended - begun


if __name__ == "__main__":
    main()
