"""Take README's still pictures from the app on the shipped checkpoints.

python -m benchmarks.screenshots [--output docs]
"""

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import ROOT, launch_chromium, serving

SIZE = {"width": 1440, "height": 900}
PICTURES = {
    "latent-map": ("", ".latent-map canvas", "light"),
    "latent-map-dark": ("", ".latent-map canvas", "dark"),
}
SETTLING = 3000  # ms: fonts, and Streamlit's own fading in


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "docs", help="folder of the pictures")
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as runs,
        serving(GLICO_RUNS=runs) as address,
        sync_playwright() as playwright,
    ):
        browser = launch_chromium(playwright)
        for name, (path, ready, scheme) in PICTURES.items():
            page: Page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()  # type: ignore[arg-type]
            page.goto(f"{address}/{path}")
            page.locator(ready).first.wait_for(timeout=60_000)
            page.wait_for_timeout(SETTLING)
            page.screenshot(path=output / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
