"""The content of the scrubber and of surfaces, as words and numbers in JSON: the browser only draws it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from glico.checkpoints.opened import OpenCheckpoint
from glico.config import FramePathName
from glico.data.dataset import class_name
from glico.formats import json_text
from glico.latent.distances import pixel_distance
from glico.latent.path_analysis import (
    STEP_UNIT,
    FrameAnalysis,
    NoiseName,
    PathAnalysis,
    TrainingImages,
    likeliest_other,
    path_noise,
    remarks,
)
from glico.pixels import to_array, to_uint8
from glico.types import Images
from glico.web.generator import GeneratorData
from glico.web.latent_map.content import packed
from glico.web.sprite import Sprite, sprite

STYLES = ("first", "second", "third", "fourth")  # of the classes at the path's ends: colour and dash
NO_CLASSIFIER = (
    "This checkpoint has no classifier (the objective glo trains none), so there are no class probabilities, and no "
    "test of whether a frame has left its class."
)
MORPH = (
    "morph is a registration: it moves the two images into each other and fuses them, which is no walk in the latent "
    "space."
)
GUESS = "The images are not all of one class, so the morph is a guess."


class Picture(TypedDict):
    """A tile of the sheet, and its caption."""

    tile: int
    caption: str


class Waypoint(TypedDict):
    """An image that the path visits, with its letter and its pictures."""

    label: str
    name: str
    style: str
    pictures: list[Picture]


class Neighbour(TypedDict):
    """The training image nearest to each frame: its tile, its name, and its distance in words."""

    title: str
    tiles: list[int]
    names: list[str]
    details: list[str]


class View(TypedDict):
    """The frames of one path or surface; lists have an entry for each frame."""

    name: str
    style: str
    sprite: Sprite
    frames: int
    norm: list[float] | None
    seen: list[str] | None
    confidence: list[float] | None
    neighbours: list[Neighbour]
    remarks: list[str]


class Series(TypedDict):
    """A curve of a chart; ``names`` if its name changes from frame to frame."""

    name: str
    names: NotRequired[list[str]]
    style: str
    values: list[float]


class Chart(TypedDict):
    """A chart over the frames; numbers have ``digits`` decimals or are in ``percent``; None: as the values need."""

    title: str
    digits: NotRequired[int]
    percent: NotRequired[bool]
    low: float | None
    high: float | None
    series: list[Series]


class Ends(TypedDict):
    """The codes (k, d) of the images that a path or surface visits, and one sample (m,) of the noise, empty for none.

    Both are float32 as base64. From them the browser generates the images between the frames.
    """

    codes: str
    noise: str


class PathContent(TypedDict):
    """The scrubber's content, and the t at which it starts. ``content`` identifies it.

    The ``generator`` draws between the frames, from the codes of the ``ends``; both are missing in a file, and ``ends``
    is None if every frame has a noise of its own.
    """

    content: str
    start: float
    t: list[float]
    digits: int
    label: str
    places: list[str]
    waypoints: list[Waypoint]
    views: list[View]
    charts: list[Chart]
    note: str
    tiles: Sprite
    ends: NotRequired[Ends | None]
    generator: NotRequired[GeneratorData]


class SurfaceContent(TypedDict):
    """The content of a surface, and the (u, v) at which it starts. ``content`` identifies it."""

    content: str
    start: tuple[float, float]
    corners: list[Waypoint]
    views: list[View]
    note: str
    tiles: Sprite
    ends: NotRequired[Ends | None]
    generator: NotRequired[GeneratorData]


@dataclass(frozen=True)
class Visited:
    """The images that a path or a surface visits: ``rows`` of a checkpoint and of its ``training`` images.

    The last rows of both are no training images but ``photographs`` with these names.
    """

    checkpoint: OpenCheckpoint
    training: TrainingImages
    rows: Sequence[int]
    photographs: Sequence[str] = ()

    @property
    def labels(self) -> list[int]:
        """The labels of the rows."""
        return [int(label) for label in self.training.labels[list(self.rows)]]

    @property
    def classes(self) -> list[int]:
        """The classes of the rows, each once, in their order."""
        return list(dict.fromkeys(label for label in self.labels if label >= 0))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the checkpoint's classes."""
        return self.checkpoint.space.class_names

    def ends(self, noise: NoiseName = "off", seed: int = 0) -> Ends | None:
        """Return the codes of the rows and the ``noise`` of this ``seed``; None if each frame has a noise of its
        own."""
        space = self.checkpoint.space
        sample = path_noise(space.config, 1, noise, seed)
        if noise == "resampled" and sample is not None:
            return None
        codes = packed(space.codes[list(self.rows)], "<f4")
        return {"codes": codes, "noise": "" if sample is None else packed(sample, "<f4")}

    def reconstructions(self) -> tuple[Images, list[float]]:
        """Return the reconstructions (k, H, W, C) uint8 of the rows, and their errors in grey levels."""
        generated = self.checkpoint.decode(self.checkpoint.space.codes[list(self.rows)])
        errors = pixel_distance(generated, to_array(self.training.images[list(self.rows)]))
        return to_uint8(generated), errors.tolist()


