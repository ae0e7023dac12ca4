"""axe-core finds no serious violation on any page, light or dark, wide or narrow."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PAGES = {
    "": "Latent map",
    "interpolate": "Interpolate",
    "interpolate?show=surface": "Interpolate",
    "train": "Train",
    "classify": "Classify",
    "results": "Results",
    "checkpoints": "Checkpoints",
}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing_serious(new_page: Callable[..., Page], path: str, scheme: str, width: int) -> None:
    page = new_page(path, color_scheme=scheme, viewport={"width": width, "height": 900})
    expect(page.get_by_role("heading", name=PAGES[path], exact=True)).to_be_visible()
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0)
    result = Axe().run(page).response["violations"]
    assert [
        (violation["id"], node["target"], node["html"][:200])
        for violation in result
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ] == []
