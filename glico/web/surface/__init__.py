"""The surface that three or four images span: its frames in the browser, moved over by a hand in two directions; on a
page, or in a file alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import FramePathName
from glico.latent.distances import pixel_distance
from glico.latent.path_analysis import Decode, FrameAnalysis, TrainingImages
from glico.pixels import to_float, to_uint8
from glico.web import modules, scrubber
from glico.web.modules import bundle
from glico.web.scrubber.content import (
    Content,
    Tiles,
    classes_of,
    named,
    notes,
    view,
    waypoints,
)

HERE = Path(__file__).parent
SIDE = 11  # frames per direction: u and v in steps of 0.1
STYLE = scrubber.STYLE + (HERE / "surface.css").read_text("utf-8")
BODY = '<div class="scrubber surface" aria-busy="true"></div>'


def described_surface(
    checkpoint: Checkpoint,
    decode: Decode,
    training: TrainingImages,
    corners: Sequence[int],
    surfaces: Mapping[FramePathName, FrameAnalysis],
    photographs: Sequence[str] = (),
    note: str = "",
) -> Content:
    """What the browser shows of the ``surfaces`` that the codes ``corners`` (3 or 4) of a checkpoint span.

    ``photographs`` and ``note`` as for a path's :func:`described_paths`.
    """
    rows = list(corners)
    generated = decode(checkpoint.codes[rows], None)
    errors = pixel_distance(generated, to_float(training.images[rows])).tolist()
    tiles = Tiles(training, to_uint8(generated))
    names, classes = checkpoint.class_names, classes_of([int(label) for label in training.labels[rows]])
    return named(
        {
            "corners": waypoints(tiles, rows, "ABCD"[: len(rows)], errors, training, names, photographs),
            "views": [view(name, each, tiles, training, classes, names) for name, each in surfaces.items()],
            "note": notes(surfaces, training.labels[rows].tolist(), note),
            "tiles": tiles.sprite(),
        }
    )


def offline_page(content: Content, start: tuple[float, float], title: str) -> str:
    """One HTML file with the surface in it at (u, v) = ``start``, frames and all: asks nothing of a network."""
    return modules.offline_page(title, BODY, STYLE, bundle(HERE / "offline.js"), {**content, "start": list(start)})
