"""New images on the latent map in a real browser: a pasted photograph, and unseen images."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from maps import Maps
from PIL import Image
from playwright.sync_api import expect

from glico.config import ClassifyConfig
from glico.runs.launch import classify

PASTE = """(text) => {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  const clipboardData = new DataTransfer()
  clipboardData.items.add(new File([bytes], 'pasted.png', { type: 'image/png' }))
  document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
}"""


def test_pasted_photograph_is_chosen_and_interpolated(open_maps: Callable[..., Maps]) -> None:
    maps = open_maps("b=3")
    written = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(written, "png")
    maps.page.evaluate(PASTE, base64.b64encode(written.getvalue()).decode())
    maps.page.get_by_role("button", name="Use as A").click()
    expect(maps.root.locator(".dock .name").first).to_have_text("pasted.png")
    maps.root.get_by_role("button", name="Interpolate these").click()
    expect(maps.page.locator(".scrubber .waypoint .name").first).to_have_text("pasted.png")


def test_unseen_images_are_coloured_by_a_run(open_maps: Callable[..., Maps], served_runs: Path) -> None:
    """A run's predictions colour the markers."""
    classify(ClassifyConfig(checkpoint=str(served_runs / "tiny-glico" / "checkpoint.safetensors"), steps=4))
    maps = open_maps("colour=right")
    count = maps.page.get_by_label("Unseen images")
    count.fill("10")
    count.press("Enter")
    maps.page.get_by_text("Find them on the maps").click()
    text = maps.page.get_by_text(re.compile(r"classifies \d+ of \d+ of them correctly"))
    right, scored = map(int, re.findall(r"(\d+) of (\d+)", text.inner_text())[-1])
    assert 0 < right < scored
    kinds = maps.root.locator(".scale .kind")
    expect(kinds).to_have_text(["right", "wrong", "trained on, or not scored"])
    maps.settle()
    painted = np.asarray(Image.open(io.BytesIO(maps.page.locator(".pane").last.screenshot())).convert("RGB"), int)
    for kind in kinds.all():
        colour = kind.locator(".swatch").evaluate("(node) => getComputedStyle(node).backgroundColor")
        away = np.abs(painted - [int(part) for part in re.findall(r"\d+", colour)[:3]]).max(axis=2)
        assert (away < 24).sum() > 20, kind.inner_text()
