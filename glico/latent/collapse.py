"""Detect collapse: all images of a class become one, and their codes look well grouped but encode only the class."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from glico.checkpoints.opened import OpenCheckpoint
from glico.config import TrainConfig
from glico.pixels import to_array
from glico.rows import evenly_spaced
from glico.types import Floats, Images, Numbers
from glico.words import listed

COLLAPSED = 0.3  # share of a class's variation; good trainings keep 0.8 or more, collapsed ones 0.1 or less
EARLY = 0.5  # of the steps: until then the images of every training may still be alike
LOOKED_AT = 1000  # images, at most

Decode = Callable[[Any], Numbers]  # codes (B, d) -> images (B, C, H, W) in [0, 1]


def variation(generated: Numbers, images: Floats) -> float | None:
    """Return the share of the variation of one class's ``images`` (B, C, H, W) that the reconstructions ``generated``
    keep.

    It is R²: 1 - (squared error / squared distance from the mean image). It is 1 for perfect reconstructions, 0 if all
    are the class's mean, and negative if they are worse than the mean. None if it is undefined: for fewer than two
    images, or identical ones.
    """
    error, spread = (float(((images - x) ** 2).mean()) for x in (np.asarray(generated), images.mean(axis=0)))
    return 1 - error / spread if len(images) > 1 and spread > 0 else None


def variations(
    decode: Decode, codes: Numbers, labels: Numbers, images: Images, classes: int, limit: int = LOOKED_AT
) -> list[float | None]:
    """:func:`variation` of each of ``classes``: codes (n, d), labels (n,), images (n, H, W, C) uint8.

    If there are more than ``limit`` images, evenly spaced ones of each class are used.
    """
    limit = max(2, limit // max(1, classes))
    values = []
    for label in range(classes):
        own = np.flatnonzero(np.asarray(labels) == label)
        own = own[evenly_spaced(len(own), limit)]
        values.append(variation(decode(codes[own]), to_array(images[own])) if len(own) > 1 else None)
    return values


def stored_variations(opened: OpenCheckpoint) -> list[float | None] | None:
    """Return :func:`variations` of a checkpoint: from its images, else from its summary; None if it has neither."""
    space = opened.space
    classes = len(space.class_names)
    if space.images is None:
        values = space.summary.get("variations")
        if not isinstance(values, list) or len(values) != classes:
            return None
        return values if all(share is None or isinstance(share, float) for share in values) else None
    return variations(opened.decode, space.codes, space.labels, space.images, classes)


def collapsed_labels(opened: OpenCheckpoint) -> list[int]:
    """Return the classes that have collapsed in a checkpoint: a classifier's predictions of them mean nothing."""
    return [
        label for label, share in enumerate(stored_variations(opened) or []) if share is not None and share < COLLAPSED
    ]


def collapsed_names(kept: Sequence[float | None], names: Sequence[str]) -> list[str]:
    """Return the names of the classes that have collapsed. ``kept`` comes from :func:`variations`."""
    return [name for name, share in zip(names, kept, strict=True) if share is not None and share < COLLAPSED]


def is_collapsing(records: Sequence[Mapping[str, float]], steps: int) -> bool:
    """Return whether the classes have collapsed by the last of a training's ``records``, if it has ``steps`` in all."""
    last = next((record for record in reversed(records) if "variation" in record), None)
    return last is not None and last["step"] >= EARLY * steps and last["variation"] < COLLAPSED


def warning(names: Sequence[str], config: TrainConfig) -> str:
    """Return a warning about collapsed classes, with a fix."""
    return f"{listed(names)} collapsed: the codes encode the class and little else. To fix this, {fix_for(config)[0]}."


def fix_for(config: TrainConfig) -> tuple[str, dict[str, object]]:
    """Return a fix for ``config``, whose classes collapsed: in words, and as changes of the configuration."""
    if config.objective == "glico" and config.gamma is not None:
        return "leave gamma out, so that it is balanced", {"gamma": None}
    return f"train longer (--steps {2 * config.steps})", {"steps": 2 * config.steps}
