"""The page of the two linked maps, for tests."""

import re

import numpy as np
from playwright.sync_api import Page, expect
from settling import settle

# Where a point of a map is on the page, from what the map says that it looks at.
PLACE = """([map, x, y]) => {
  const pane = document.querySelectorAll('.latent-map .pane')[map].getBoundingClientRect()
  const [middle, centre, span] = document.querySelector('.latent-map').dataset.look.split(' ').map(Number)
  const unit = span / Math.min(pane.width, pane.height)
  return [pane.left + pane.width / 2 + (x - middle) / unit, pane.top + pane.height / 2 - (y - centre) / unit]
}"""


class Maps:
    """The page, what it sends to the server, and where its points are: PCA, tiny-glo beside tiny-glico."""

    def __init__(self, page: Page, layouts: tuple[np.ndarray, ...]) -> None:
        self.page, self.layouts = page, layouts
        self.sent: list[object] = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))

    @property
    def root(self):
        return self.page.locator(".latent-map")

    def at(self, map: int, row: int) -> tuple[float, float]:
        return tuple(self.page.evaluate(PLACE, [map, *self.layouts[map][row].tolist()]))

    def lonely(self, map: int) -> list[int]:
        """Rows by how far every other point of the map is, farthest first."""
        layout = self.layouts[map]
        squares = ((layout[:, None] - layout[None]) ** 2).sum(axis=2) + 1e9 * np.eye(len(layout))
        return np.argsort(-squares.min(axis=1)).tolist()

    def settle(self) -> None:
        settle(self.page, self.sent)

    def address(self, pattern: str) -> None:
        expect(self.page).to_have_url(re.compile(pattern))
