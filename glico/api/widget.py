"""The linked maps as a widget for Jupyter, marimo and whatever else runs anywidget."""

from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets

from glico.checkpoints.checkpoint import Checkpoint
from glico.types import Codes
from glico.web.latent_map import EMPTY_CHOICE, HERE, STYLE, data
from glico.web.latent_map.content import path_between
from glico.web.latent_map.scene import Scene
from glico.web.latent_map.whole import whole_content
from glico.web.modules import bundle

NOTHING: dict[str, Any] = {"path": None, "request": None}


class LatentMapWidget(anywidget.AnyWidget):
    """One or two linked maps in a notebook. ``choice`` holds the choice on them and follows every click.

    With two images chosen as A and B, the path between their codes is shown on the maps.
    """

    _esm = bundle(HERE / "widget.js")
    _css = STYLE + (HERE / "notebook.css").read_text("utf-8")
    content = traitlets.Dict().tag(sync=True)
    extras = traitlets.Dict(NOTHING).tag(sync=True)
    choice = traitlets.Dict(dict(EMPTY_CHOICE)).tag(sync=True)

    def __init__(self, scene: Scene, checkpoints: Sequence[Checkpoint]) -> None:
        opened = [checkpoint.opened for checkpoint in checkpoints]
        super().__init__(content=data(whole_content(scene, opened), EMPTY_CHOICE, {}))
        self._scene = scene
        self._decoders = [each.decode for each in opened]
        self.observe(self._show_path, "choice")

    @property
    def ends(self) -> tuple[int, int] | None:
        """The rows of the images A and B; None unless both are chosen."""
        a, b = self.choice.get("a"), self.choice.get("b")
        count = len(self._scene.labels)
        if isinstance(a, int) and isinstance(b, int) and 0 <= min(a, b) <= max(a, b) < count:
            return a, b
        return None

    @property
    def selected(self) -> list[int]:
        """The rows of the selected images."""
        runs = [part.split("-") for part in str(self.choice.get("selected", "")).split(".") if part]
        return [row for run in runs for row in range(int(run[0]), int(run[-1]) + 1)]

    def choose(self, **choice: Any) -> None:
        """Choose on the maps, by the names of ``choice``: ``choose(a=3, b=7)``. It is the widget's choice at once."""
        last = self.extras.get("request") or {"serial": 0}
        self.extras = self.extras | {"request": {"serial": last["serial"] + 1, "choice": choice}}
        self.choice = self.choice | choice

    def _show_path(self, change: Any) -> None:
        ends, path = self.ends, self.extras.get("path")
        if ends is None or (path is not None and (path["a"], path["b"]) == ends):
            return
        no_photographs: list[list[Codes]] = [[] for _ in self._decoders]
        path = path_between(self._scene, self._decoders, no_photographs, ends, "slerp")
        self.extras = self.extras | {"path": path}
