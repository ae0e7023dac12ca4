"""A folder dropped on the Train page, from there to its map, and a folder that is chosen."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

EACH = 8  # images of a class


@pytest.fixture
def stamps(tmp_path: Path) -> Path:
    """A folder of light shapes without a ground."""
    for name in ("ellipse", "rectangle"):
        folder = tmp_path / "stamps" / name
        folder.mkdir(parents=True)
        for i in range(EACH):
            image = Image.new("RGBA", (60, 40))
            getattr(ImageDraw.Draw(image), name)((3 * i, 2 * i, 30 + 2 * i, 20 + i), fill=(250, 250, 240 + i, 255))
            image.save(folder / f"{i}.png")
    return tmp_path / "stamps"


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """A folder of images of 12 bits in files of 16."""
    random = np.random.default_rng(0)
    for name in ("few", "many"):
        folder = tmp_path / "cells" / name
        folder.mkdir(parents=True)
        for i in range(EACH):
            tifffile.imwrite(folder / f"{i}.tif", random.integers(0, 4096, (20, 20), dtype=np.uint16))
    return tmp_path / "cells"


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """The Train page with its upload fields."""
    opened = new_page("train")
    opened.get_by_text("upload", exact=True).click()
    expect(opened.get_by_test_id("stFileUploaderDropzone")).to_have_count(2)
    expect(opened.locator(".folder-drop")).to_be_attached()
    return opened


def drop(page: Page, folder: Path) -> None:
    """Drop a folder of this machine on the first upload field."""
    field = page.get_by_test_id("stFileUploaderDropzone").first
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    devtools = page.context.new_cdp_session(page)
    place = {"x": box["x"] + 20, "y": box["y"] + 20}
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})


def test_dropped_folder_leads_to_its_map(page: Page, stamps: Path) -> None:
    """The folder's subfolders are its classes; a button fixes the sample's size, and one starts the training."""
    drop(page, stamps)
    page.get_by_role("button", name=re.compile(r"Use \d per class")).click()
    expect(page.get_by_text(re.compile(r"\d+ images of 2 classes"))).to_be_visible()
    expect(page.get_by_text("transparent images are laid on black")).to_be_visible()
    steps = page.get_by_role("spinbutton", name="Steps", exact=True)
    steps.fill("4")  # for the test's time; the field has a default
    steps.press("Enter")
    page.get_by_role("radio", name="GLICO", exact=True).click()
    page.get_by_role("button", name="Train GLICO", exact=True).click()
    page.get_by_role("button", name="Show on the map").click()
    expect(page.locator(".latent-map[data-ready]")).to_be_attached()


def test_chosen_folder_of_12_bits_is_not_black(page: Page, cells: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(str(cells))
    page.get_by_role("button", name=re.compile(r"Use \d per class")).click()
    expect(page.get_by_text(re.compile(r"0 is black and 4,09\d is white in all of them"))).to_be_visible()
