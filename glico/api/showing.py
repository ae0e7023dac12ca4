"""The linked maps of a model, wherever Python runs: as a widget in a notebook, else as a page in the browser."""

import sys
import tempfile
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Union

import numpy as np

from glico.api.measures import Model, checkpoint_of
from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ProjectConfig
from glico.data.dataset import Progress
from glico.errors import GlicoError
from glico.files import read_bytes
from glico.latent.projection import suited
from glico.latent.projection_cache import find, key
from glico.runs.projecting import compute
from glico.web.latent_map.scene import Scene, Side
from glico.web.latent_map.whole import maps_page

if TYPE_CHECKING:
    from glico.api.widget import LatentMapWidget

HEIGHT = 900  # pixels of the page inside a notebook


@dataclass(frozen=True)
class MapPage:
    """The linked maps in one HTML file at ``path``, which needs no network. A notebook shows the page itself."""

    path: Path

    def _repr_html_(self) -> str:
        page = escape(read_bytes(self.path, "text_mib").decode())
        return (
            f'<iframe srcdoc="{page}" title="Latent map" style="width: 100%; height: {HEIGHT}px; border: 0"></iframe>'
        )


def show(
    model: Model,
    *,
    beside: Model | None = None,
    method: Literal["umap", "tsne", "pca"] = "umap",
    components: Literal[2, 3] = 2,
    seed: int = 0,
    progress: Progress | None = None,
) -> Union["LatentMapWidget", MapPage]:
    """Show the latent map of a fitted ``model``, and next to it, linked, that of another one of the same images.

    In Jupyter and marimo the maps are a widget, if anywidget is installed (``pip install '.[notebook]'`` in a
    checkout): its ``choice``, ``ends`` and ``selected`` hold the choice on the maps. Elsewhere they open in the
    browser as one HTML file that needs no network.

    Args:
        model: a fitted :class:`glico.GLICO`, or a :class:`glico.Checkpoint`; on the right if there are two.
        beside: the other model, fitted on the same images, such as the same estimator with ``objective="glo"``.
        method: "umap", "tsne" or "pca".
        components: 2 or 3.
        seed: of the layout.
        progress: called with the finished fraction in [0, 1] and the name of the stage.

    Returns:
        The widget, or the page with its ``path``.

    Raises:
        GlicoError: if the two models were fitted on different images.
    """
    checkpoints = [checkpoint_of(each) for each in (beside, model) if each is not None]
    check_same_sample(checkpoints)
    config = ProjectConfig.from_values({"method": method, "components": components, "seed": seed})
    config = suited(config, checkpoints[-1].labels.numpy())
    scene = _scene(checkpoints, config, progress)
    notebook = in_notebook()
    if notebook and find_spec("anywidget") is not None:
        from glico.api.widget import LatentMapWidget

        return LatentMapWidget(scene, checkpoints)
    path = Path(tempfile.mkdtemp(prefix="glico-")) / "latent-map.html"
    path.write_text(maps_page(scene, [checkpoint.opened for checkpoint in checkpoints]), encoding="utf-8")
    if not notebook:
        webbrowser.open(path.as_uri())
    return MapPage(path)


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook: of Jupyter, or of marimo."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if getattr(shell, "kernel", None) is not None:
        return True
    marimo = sys.modules.get("marimo")
    return marimo is not None and bool(marimo.running_in_notebook())


def check_same_sample(checkpoints: Sequence[Checkpoint]) -> None:
    """Raise GlicoError unless all checkpoints hold codes of the same images, row by row."""
    first = checkpoints[0]
    for other in checkpoints[1:]:
        same = np.array_equal(first.labels.numpy(), other.labels.numpy()) and first.class_names == other.class_names
        if same and first.digests is not None and other.digests is not None:
            same = np.array_equal(first.digests.numpy(), other.digests.numpy())
        if not same:
            raise GlicoError(
                "Cannot link the maps: the models hold codes of different images. Fit both on the same images, in the "
                "same order."
            )


def _scene(checkpoints: Sequence[Checkpoint], config: ProjectConfig, progress: Progress | None) -> Scene:
    """Return the maps of the last codes of ``checkpoints``, left map first."""
    codes = [checkpoint.codes.numpy() for checkpoint in checkpoints]
    name = key(codes, config)
    sides = tuple(Side(title, title, Path()) for title in _titles(checkpoints))
    spaces = tuple(checkpoint.latent_space for checkpoint in checkpoints)
    return Scene(sides, spaces, find(name) or compute(codes, config, progress), config, name)


def _titles(checkpoints: Sequence[Checkpoint]) -> list[str]:
    """Return the titles of the maps: the objectives, with seed or steps if the objectives are the same."""
    configs = [checkpoint.config for checkpoint in checkpoints]
    names = [config.objective.upper() for config in configs]
    if len(set(names)) < len(names):
        names = [f"{config.objective.upper()}, {config.steps:,} steps, seed {config.seed}" for config in configs]
    return names if len(set(names)) == len(names) else [f"{name} ({i})" for i, name in enumerate(names, start=1)]
