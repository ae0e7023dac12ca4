"""A tour of every page with its features, in a process that must never import PyTorch: see test_without_pytorch.py.

It takes the folder of a classifier run. ``GLICO_RUNS`` names a folder with the checkpoints tiny-glico and tiny-glo.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from app import cached
from app.cached.keys import stamp
from app.checkpoints import card
from app.session.photographs import Photograph
from glico.latent.export import path_film, path_strip, surface_sheet
from glico.latent.measured import PathRequest
from glico.latent.neighbours import nearest_others
from glico.runs import pytorch_work, worker
from glico.web.viewers import parquet

HEAVY = {"torch", "torchvision", "umap", "numba"}
VIEWS = Path(__file__).parents[2] / "app" / "views"
PAGES: dict[str, tuple[dict[str, str], ...]] = {
    "latent_map": ({"beside": "tiny-glo", "method": "pca", "colour": "error", "a": "0", "b": "7", "play": "path"},),
    "interpolate": (
        {"noise": "resampled"},
        {"show": "list", "rows": "0.7.21"},
        {"show": "surface"},
        {"show": "directions"},
        {"show": "mean"},
        {"show": "grid"},
        {"show": "reconstructions"},
    ),
    "checkpoints": ({},),
    "train": ({},),
    "classify": ({},),
    "results": ({},),
}


def photograph() -> Photograph:
    """An image file as a person drops it."""
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 16), np.uint8)).save(buffer, "png")
    return Photograph("one.png", buffer.getvalue(), "digest of one.png")


def open_pages() -> None:
    """Open every page, in each of its views; two of them with a photograph, which is encoded."""
    for view, queries in PAGES.items():
        for query in queries:
            page = AppTest.from_file(str(VIEWS / f"{view}.py"), default_timeout=600)
            for name, value in ({"checkpoint": "tiny-glico"} | query).items():
                page.query_params[name] = value
            if view == "latent_map" or query.get("noise"):
                page.session_state["photographs"] = (photograph(),)
            page.run()
            assert not page.exception, (view, query, page.exception)
            assert not page.error, (view, query, [error.value for error in page.error])
            assert_light(f"{view} {query}")


def export(file: cached.CheckpointFile) -> Iterator[bytes]:
    """Write everything that the pages export."""
    rows, corners = (0, 7), (0, 7, 21)
    paths, _ = cached.paths(file.path, (), PathRequest(rows, 5), True)
    assert list(paths) == ["slerp", "lerp", "morph"]
    images = {name: path.images for name, path in paths.items()}
    yield path_strip(images)
    yield path_film(images, "gif")
    yield path_film(images, "mp4")
    surfaces, _ = cached.surface(file.path, (), corners, "generated", True)
    yield surface_sheet(surfaces["morph"].images)
    opened = cached.opened(file.path)
    yield opened.graph
    yield parquet(opened, {}, nearest_others(opened.space.codes, 3))
    yield card._projector(file)


def classify(run: Path) -> None:
    """Classify an image and export the classifier."""
    path = run / "classifier.safetensors"
    shape = cached.classifier_file(path).image_shape
    predictions = worker.call(pytorch_work.predict, path, stamp(path), np.zeros((1, *shape), np.uint8))
    assert predictions.sum() == 1 or abs(predictions.sum() - 1) < 1e-5
    assert worker.call(pytorch_work.export_classifier, path, stamp(path), "torchscript")


def assert_light(what: str) -> None:
    """Fail if a heavy package has been imported."""
    heavy = HEAVY & {name.partition(".")[0] for name in sys.modules}
    assert not heavy, f"{what} imports {sorted(heavy)}"


if __name__ == "__main__":
    open_pages()
    files = {file.key: file for file in cached.checkpoints()}
    for content in export(files["digits-glico"]):  # whose classes are registered
        assert content
        assert_light("an export")
    classify(Path(sys.argv[1]))
    assert_light("classifying")
