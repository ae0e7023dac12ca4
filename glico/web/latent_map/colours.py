"""The values that colour the maps' points: numbers on a scale, or categories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glico.checkpoints.opened import OpenCheckpoint
from glico.latent.distances import pixel_distance
from glico.latent.path_analysis import TrainingImages
from glico.latent.structure import NEIGHBOURS
from glico.pixels import to_array
from glico.types import Codes, Floats, Labels
from glico.web.latent_map import Value
from glico.web.latent_map.content import packed
from glico.web.palette import PALETTE


@dataclass(frozen=True)
class Scale:
    """A value's title, the top of its scale (None: the largest number), and how many decimals are shown."""

    title: str
    high: float | None
    digits: int


SCALES = {
    "purity": Scale(f"purity of the {NEIGHBOURS} nearest codes", 1, 1),
    "error": Scale("reconstruction error, grey levels", None, 1),
    "confidence": Scale("the weak classifier's confidence in the class", 1, 2),
}


@dataclass(frozen=True)
class Categories:
    """A value that is one of a few categories: its title, and each category's name and colour."""

    title: str
    categories: tuple[tuple[str, str], ...]


GREY = "#808080"
SEEN = Categories("seen or unseen", (("trained on", PALETTE[0]), ("unseen", PALETTE[6])))
RIGHT = Categories(
    "right or wrong in {}", (("right", PALETTE[0]), ("wrong", PALETTE[6]), ("trained on, or not scored", GREY))
)


def purity(near: NDArray[np.int32], labels: Labels) -> Floats:
    """Return the share of each image's nearest codes (n, k) that have its label (n,); NaN for the unlabelled."""
    share = (labels[near[:, :NEIGHBOURS]] == labels[:, None]).mean(axis=1, dtype=np.float32)
    return np.where(labels < 0, np.float32(np.nan), share)


def measure(opened: OpenCheckpoint, codes: Codes, training: TrainingImages) -> dict[str, Floats]:
    """Generate an image from each code (n, d) and measure it: "error" if there are originals, and "confidence" if there
    is a classifier; (n,) each, NaN for the unlabelled."""
    generated = opened.decode(codes)
    values: dict[str, Floats] = {}
    if training.original:
        values["error"] = pixel_distance(generated, to_array(training.images))
    probabilities = opened.probabilities(generated, codes)
    if probabilities is not None:
        labels = opened.space.labels
        own = probabilities[np.arange(len(labels)), labels.clip(0)]
        values["confidence"] = np.where(labels < 0, np.float32(np.nan), own)
    return values


def scale_value(name: str, numbers: Sequence[Floats] = ()) -> Value:
    """Return the value of this name with its ``numbers`` (n,) in each map; without numbers, until it is chosen."""
    scale = SCALES[name]
    finite = np.concatenate([each[np.isfinite(each)] for each in numbers]) if numbers else np.empty(0)
    return {
        "name": name,
        "title": scale.title,
        "low": 0.0,
        "high": scale.high if scale.high is not None else float(finite.max(initial=1.0)),
        "digits": scale.digits,
        "categories": [],
        "extras": "",
        "maps": [packed(each, "<f4") for each in numbers],
    }


def chosen_value(name: str, measured: Sequence[Mapping[str, Floats]], count: int) -> Value:
    """Return the value of this name with what was ``measured`` in each map of ``count`` images; NaN in maps without
    it."""
    missing = np.full(count, np.nan, np.float32)
    return scale_value(name, [each.get(name, missing) for each in measured])


def category_value(name: str, categories: Categories, title: str, maps: int, images: Floats, extras: Floats) -> Value:
    """Return a value of categories: the indices of those of ``images`` (n,), the same in all ``maps``, and of
    ``extras`` (m,)."""
    return {
        "name": name,
        "title": title,
        "low": 0.0,
        "high": float(len(categories.categories) - 1),
        "digits": 0,
        "categories": [{"name": words, "colour": colour} for words, colour in categories.categories],
        "extras": packed(extras, "<f4"),
        "maps": [packed(images, "<f4")] * maps,
    }
