"""What the scrubber shows, in words and numbers that travel as JSON: the browser only draws it."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import FramePathName
from glico.data.dataset import class_name
from glico.formats import json_text
from glico.latent.distances import pixel_distance
from glico.latent.path_analysis import (
    STEP_UNIT,
    Decode,
    FrameAnalysis,
    PathAnalysis,
    TrainingImages,
    likeliest_other,
    remarks,
)
from glico.pixels import to_float, to_uint8
from glico.types import Images
from glico.web.sprite import sprite

Content = dict[str, Any]

STYLES = ("first", "second", "third", "fourth")  # of the classes at the path's ends, told apart by colour and by dash
NO_CLASSIFIER = (
    "This checkpoint has no classifier (those trained with the objective glo have none), so there are no class "
    "probabilities, and nothing says whether a frame has left its class."
)

MORPH = (
    "morph is a registration: it moves the two images into each other and fuses them, which is no walk in the latent "
    "space."
)
GUESS = "The images are not all of one class, so the morph is a guess."


def described_paths(
    checkpoint: Checkpoint,
    decode: Decode,
    training: TrainingImages,
    rows: Sequence[int],
    paths: Mapping[FramePathName, PathAnalysis],
    feature_name: str,
    photographs: Sequence[str] = (),
    note: str = "",
) -> Content:
    """What the scrubber shows of these paths through the codes ``rows`` of a checkpoint.

    The last rows of ``checkpoint`` and ``training`` are no training images but ``photographs`` of these names; a
    ``note`` says why class probabilities are left out, where they are.
    """
    drawn = decode(checkpoint.codes[list(rows)], None)
    errors = pixel_distance(drawn, to_float(training.images[list(rows)])).tolist()
    return scrubber_content(
        paths, rows, to_uint8(drawn), errors, training, checkpoint.class_names, feature_name, photographs, note
    )


def scrubber_content(
    paths: Mapping[FramePathName, PathAnalysis],
    rows: Sequence[int],
    reconstructions: Images,
    errors: Sequence[float],
    training: TrainingImages,
    names: tuple[str, ...],
    feature_name: str,
    photographs: Sequence[str] = (),
    note: str = "",
) -> Content:
    """The scrubber's content for the paths through the training images ``rows`` (k,), k >= 2.

    ``paths``: what was measured, by path name; ``reconstructions`` (k, H, W, C) uint8 of the rows and their
    ``errors`` (k,) in grey levels; ``names``: the class names; ``feature_name``: what the feature steps measure.
    ``photographs`` are the names of the last of ``training``, which are none of it.
    """
    tiles = Tiles(training, reconstructions)
    labels = [int(label) for label in training.labels[list(rows)]]
    classes = classes_of(labels)
    t = next(iter(paths.values())).t
    letters = [chr(ord("A") + i) if i < 26 else str(i + 1) for i in range(len(rows))]
    joined = waypoints(tiles, rows, letters, errors, training, names, photographs)
    content = {
        "t": _round(t, 4),
        "digits": 2 if len(t) <= 101 else 3,
        "label": "t, from " + " to ".join(f"{p['label']} ({p['name']})" for p in joined),
        "places": _places(t, letters, labels, names),
        "waypoints": joined,
        "views": [view(name, path, tiles, training, classes, names) for name, path in paths.items()],
        "charts": _charts(paths, classes, names, feature_name),
        "note": notes(paths, labels, note),
        "tiles": tiles.sprite(),
    }
    return named(content)


def named(content: Content) -> Content:
    """The content with a name by what it holds, which tells the browser whether it changed."""
    return {**content, "content": hashlib.sha256(json_text(content).encode()).hexdigest()[:16]}


def classes_of(labels: Sequence[int]) -> list[int]:
    """The classes among ``labels``, each once, in their order."""
    return list(dict.fromkeys(label for label in labels if label >= 0))


def waypoints(
    tiles: "Tiles",
    rows: Sequence[int],
    letters: Sequence[str],
    errors: Sequence[float],
    training: TrainingImages,
    names: tuple[str, ...],
    photographs: Sequence[str],
) -> list[Content]:
    """The images ``rows`` that are joined, each by its letter: what it is, and its pictures."""
    images = len(training.labels) - len(photographs)
    labels = [int(label) for label in training.labels[list(rows)]]
    styles = {label: STYLES[i % len(STYLES)] for i, label in enumerate(classes_of(labels))}
    return [
        {
            "label": letter,
            "name": f"{class_name(label, names)}, image {row}" if row < images else photographs[row - images],
            "style": styles.get(label, "other"),
            "pictures": _pictures(tiles, row, i, errors[i], training.original or row >= images),
        }
        for i, (letter, row, label) in enumerate(zip(letters, rows, labels, strict=True))
    ]


class Tiles:
    """The small pictures that a path or a surface needs, each once: training images by row, then reconstructions."""

    def __init__(self, training: TrainingImages, reconstructions: Images) -> None:
        self.training, self.reconstructions = training, reconstructions
        self.order: dict[tuple[str, int], int] = {}

    def true(self, row: int) -> int:
        return self.order.setdefault(("true", int(row)), len(self.order))

    def reconstruction(self, index: int) -> int:
        return self.order.setdefault(("reconstruction", index), len(self.order))

    def sprite(self) -> Mapping[str, object]:
        images = {"true": self.training.images, "reconstruction": self.reconstructions}
        return sprite(np.stack([images[kind][i] for kind, i in self.order]))


def _pictures(tiles: Tiles, row: int, index: int, error: float, original: bool) -> list[dict[str, object]]:
    caption = f"generated, error {error:.1f}" if original else "generated"
    generated = {"tile": tiles.reconstruction(index), "caption": caption}
    return [{"tile": tiles.true(row), "caption": "original"}, generated] if original else [generated]


def view(
    name: str,
    path: FrameAnalysis,
    tiles: Tiles,
    training: TrainingImages,
    classes: list[int],
    names: tuple[str, ...],
) -> Content:
    """The frames of one path or surface, and what is read off each."""
    kind = "training image" if training.original else "reconstruction"

    def neighbour(title: str, rows: NDArray[np.int64], details: list[str]) -> dict[str, object]:
        return {
            "title": f"nearest {kind} {title}",
            "tiles": [tiles.true(row) for row in rows],
            "names": [f"{class_name(int(training.labels[row]), names)}, image {row}" for row in rows],
            "details": details,
        }

    by_code = []
    if path.code_neighbour is not None and path.code_angle is not None:
        by_code = [neighbour("by code", path.code_neighbour, [f"{angle:.1f}°" for angle in path.code_angle])]
    seen = path.probabilities.argmax(axis=1) if path.probabilities is not None else None
    return {
        "name": name,
        "style": name,
        "sprite": sprite(path.images),
        "frames": len(path.images),
        "norm": None if path.norm is None else _round(path.norm, 4),
        "seen": None if seen is None else [names[i] for i in seen],
        "confidence": None if path.probabilities is None else _round(path.probabilities.max(axis=1), 4),
        "neighbours": [
            neighbour("in pixels", path.pixel_neighbour, [f"{d:.1f} grey levels" for d in path.pixel_distance]),
            *by_code,
        ],
        "remarks": remarks(path, training, classes, names),
    }


def _charts(
    paths: Mapping[FramePathName, PathAnalysis], classes: list[int], names: tuple[str, ...], feature_name: str
) -> list[dict[str, object]]:
    def both(
        title: str, field: str, digits: int, low: float | None = 0.0, high: float | None = None
    ) -> dict[str, object]:
        series = [
            {"name": name, "style": name, "values": _round(values, 5)}
            for name, path in paths.items()
            if (values := getattr(path, field)) is not None
        ]
        return {"title": title, "digits": digits, "low": low, "high": high, "series": series}

    norms = [float(path.norm.min()) for path in paths.values() if path.norm is not None]
    charts = [both("‖z(t)‖", "norm", 3, low=min(norms) - 0.02, high=1.02)] if norms else []
    charts += [
        both("double exposure", "double_exposure", 2, high=1.0),
        both("detail, share of the ends'", "detail", 2, high=1.0),
        both(f"pixel step, grey levels per {STEP_UNIT} of t", "pixel_step", 2),
        both(f"{feature_name} step per {STEP_UNIT} of t", "feature_step", 4),
    ]
    for name, path in paths.items():
        if path.probabilities is None:
            continue
        shown = classes[: len(STYLES)]
        series: list[dict[str, object]] = [
            {"name": names[c], "style": STYLES[i], "values": _round(path.probabilities[:, c], 4)}
            for i, c in enumerate(shown)
        ]
        others, probability = likeliest_other(path.probabilities, shown)
        if others[0] >= 0:
            labels = [f"else {names[c]}" for c in others]
            series.append({"name": "", "names": labels, "style": "other", "values": _round(probability, 4)})
        charts.append({"title": f"{name}: class probability", "percent": True, "low": 0, "high": 1, "series": series})
    return charts


def _places(t: NDArray[np.float32], letters: list[str], labels: list[int], names: tuple[str, ...]) -> list[str]:
    """Where each t lies, in words for a screen reader."""
    pieces = len(letters) - 1
    starts = np.clip(np.floor(t * pieces + 1e-6).astype(int), 0, pieces - 1)
    words = [f"{letter} ({class_name(label, names)})" for letter, label in zip(letters, labels, strict=True)]
    return [f"between {words[i]} and {words[i + 1]}" for i in starts]


def notes(paths: Mapping[FramePathName, FrameAnalysis], labels: Sequence[int], note: str = "") -> str:
    """The sentences below the pictures of ``paths`` between images with these ``labels``."""
    said = [note or ("" if has_classifier(paths) else NO_CLASSIFIER)]
    if "morph" in paths:
        said += [MORPH, GUESS if len(classes_of(labels)) > 1 else ""]
    return " ".join(filter(None, said))


def has_classifier(paths: Mapping[FramePathName, FrameAnalysis]) -> bool:
    """Whether a classifier has judged the frames."""
    return any(path.probabilities is not None for path in paths.values())


def _round(values: NDArray[np.float32], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]
