"""Between the frames of a path or a surface the browser generates the images itself, as PyTorch does."""

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from settling import settle

from glico.checkpoints.checkpoint import Checkpoint
from glico.latent.paths import path_through, surface
from glico.pixels import to_uint8

PIXELS = """(canvas) => {
  return Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)
}"""
# place, address, rows, and where the hand is: t, or u and v
VIEWS = {
    "pair": ("50.3", "a=0&b=7&t=0.503", (0, 7), (0.503,)),
    "list": ("77.1", "show=list&rows=0.7.15&frames=51&t=0.771", (0, 7, 15), (0.771,)),
    "surface": ("3.4 5.6", "show=surface&corners=0.7.15.22&u=0.34&v=0.56", (0, 7, 15, 22), (0.34, 0.56)),
    "triangle": ("3.4 5.6", "show=surface&corners=0.7.15&u=0.34&v=0.56", (0, 7, 15), (0.34, 0.56)),
}


@pytest.fixture(scope="module")
def checkpoint(tiny_runs) -> Checkpoint:
    return Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")


def shown(page: Page, name: str) -> np.ndarray:
    """The image of a path, one channel of bytes."""
    canvas = page.locator(f".view > canvas[aria-label='{name}']")
    flat = np.array(canvas.evaluate(PIXELS))
    side = round((len(flat) / 4) ** 0.5)
    return flat.reshape(side, side, 4)[..., 0].astype(int)


def expected(checkpoint: Checkpoint, rows: tuple[int, ...], at: tuple[float, ...], name: str) -> np.ndarray:
    """PyTorch's image at t, or at u and v."""
    ends, places = checkpoint.codes[list(rows)], [torch.tensor([each], dtype=torch.float64) for each in at]
    code = path_through(ends, *places, name) if len(at) == 1 else surface(ends, *places, name)[0]
    return to_uint8(checkpoint.decoder()(code.float()))[0, ..., 0].astype(int)


@pytest.mark.parametrize("view", VIEWS)
def test_image_between_frames_is_pytorchs(new_page, checkpoint: Checkpoint, view: str) -> None:
    """Slerp and lerp are within a grey level of PyTorch's at any t, and at any u and v."""
    place, query, rows, at = VIEWS[view]
    page = new_page(f"interpolate?checkpoint=tiny-glico&{query}")
    expect(page.locator(f".scrubber[data-place='{place}']")).to_be_attached()
    for name in ("slerp", "lerp"):
        assert np.abs(shown(page, name) - expected(checkpoint, rows, at, name)).max() <= 1


def test_hand_between_frames_sends_nothing(new_page, checkpoint: Checkpoint) -> None:
    """A drag to a place between frames shows its t and its image, and the address gets it when the hand rests."""
    page = new_page("interpolate?checkpoint=tiny-glico&a=0&b=7&t=0")
    expect(page.locator(".scrubber[data-place='0']")).to_be_attached()
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.reload()
    expect(page.locator(".scrubber[data-place='0']")).to_be_attached()
    settle(page, sent)
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Shift+ArrowRight")  # opens the generator
    expect(page.locator(".scrubber[data-place='0.1']")).to_be_attached()
    expect(page).to_have_url(re.compile(r"[?&]t=0\.001(&|$)"))
    settle(page, sent)
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    for t in np.linspace(0.1, 0.315, 9):
        page.mouse.move(box["x"] + 10 + t * (box["width"] - 20), box["y"] + box["height"] / 2)
    expect(page.locator(".scrubber[data-place='31.5']")).to_be_attached()
    expect(page.locator("output.t")).to_have_text("t = 0.315")
    assert sent == []
    assert np.abs(shown(page, "slerp") - expected(checkpoint, (0, 7), (0.315,), "slerp")).max() <= 1
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]t=0\.315(&|$)"))


def test_path_goes_in_steps_if_generator_cannot_run(new_page) -> None:
    """Without a worker the hand goes from frame to frame, and the page says so in one line."""
    page = new_page("interpolate?checkpoint=tiny-glico&a=0&b=7&t=0.5")
    expect(page.locator(".scrubber[data-place='50']")).to_be_attached()
    page.evaluate("() => { window.Worker = class { constructor() { throw new Error('no worker') } } }")
    page.get_by_role("slider").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".scrubber .note")).to_contain_text(
        "This browser cannot run the generator, so the images go in steps."
    )
    page.keyboard.press("ArrowRight")
    expect(page.locator(".scrubber[data-place='51']")).to_be_attached()
    expect(page.locator("output.t")).to_have_text("t = 0.51")
