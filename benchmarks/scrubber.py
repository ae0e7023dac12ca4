"""How the scrubber feels, in numbers: a drag of 100 moves in Chromium against the app on the shipped checkpoints.

    python benchmarks/scrubber.py [--json]

Prints the WebSocket messages that the drag sent (there should be none), the gap between frames of the display, and
the time from an input event to the paint after it. Needs Playwright (requirements-dev.txt) and a Chromium.
"""

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
MOVES = 100
PACE = 16  # ms between two moves of the hand
START_UP = 60  # seconds

# From an input event to the task after the next frame was drawn; and the gaps between the display's frames.
WATCH = """() => {
  const seen = window.seen = { gaps: [], paints: [], before: null, on: true }
  const tick = (now) => {
    if (seen.before != null) seen.gaps.push(now - seen.before)
    seen.before = now
    if (seen.on) requestAnimationFrame(tick)
  }
  requestAnimationFrame(tick)
  document.addEventListener('input', (event) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => seen.paints.push(performance.now() - event.timeStamp)
    port2.postMessage(null)
  }), true)
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    with serving() as address, sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        result = drag(page, f"{address}/interpolate?t=0")
        browser.close()
    if as_json:
        print(json.dumps(result))
        return
    print(f"a drag of {MOVES} moves over {result['frames']} frames of two paths, {result['pixels']} pixels each")
    print(f"  WebSocket messages sent while dragging  {result['messages']}")
    print(f"  frames drawn                            {result['drawn']}")
    print(f"  gap between frames      p50 {result['gap_p50']:5.1f} ms   p95 {result['gap_p95']:5.1f} ms")
    print(f"  input to paint          p50 {result['paint_p50']:5.1f} ms   p95 {result['paint_p95']:5.1f} ms")
    print(f"  release to new address  {result['release']:.0f} ms")


def drag(page: Page, address: str) -> dict[str, Any]:
    """Drag t from 0 to 1 in MOVES moves, PACE apart, and let go."""
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(address)
    page.wait_for_selector(".scrubber[data-frame]", timeout=60_000)
    page.wait_for_timeout(2000)
    slider = page.get_by_role("slider")
    box = slider.bounding_box()
    assert box is not None
    frames = int(slider.get_attribute("max") or 0) + 1
    pixels = page.locator(".view > canvas").first.evaluate("canvas => `${canvas.width} x ${canvas.height}`")
    row = box["y"] + box["height"] / 2
    places = [box["x"] + 10 + move / MOVES * (box["width"] - 20) for move in range(MOVES + 1)]
    page.mouse.move(places[0], row)
    page.mouse.down()
    drawn = set()
    page.evaluate(WATCH)
    sent.clear()
    for place in places[1:]:
        begun = time.monotonic()
        page.mouse.move(place, row)
        drawn.add(page.locator(".scrubber").get_attribute("data-frame"))
        time.sleep(max(0.0, PACE / 1000 - (time.monotonic() - begun)))
    page.wait_for_timeout(100)
    messages = len(sent)
    seen = page.evaluate("() => { window.seen.on = false; return window.seen }")
    begun = time.monotonic()
    page.mouse.up()
    page.wait_for_function("() => new URL(location).searchParams.get('t') === '1'")
    return {
        "frames": frames,
        "pixels": pixels,
        "messages": messages,
        "drawn": len(drawn),
        **{f"gap_{name}": value for name, value in percentiles(seen["gaps"]).items()},
        **{f"paint_{name}": value for name, value in percentiles(seen["paints"]).items()},
        "release": 1000 * (time.monotonic() - begun),
    }


def percentiles(values: list[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return {"p50": cuts[9], "p95": cuts[18]}


@contextmanager
def serving() -> Iterator[str]:
    """The app on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless", "true"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_UP
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=5)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
