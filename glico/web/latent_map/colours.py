"""Numbers that the maps' points can be coloured by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from glico.data.dataset import Labels
from glico.latent.structure import NEIGHBOURS
from glico.web.latent_map import Value
from glico.web.latent_map.content import packed
from glico.web.palette import PALETTE

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from glico.checkpoints.checkpoint import Checkpoint
    from glico.latent.path_analysis import TrainingImages
    from glico.latent.projection import Codes

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Scale:
    """How a value is called and written; ``high`` None: up to the largest there is."""

    title: str
    high: float | None
    digits: int


SCALES = {
    "purity": Scale(f"purity of the {NEIGHBOURS} nearest codes", 1, 1),
    "error": Scale("reconstruction error, grey levels", None, 1),
    "confidence": Scale("the weak classifier's confidence in the class", 1, 2),
}


@dataclass(frozen=True)
class Kinds:
    """A colour that says one of a few things: its title, and each with its colour."""

    title: str
    kinds: tuple[tuple[str, str], ...]


GREY = "#808080"
SEEN = Kinds("seen or held out", (("trained on", PALETTE[0]), ("held out", PALETTE[6])))
JUDGED = Kinds(
    "right or wrong in {}", (("right", PALETTE[0]), ("wrong", PALETTE[6]), ("trained on, or not scored", GREY))
)


def purity(near: NDArray[np.int32], labels: Labels) -> Floats:
    """The share of each image's nearest codes (n, k) that have its label (n,); NaN for the unlabelled."""
    share = (labels[near[:, :NEIGHBOURS]] == labels[:, None]).mean(axis=1, dtype=np.float32)
    return np.where(labels < 0, np.float32(np.nan), share)


def measured(
    checkpoint: "Checkpoint", decoder: "Callable[[Tensor], Tensor]", codes: "Codes", training: "TrainingImages"
) -> dict[str, Floats]:
    """What decoding the codes (n, d) tells of each image: ``error``, where there are originals, and ``confidence``,
    where there is a classifier; NaN for the unlabelled."""
    import torch

    from glico.latent.path_analysis import pixel_distance
    from glico.pixels import to_float

    z = torch.from_numpy(codes)
    drawn = decoder(z)
    found: dict[str, Floats] = {}
    if training.original:
        found["error"] = pixel_distance(drawn, to_float(training.images)).numpy()
    probabilities = checkpoint.probabilities(drawn, z)
    if probabilities is not None:
        labels = checkpoint.labels
        own = probabilities.gather(1, labels.clamp(min=0)[:, None])[:, 0]
        found["confidence"] = own.masked_fill(labels < 0, float("nan")).numpy()
    return found


def offered(names: Sequence[str]) -> list[Value]:
    """The values of these names, their numbers yet to be asked for."""
    return [value(name, []) for name in names]


def value(name: str, numbers: Sequence[Floats]) -> Value:
    """A value with its numbers (n,) in each map."""
    scale = SCALES[name]
    known = np.concatenate([each[np.isfinite(each)] for each in numbers]) if numbers else np.empty(0)
    return {
        "name": name,
        "title": scale.title,
        "low": 0.0,
        "high": scale.high if scale.high is not None else float(known.max(initial=1.0)),
        "digits": scale.digits,
        "kinds": [],
        "extras": "",
        "maps": [packed(each, "<f4") for each in numbers],
    }


def chosen(name: str, found: Sequence[Mapping[str, Floats]], count: int) -> Value:
    """The value of this name, NaN in the maps that have none."""
    nothing = np.full(count, np.nan, np.float32)
    return value(name, [each.get(name, nothing) for each in found])


def kind(name: str, of: Kinds, title: str, maps: int, images: Floats, extras: Floats) -> Value:
    """A value that says one of a few things: which of them ``images`` (n,) are in every map, and ``extras`` (m,)."""
    return {
        "name": name,
        "title": title,
        "low": 0.0,
        "high": float(len(of.kinds) - 1),
        "digits": 0,
        "kinds": [{"name": words, "colour": colour} for words, colour in of.kinds],
        "extras": packed(extras, "<f4"),
        "maps": [packed(images, "<f4")] * maps,
    }
