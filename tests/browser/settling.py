"""When a page has come to rest: what tests wait for instead of a time."""

from playwright.sync_api import Page, expect

STILL_FRAMES = 12  # frames of the display that look alike: what moves by itself changes in each
AT_REST = "[data-test-script-state=notRunning]"
# Resolves when the scrolled page and what a map looks at have been the same in so many frames.
STILL = """(frames) => new Promise((done) => {
  let before = "", alike = 0
  const look = () => {
    const main = document.querySelector("[data-testid=stMain]")
    const looks = [...document.querySelectorAll("[data-look]")].map((map) => map.dataset.look)
    const now = [main?.scrollTop, ...looks].join()
    alike = now === before ? alike + 1 : 0
    before = now
    if (alike >= frames) done()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})"""


def still(page: Page) -> None:
    """Wait until nothing glides or scrolls any more."""
    page.evaluate(STILL, STILL_FRAMES)


def settle(page: Page, sent: list[object]) -> None:
    """Wait until no script works for the page and it has sent nothing while it came to rest; then forget what it
    sent."""
    while True:
        expect(page.locator(AT_REST)).to_be_attached()
        count = len(sent)
        still(page)
        page.evaluate("() => new Promise((done) => setTimeout(done, 500))")  # longer than the page holds anything back
        if len(sent) == count and page.locator(AT_REST).count():
            return sent.clear()
