"""Measure the response of the scrubber: a drag of 100 moves in Chromium, in the app on the shipped checkpoints.

Every move but the last ends between two frames, where the browser generates the images.

    python -m benchmarks.scrubber [--json]

Prints the WebSocket messages of the drag (there should be none), the gaps between frames of the display, and the time
from an input event to the paint after it. Needs Playwright (the extra "dev") and a Chromium.
"""

import argparse
import json
import statistics
import time
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import launch_chromium, serving

MOVES = 100
PACE = 16  # ms between two moves of the hand

# Records the time from an input event to the task after the next frame, and the gaps between frames.
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
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    with serving() as address, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
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
    """Drag t from 0 to 1 in MOVES moves, PACE apart, and release it. Return the figures."""
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(address)
    page.wait_for_selector(".scrubber[data-frame]", timeout=60_000)
    page.get_by_text("Morph score").wait_for(timeout=60_000)  # until then the page asks whether PyTorch has started
    page.wait_for_timeout(2000)
    slider = page.get_by_role("slider")
    box = slider.bounding_box()
    assert box is not None
    frames = int(slider.get_attribute("max") or 0) + 1
    pixels = page.locator(".view > canvas").first.evaluate("canvas => `${canvas.width} x ${canvas.height}`")
    row = box["y"] + box["height"] / 2
    shares = [0.0, *((move - 0.5) / MOVES for move in range(1, MOVES)), 1.0]
    places = [box["x"] + 10 + share * (box["width"] - 20) for share in shares]
    slider.focus()
    page.keyboard.press("Shift+ArrowRight")  # opens the generator
    page.wait_for_selector(".scrubber[data-place='0.1']", timeout=60_000)
    page.wait_for_function("() => new URL(location).searchParams.get('t') === '0.001'")
    page.wait_for_timeout(2000)
    page.mouse.move(places[0], row)
    page.mouse.down()
    drawn = set()
    page.evaluate(WATCH)
    sent.clear()
    for place in places[1:]:
        begun = time.monotonic()
        page.mouse.move(place, row)
        drawn.add(page.locator(".scrubber").get_attribute("data-place"))
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
    """Return the median and the 95th percentile."""
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return {"p50": cuts[9], "p95": cuts[18]}


if __name__ == "__main__":
    main()