def paths_content(
    visited: Visited, paths: Mapping[FramePathName, PathAnalysis], feature_name: str, note: str = ""
) -> PathContent:
    """Return the scrubber's content for measured ``paths`` through two or more images.

    ``feature_name`` names the features of the feature steps; ``note`` says why class probabilities are missing, if they
    are.
    """
    reconstructions, errors = visited.reconstructions()
    tiles = Tiles(visited.training, reconstructions)
    t = next(iter(paths.values())).t
    letters = [chr(ord("A") + i) if i < 26 else str(i + 1) for i in range(len(visited.rows))]
    points = waypoints(visited, tiles, letters, errors)
    content: PathContent = {
        "content": "",
        "start": 0.5,
        "t": _round(t, 4),
        "digits": 2 if len(t) <= 101 else 3,
        "label": "t, from " + " to ".join(f"{p['label']} ({p['name']})" for p in points),
        "places": _places(t, letters, visited),
        "waypoints": points,
        "views": [view(name, path, tiles, visited) for name, path in paths.items()],
        "charts": _charts(paths, visited, feature_name),
        "note": notes(paths, visited, note),
        "tiles": tiles.sprite(),
    }
    return {**content, "content": digest_of(content)}


def digest_of(content: PathContent | SurfaceContent) -> str:
    """Return a digest of the content, by which the browser sees whether it has changed."""
    return hashlib.sha256(json_text(content).encode()).hexdigest()[:16]


def waypoints(visited: Visited, tiles: "Tiles", letters: Sequence[str], errors: Sequence[float]) -> list[Waypoint]:
    """Return the images that are visited, with their letters, names and pictures."""
    training, images = visited.training, len(visited.training.labels) - len(visited.photographs)
    styles = {label: STYLES[i % len(STYLES)] for i, label in enumerate(visited.classes)}
    return [
        {
            "label": letter,
            "name": f"{class_name(label, visited.names)}, image {row}"
            if row < images
            else visited.photographs[row - images],
            "style": styles.get(label, "other"),
            "pictures": _pictures(tiles, row, i, errors[i], training.original or row >= images),
        }
        for i, (letter, row, label) in enumerate(zip(letters, visited.rows, visited.labels, strict=True))
    ]


class Tiles:
    """The small pictures that a path or a surface needs, each once: training images by row, then reconstructions."""

    def __init__(self, training: TrainingImages, reconstructions: Images) -> None:
        self.training, self.reconstructions = training, reconstructions
        self.order: dict[tuple[str, int], int] = {}

    def original(self, row: int) -> int:
        """Return the tile of a training image."""
        return self.order.setdefault(("original", int(row)), len(self.order))

    def reconstruction(self, index: int) -> int:
        """Return the tile of a reconstruction."""
        return self.order.setdefault(("reconstruction", index), len(self.order))

    def sprite(self) -> Sprite:
        """Return the sheet of all requested tiles."""
        images = {"original": self.training.images, "reconstruction": self.reconstructions}
        return sprite(np.stack([images[kind][i] for kind, i in self.order]))


