"""The images of a checkpoint that a morph joins, by class, and whether their fields are kept. Imports no PyTorch."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol

import numpy as np

from glico.latent import field_cache
from glico.rows import evenly_spaced
from glico.types import Floats, Images, Labels, Numbers

MOST = 100  # images of a class that are registered together, evenly spaced; others are registered with these

EndsName = Literal["generated", "original"]


@dataclass
class MorphImages:
    """Images (n, H, W, C) uint8 with ``labels`` (n,), -1 for unlabelled.

    Without ``original`` images they are reconstructions. The last ``new`` images belong to no class.
    """

    images: Images
    labels: Labels
    original: bool = True
    new: int = 0

    @property
    def known(self) -> int:
        """The number of images that may belong to a class."""
        return len(self.images) - self.new

    def is_guess(self, rows: Sequence[int]) -> bool:
        """Return whether the images ``rows`` are not all of one class, so that their registration is a guess."""
        return self.common_class(rows) is None

    def only(self, rows: Sequence[int]) -> tuple["MorphImages", tuple[int, ...]]:
        """Return the images of the classes of ``rows``, the new ones and the rows themselves, and where ``rows`` are
        among them: all that a morph through them depends on."""
        chosen = np.isin(self.labels, [label for label in self.labels[list(rows)] if label >= 0])
        chosen[list(rows)] = True
        chosen[self.known :] = True
        at = np.cumsum(chosen) - 1
        few = MorphImages(self.images[chosen], self.labels[chosen], self.original, self.new)
        return few, tuple(int(at[row]) for row in rows)

    def needed(self, rows: Sequence[int]) -> list[Images]:
        """Return the images (n, H, W, C) of each class whose fields a path through ``rows`` needs."""
        labels = {label for pair in pairwise(rows) if (label := self.common_class(pair)) is not None}
        return [self.images[members(self.labels, label, self.known)] for label in sorted(labels)]

    def common_class(self, rows: Sequence[int]) -> int | None:
        """Return the class of all ``rows`` but new ones; None without one, or if it has a single image."""
        labels = {int(self.labels[row]) for row in rows if row < self.known}
        label = labels.pop() if len(labels) == 1 else -1
        return label if label >= 0 and len(members(self.labels, label, self.known)) > 1 else None


class MorphFrames(Protocol):
    """Draws the frames of morphs between images of a checkpoint, in this process or in another."""

    @property
    def of(self) -> MorphImages:
        """The images."""

    def path(self, images: Floats, rows: Sequence[int], t: Numbers) -> Floats:
        """Return the frames (T, C, H, W) of morphs through ``images`` (k, C, H, W) in their order, at ``t`` (T,).

        The ``images`` are moved by the fields of the images ``rows`` (k,).
        """

    def surface(self, images: Floats, rows: Sequence[int], at: Numbers) -> Floats:
        """Return the frames (S², C, H, W) between three or four images, at u and v in ``at`` (S,), v row by v row."""


def members(labels: Labels, label: int, known: int) -> Labels:
    """Return the rows of a class that are registered together: at most MOST of the first ``known``, evenly spaced."""
    own = np.flatnonzero(labels[:known] == label)
    return own[evenly_spaced(len(own), MOST)]


def is_stored(images: Images) -> bool:
    """Return whether the fields of these images of a class are on the disk."""
    kept = field_cache.find(field_cache.key(images))
    return kept is not None and len(kept) == len(images) and bool(np.isfinite(kept).all())
