"""Record README's animation from the app: the pointer over two linked maps, then a drag from one image to another.

    python -m benchmarks.animation [--output docs] [--maps cifar10] [--path digits]

Writes tour.webp and tour-dark.webp. All images are drawn by the shipped checkpoints' generators or are
scikit-learn's digits. Needs Playwright (the extra "dev") and a Chromium.
"""

import argparse
import io
import itertools
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import ROOT, launch_chromium, serving

VIEW = {"width": 1200, "height": 1500}  # pixels: high enough for the maps without scrolling
WIDTH = 860  # pixels of the animation
PACE = 90  # ms from frame to frame
REST = 700  # ms on a point, and at an end of the path
QUALITY = 68
SETTLING = 5000  # ms: images, fonts, and Streamlit's own fading in
# Where the pointer looks for points of the left map, as shares of its width and height.
VISITS = ((0.3, 0.25), (0.62, 0.2), (0.72, 0.55), (0.35, 0.7))
BETWEEN = 5  # frames from one visit to the next
DRAG = 26  # frames of the path from A to B
A_AND_B = "a=73&b=79"  # two sevens of the digits that differ: a bar appears
# Screenshots hold no pointer, so the page draws one.
POINTER = """() => {
  const pointer = document.createElement('div')
  pointer.innerHTML = '<svg width="20" height="28" viewBox="0 0 20 28"><path d="M2 2v20l5-5 4 9 4-2-4-8h7z" ' +
    'fill="#fff" stroke="#111" stroke-width="1.6"/></svg>'
  Object.assign(pointer.style, { position: 'fixed', zIndex: 1e6, pointerEvents: 'none', left: '-40px', top: 0 })
  document.body.append(pointer)
  const follow = (event) => Object.assign(pointer.style, { left: `${event.clientX}px`, top: `${event.clientY}px` })
  addEventListener('pointermove', follow, true)
}"""

Frame = tuple[bytes, int]  # a screenshot, and for how many ms it is shown


def main() -> None:
    """Record the tour in both themes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "docs", help="folder of the animations")
    parser.add_argument("--maps", default="cifar10", help="the pair of checkpoints on the maps")
    parser.add_argument("--path", default="digits", help="the pair whose GLICO checkpoint draws the path")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as runs, serving(GLICO_RUNS=runs) as address, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for name, scheme in (("tour", "light"), ("tour-dark", "dark")):
            page: Page = browser.new_context(viewport=VIEW, color_scheme=scheme).new_page()  # type: ignore[arg-type]
            maps = f"{address}/?checkpoint={options.maps}-glico&beside={options.maps}-glo&thumbnails=True"
            frames = [*over_the_maps(page, maps)]
            frames += along_a_path(page, f"{address}/interpolate?checkpoint={options.path}-glico&{A_AND_B}&t=0")
            path = options.output / f"{name}.webp"
            write(path, frames)
            print(f"{path}: {len(frames)} frames, {path.stat().st_size / 1e6:.2f} MB")
        browser.close()


def over_the_maps(page: Page, address: str) -> Iterator[Frame]:
    """Yield the frames of a pointer that visits points of the left map."""
    page.goto(address)
    settle(page, ".latent-map[data-ready]")
    page.evaluate(POINTER)
    pane = page.locator(".latent-map .pane").first.bounding_box()
    assert pane is not None
    points = [
        point_near(page, pane["x"] + x * pane["width"], pane["y"] + y * pane["height"])
        for x, y in ((0.9, 0.9), *VISITS)
    ]
    for before, point in itertools.pairwise(points):
        for step in range(1, BETWEEN + 1):
            share = (1 - math.cos(math.pi * step / BETWEEN)) / 2
            page.mouse.move(*(start + share * (end - start) for start, end in zip(before, point, strict=True)))
            page.wait_for_timeout(60)
            yield picture(page, ".latent-map"), PACE if step < BETWEEN else REST


def settle(page: Page, component: str) -> None:
    """Wait until the component is there with all its images, and the page has finished."""
    page.locator(component).wait_for(timeout=120_000)
    page.wait_for_selector("[data-test-script-state=notRunning]", timeout=120_000)
    page.wait_for_timeout(SETTLING)


def point_near(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return the place nearest to (x, y), along a spiral, where the map shows the card of a point."""
    card = page.locator(".latent-map .card")
    for turn in range(200):
        place = x + 1.5 * turn * math.cos(turn / 2), y + 1.5 * turn * math.sin(turn / 2)
        page.mouse.move(*place)
        page.wait_for_timeout(40)
        if card.is_visible():
            return place
    return x, y


def along_a_path(page: Page, address: str) -> Iterator[Frame]:
    """Yield the frames of a drag of t from 0 to 1."""
    page.goto(address)
    settle(page, ".scrubber[data-frame]")
    page.evaluate(POINTER)
    slider = page.get_by_role("slider").first.bounding_box()
    assert slider is not None
    row = slider["y"] + slider["height"] / 2
    page.mouse.move(slider["x"] + 8, row)
    page.mouse.down()
    for step in range(DRAG + 1):
        page.mouse.move(slider["x"] + 8 + step / DRAG * (slider["width"] - 16), row)
        page.wait_for_timeout(60)
        yield picture(page, ".scrubber"), REST if step in (0, DRAG) else PACE
    page.mouse.up()


def picture(page: Page, component: str) -> bytes:
    """Return a screenshot of the component, cut to the same shape for every component."""
    box = page.locator(component).first.bounding_box()
    assert box is not None
    clip = {"x": box["x"] - 12, "y": box["y"] - 12, "width": box["width"] + 24, "height": 0.62 * box["width"]}
    return page.screenshot(clip=clip)  # type: ignore[arg-type]


def write(path: Path, frames: list[Frame]) -> None:
    """Write the frames as an animated WebP."""
    images = [Image.open(io.BytesIO(screenshot)).convert("RGB") for screenshot, _ in frames]
    size = (WIDTH, round(WIDTH * images[0].height / images[0].width))
    first, *others = [image.resize(size, Image.Resampling.LANCZOS) for image in images]
    durations = [duration for _, duration in frames]
    first.save(path, save_all=True, append_images=others, duration=durations, loop=0, quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
