"""Measure the response of the latent map on synthetic checkpoints of 1,000, 10,000 and 100,000 points.

    python -m benchmarks.latent_map [--points 1000 10000 100000] [--side 16] [--json]

Prints the time from a pointer move to the paint after it (hover), the gaps between frames of the display while the map
is panned, the share of frames that the map redrew, the WebSocket messages of both (there should be none), and how many
of the map's DOM nodes survive an update. Measuring starts when the page has finished. The projection, a PCA, is
computed beforehand; neighbours, which take minutes for 100,000 points, only up to 10,000. Needs Playwright (the extra
"dev") and a Chromium.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import launch_chromium, serving
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ProjectConfig, TrainConfig
from glico.latent import projection_cache
from glico.latent.neighbours import nearest_others
from glico.latent.projection import project
from glico.latent.projection_cache import Projection
from glico.models.generators import build_generator
from glico.runs.projecting import NEIGHBOURS_KEPT

MOVES = 100
CLASSES = 10
POINTS = (1000, 10_000, 100_000)
NEIGHBOURS_UP_TO = 10_000  # points
# Records the time of each frame's callbacks; it is patched in before the page's own scripts.
SPENT = """(() => {
  const request = window.requestAnimationFrame.bind(window)
  window.spent = []
  window.requestAnimationFrame = (callback) => request((now) => {
    const begun = performance.now()
    callback(now)
    window.spent.push(performance.now() - begun)
  })
})()"""
# Records the time from a pointer event to the task after the frame that shows it, and the gaps between frames. The
# listener captures, so its request for the frame precedes the map's own. A message triggers the task once the frame is
# drawn, because a second request would also wait for the next frame of an idle display, up to 17 ms.
WATCH = """() => {
  const seen = window.seen = { gaps: [], paints: [], before: null, on: true }
  window.spent.length = 0
  const tick = (now) => {
    if (seen.before != null) seen.gaps.push(now - seen.before)
    seen.before = now
    if (seen.on) requestAnimationFrame(tick)
  }
  requestAnimationFrame(tick)
  document.addEventListener('pointermove', (event) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => seen.on && seen.paints.push(performance.now() - event.timeStamp)
    port2.postMessage(null)
  }), true)
}"""
NODES = "[...document.querySelectorAll('.latent-map, .latent-map .pane, .latent-map .stage > canvas')]"


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, nargs="+", default=POINTS, metavar="N", help="points per map")
    parser.add_argument("--side", type=int, default=16, metavar="N", help="pixels per side of the images")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as place:
        for count in arguments.points:
            prepare(Path(place), count, arguments.side)
        places = {"GLICO_RUNS": f"{place}/runs", "GLICO_CACHE": f"{place}/cache"}
        with serving(None, **places) as address, sync_playwright() as playwright:
            browser = launch_chromium(playwright)
            for count in arguments.points:
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                results.append({"points": count} | measure(page, address, count))
                page.close()
            browser.close()
    if arguments.json:
        print(json.dumps(results))
        return
    for result in results:
        print(f"{result['points']} points in each of two maps")
        print(f"  hover to paint          p50 {result['hover_p50']:5.1f} ms   p95 {result['hover_p95']:5.1f} ms")
        print(f"  gap between frames, hover   p50 {result['idle_p50']:5.1f} ms   p95 {result['idle_p95']:5.1f} ms")
        print(f"  gap between frames, pan     p50 {result['pan_p50']:5.1f} ms   p95 {result['pan_p95']:5.1f} ms")
        print(f"  frames drawn while panning  {result['frames']} in {result['pan_seconds']:.1f} s")
        print(
            f"  script per frame, at most     hover {result['script_hover']:.1f} ms   pan {result['script_pan']:.1f} ms"
        )
        print(f"  WebSocket messages sent     {result['messages']}")
        print(f"  DOM nodes kept by an update {result['kept']} of {result['nodes']}")


def prepare(place: Path, count: int, side: int) -> None:
    """Write two checkpoints as runs, and their projection to the cache, below ``place``."""
    codes = []
    for objective in ("glo", "glico"):
        checkpoint = synthetic(objective, count, side)
        checkpoint.save(place / "runs" / f"{objective}-{count}" / "checkpoint.safetensors")
        codes.append(checkpoint.codes.numpy())
    config = ProjectConfig(method="pca")
    layouts = project(codes, config)
    neighbours = NEIGHBOURS_KEPT if count <= NEIGHBOURS_UP_TO else 0
    near = tuple(nearest_others(z, neighbours) if neighbours else np.empty((count, 0), np.int32) for z in codes)
    projection = Projection(tuple(layouts), near, (0.0, 0.0))  # its trustworthiness does not matter here
    projection_cache.save(projection_cache.key(codes, config), projection, place / "cache" / "projections")


def synthetic(objective: str, count: int, side: int) -> Checkpoint:
    """Return a checkpoint of clustered codes with small grey images; GLICO's clusters are tighter."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % CLASSES
    spread = 0.6 if objective == "glico" else 1.6
    codes = rng.normal(size=(CLASSES, 128))[labels] + spread * rng.normal(size=(count, 128))
    codes /= np.linalg.norm(codes, axis=1, keepdims=True)
    config = TrainConfig(objective=objective, samples_per_class=min(count // CLASSES, 5000), generator_width=4)
    return Checkpoint(
        config=config,
        class_names=tuple(map(str, range(CLASSES))),
        image_shape=(side, side, 1),
        codes=torch.from_numpy(codes.astype(np.float32)),
        labels=torch.from_numpy(labels),
        indices=torch.arange(count),
        generator=build_generator(config, 1, side).state_dict(),
        images=torch.from_numpy(rng.integers(0, 256, (count, side, side, 1), dtype=np.uint8)),
    )


def measure(page: Page, address: str, count: int) -> dict[str, Any]:
    """Hover along a line, pan, and change the projection method."""
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.add_init_script(SPENT)
    page.goto(f"{address}/?checkpoint=glico-{count}&beside=glo-{count}&method=pca")
    page.wait_for_selector(".latent-map[data-ready]", timeout=300_000)
    page.get_by_text("Trustworthiness of the picture").wait_for(timeout=300_000)  # the last part of the page
    page.wait_for_timeout(3000)
    box = page.locator(".pane").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    sent.clear()
    page.evaluate(WATCH)
    # Playwright learns of a move at the display's next frame, so moves at a fixed time after it would all come at the
    # same moment between two frames. A hand does not follow the display.
    rng = np.random.default_rng(0)
    for move in range(MOVES):
        page.mouse.move(x - 150 + 3 * move, y + 40 * np.sin(move / 8))
        page.wait_for_timeout(rng.uniform(8, 8 + 1000 / 60))
    hover = page.evaluate("() => { seen.on = false; return { ...seen, spent: [...spent] } }")
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(WATCH)
    drawn, begun = frames(page), time.monotonic()
    for move in range(MOVES):
        page.mouse.move(x + move, y + move / 2)
        page.wait_for_timeout(16)
    pan = page.evaluate("() => { seen.on = false; return { ...seen, spent: [...spent] } }")
    drawn, seconds = frames(page) - drawn, time.monotonic() - begun
    page.mouse.up()
    messages = len(sent)
    page.evaluate(f"() => {NODES}.forEach((node) => {{ node.kept = true }})")
    page.get_by_label("New codes on the paths of a class").click()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.wait_for_timeout(4000)
    kept = page.evaluate(f"() => {NODES}.map((node) => !!node.kept)")
    return {
        "hover_p50": quantile(hover["paints"], 50),
        "hover_p95": quantile(hover["paints"], 95),
        "idle_p50": quantile(hover["gaps"], 50),
        "idle_p95": quantile(hover["gaps"], 95),
        "pan_p50": quantile(pan["gaps"], 50),
        "pan_p95": quantile(pan["gaps"], 95),
        "frames": drawn,
        "pan_seconds": seconds,
        "script_hover": max(hover["spent"]),
        "script_pan": max(pan["spent"]),
        "messages": messages,
        "kept": sum(kept),
        "nodes": len(kept),
    }


def frames(page: Page) -> int:
    """Return the number of frames that the map has drawn so far."""
    return int(page.locator(".latent-map").get_attribute("data-frames") or 0)


def quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] if len(values) > 1 else float("nan")


if __name__ == "__main__":
    main()