def _pictures(tiles: Tiles, row: int, index: int, error: float, original: bool) -> list[Picture]:
    caption = f"generated, error {error:.1f}" if original else "generated"
    generated: Picture = {"tile": tiles.reconstruction(index), "caption": caption}
    return [{"tile": tiles.original(row), "caption": "original"}, generated] if original else [generated]


def view(name: str, path: FrameAnalysis, tiles: Tiles, visited: Visited) -> View:
    """Return the frames of one path or surface with their measurements."""
    training, names = visited.training, visited.names
    kind = "training image" if training.original else "reconstruction"

    def neighbour(title: str, rows: NDArray[np.int64], details: list[str]) -> Neighbour:
        return {
            "title": f"nearest {kind} {title}",
            "tiles": [tiles.original(row) for row in rows],
            "names": [f"{class_name(int(training.labels[row]), names)}, image {row}" for row in rows],
            "details": details,
        }

    by_code = []
    if path.code_neighbour is not None and path.code_angle is not None:
        by_code = [neighbour("by code", path.code_neighbour, [f"{angle:.1f}°" for angle in path.code_angle])]
    predicted = path.probabilities.argmax(axis=1) if path.probabilities is not None else None
    return {
        "name": name,
        "style": name,
        "sprite": sprite(path.images),
        "frames": len(path.images),
        "norm": None if path.norm is None else _round(path.norm, 4),
        "seen": None if predicted is None else [names[i] for i in predicted],
        "confidence": None if path.probabilities is None else _round(path.probabilities.max(axis=1), 4),
        "neighbours": [
            neighbour("in pixels", path.pixel_neighbour, [f"{d:.1f} grey levels" for d in path.pixel_distance]),
            *by_code,
        ],
        "remarks": remarks(path, training, visited.classes, names),
    }


def _charts(paths: Mapping[FramePathName, PathAnalysis], visited: Visited, feature_name: str) -> list[Chart]:
    def both(title: str, field: str, digits: int, low: float | None = 0.0, high: float | None = None) -> Chart:
        series: list[Series] = [
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
        if path.probabilities is not None:
            series = _probabilities(path.probabilities, visited)
            title = f"{name}: class probability"
            charts.append({"title": title, "percent": True, "low": 0, "high": 1, "series": series})
    return charts


def _probabilities(probabilities: NDArray[np.float32], visited: Visited) -> list[Series]:
    """Return the probabilities of the ends' classes, and of the likeliest other class."""
    names, shown = visited.names, visited.classes[: len(STYLES)]
    series: list[Series] = [
        {"name": names[c], "style": STYLES[i], "values": _round(probabilities[:, c], 4)} for i, c in enumerate(shown)
    ]
    others, probability = likeliest_other(probabilities, shown)
    if others[0] >= 0:
        labels = [f"else {names[c]}" for c in others]
        series.append({"name": "", "names": labels, "style": "other", "values": _round(probability, 4)})
    return series


def _places(t: NDArray[np.float32], letters: list[str], visited: Visited) -> list[str]:
    """Return the position of each t in words, for screen readers."""
    pieces = len(letters) - 1
    starts = np.clip(np.floor(t * pieces + 1e-6).astype(int), 0, pieces - 1)
    pairs = zip(letters, visited.labels, strict=True)
    words = [f"{letter} ({class_name(label, visited.names)})" for letter, label in pairs]
    return [f"between {words[i]} and {words[i + 1]}" for i in starts]


def notes(paths: Mapping[FramePathName, FrameAnalysis], visited: Visited, note: str = "") -> str:
    """Return the sentences below the pictures of ``paths``."""
    sentences = [note or ("" if has_classifier(paths) else NO_CLASSIFIER)]
    if "morph" in paths:
        sentences += [MORPH, GUESS if len(visited.classes) > 1 else ""]
    return " ".join(filter(None, sentences))


def has_classifier(paths: Mapping[FramePathName, FrameAnalysis]) -> bool:
    """Return whether a classifier has predicted the classes of the frames."""
    return any(path.probabilities is not None for path in paths.values())


def _round(values: NDArray[Any], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]
