"""Sliders through the latent space: the browser draws their images, and the address holds where they stand."""

import re

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import Page, expect

from glico.checkpoints.checkpoint import Checkpoint
from glico.latent.directions import principal_directions
from glico.latent.paths import sphere_exp, spherical_mean
from glico.pixels import to_uint8

PIXELS = """(canvas) => {
  return Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)
}"""


def drawn(page: Page, state: re.Pattern[str], side: int) -> np.ndarray:
    """The image once it is that of the sliders' state."""
    canvas = page.locator(".directions .screen canvas")
    expect(canvas).to_have_attribute("data-state", state)
    return np.array(canvas.evaluate(PIXELS)).reshape(side, side, 4)[..., 0].astype(int)


def test_slider_draws_the_code_and_the_address_holds_it(new_page, tiny_runs) -> None:
    """The image is that of the mean moved along the direction; a drag sends nothing; a reload restores it."""
    model = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    label = int(model.labels.min())
    result = principal_directions(model.codes[model.labels == label].numpy(), 6)
    tangent = torch.from_numpy(1.5 * result.spread[0] * result.vectors[0])
    code = sphere_exp(torch.from_numpy(result.mean), tangent).float()
    side = model.image_shape[0]
    expected = to_uint8(model.decoder()(code[None]))[0, ..., 0].astype(int)

    page = new_page("interpolate?checkpoint=tiny-glico&show=directions")
    view = page.locator(".directions")
    expect(page.locator(".directions[data-ready]")).to_be_visible()
    slider = view.locator(".slider input").first
    slider.fill("1.5")
    state = re.compile(r"^1_-1_1_0_0_1\.5_")
    expect(page).to_have_url(re.compile(r"direction=1_-1_1_0_0_1\.5_"))
    assert np.abs(drawn(page, state, side) - expected).max() <= 1
    page.reload()
    expect(page.locator(".directions[data-ready]")).to_be_visible()
    expect(view.locator(".slider output").first).to_contain_text("+1.50 σ")
    assert np.abs(drawn(page, state, side) - expected).max() <= 1


def test_direction_joins_two_groups_of_the_map(new_page, tiny_runs) -> None:
    """Two groups that were kept on the map are the ends of a great circle: at t = 1 the image is the second's mean."""
    model = Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")
    code = spherical_mean(model.codes[10:15])
    side = model.image_shape[0]
    expected = to_uint8(model.decoder()(code[None].float()))[0, ..., 0].astype(int)
    groups = "first_group=0-4&second_group=10-14&groups_of=tiny-glico"

    page = new_page(f"?checkpoint=tiny-glico&beside=tiny-glo&method=pca&selected=10-14&{groups}")
    page.get_by_role("button", name="Keep as group 2").click()
    page.get_by_role("button", name="Direction between them").click()
    expect(page.locator(".directions[data-ready]")).to_be_visible()
    slider = page.locator(".slider").filter(has_text="Towards the mean of")
    expect(slider.locator("select")).to_have_value(re.compile(r"\d+"))
    slider.locator("input").fill("1")
    assert np.abs(drawn(page, re.compile(r"^\d+_-1_1_\d+_1_"), side) - expected).max() <= 1


def test_random_back_and_walk_change_the_image(new_page) -> None:
    """Random moves every slider, Back returns, a walk moves on by itself and sends nothing."""
    page = new_page("interpolate?checkpoint=tiny-glico&show=directions")
    view = page.locator(".directions")
    expect(page.locator(".directions[data-ready]")).to_be_visible()
    before = view.locator(".note").inner_text()
    view.get_by_role("button", name="Random").click()
    expect(view.locator(".note")).not_to_have_text(before)
    view.get_by_role("button", name="Back").click()
    expect(view.locator(".note")).to_have_text(before)
    view.get_by_label("speed").fill("3")
    with page.expect_download() as download:
        view.get_by_role("button", name="Save film").click()
    with Image.open(download.value.path()) as film:
        assert film.n_frames == 5 * 17  # pieces of 2.5 s / 3 at 20 frames a second
        assert film.info["duration"] == 50
        assert film.width >= 128
        film.seek(film.n_frames - 1)
        film.load()  # checks every sum
    view.get_by_role("button", name="Walk").click()
    expect(view.locator(".note")).not_to_have_text(before)
    view.get_by_role("button", name="Pause").click()
    resting = view.locator(".note").inner_text()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(view.locator(".note")).to_have_text(resting)
