"""Collapse: the images of a class have merged, and codes that say nothing but their class look well grouped."""

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.pixels import to_float
from glico.rows import evenly_spaced
from glico.types import Images
from glico.words import listed

MERGED = 0.3  # of a class's variation; trainings that go well hold 0.8 and more, those that collapse 0.1 and less
EARLY = 0.5  # of the steps: until then the images of every training may still be alike
LOOKED_AT = 1000  # images, at most

Decode = Callable[[Tensor], Tensor]  # codes (B, d) -> images (B, C, H, W) in [0, 1]


def variation(generated: Tensor, images: Tensor) -> float | None:
    """How much of the variation of one class's ``images`` (B, C, H, W) its reconstructions ``generated`` hold.

    It is R², 1 less the squared error over the squared distance from the mean image: 1 where they are the images, 0
    where all are the class's mean, and less where they are worse than it. None where it is undefined: fewer than two
    images, or images that are all alike.
    """
    error, spread = ((images - x).square().mean() for x in (generated, images.mean(dim=0)))
    return float(1 - error / spread) if len(images) > 1 and spread > 0 else None


def variations(
    decode: Decode, codes: Tensor, labels: Tensor, images: Images, classes: int, limit: int = LOOKED_AT
) -> list[float | None]:
    """:func:`variation` of each of ``classes``: codes (n, d), labels (n,), images (n, H, W, C) uint8.

    Of more than ``limit`` images, evenly spaced ones of each class are looked at.
    """
    limit = max(2, limit // max(1, classes))
    kept = []
    for label in range(classes):
        own = (labels == label).nonzero()[:, 0]
        own = own[evenly_spaced(len(own), limit)]
        kept.append(variation(decode(codes[own]), to_float(images[own.numpy()])) if len(own) > 1 else None)
    return kept


def kept_variations(checkpoint: Checkpoint) -> list[float | None] | None:
    """:func:`variations` of a checkpoint: of its images, else what its training found; None where neither is there."""
    classes = len(checkpoint.class_names)
    if checkpoint.images is None:
        found = checkpoint.summary.get("variations")
        if not isinstance(found, list) or len(found) != classes:
            return None
        return found if all(share is None or isinstance(share, float) for share in found) else None
    return variations(checkpoint.decoder(), checkpoint.codes, checkpoint.labels, checkpoint.images.numpy(), classes)


def merged(kept: Sequence[float | None], names: Sequence[str]) -> list[str]:
    """The names of the classes whose images have merged, of what :func:`variations` gives."""
    return [name for name, share in zip(names, kept, strict=True) if share is not None and share < MERGED]


def merging(records: Sequence[Mapping[str, float]], steps: int) -> bool:
    """Whether the images of the classes have merged by the last of a training's ``records``, of ``steps`` in all."""
    last = next((record for record in reversed(records) if "variation" in record), None)
    return last is not None and last["step"] >= EARLY * steps and last["variation"] < MERGED


def said(names: Sequence[str], config: TrainConfig) -> str:
    """What is said of merged classes, and what would mend it."""
    return f"The images of {listed(names)} have merged, so that the codes say little but the class: {mend(config)[0]}."


def mend(config: TrainConfig) -> tuple[str, dict[str, object]]:
    """What would part the images that ``config`` has merged: in words, and as changes of the configuration."""
    if config.objective == "glico" and config.gamma is not None:
        return "leave gamma out, so that it is balanced", {"gamma": None}
    return f"train longer (--steps {2 * config.steps})", {"steps": 2 * config.steps}
