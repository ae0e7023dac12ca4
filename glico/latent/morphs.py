"""The morphs of a checkpoint: the fields of its classes, and frames between its images. No walk in the latent space."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from glico.checkpoints.opened import OpenCheckpoint
from glico.latent import field_cache, registrations
from glico.latent.measured import PathSource, compared_with
from glico.latent.paths import pieces
from glico.latent.registrations import MorphImages, members
from glico.latent.shrinking import shrunk
from glico.morph.fields import are_sound
from glico.morph.frames import morph, path_weights, surface_weights
from glico.morph.registration import register, register_new
from glico.morph.score import scores
from glico.morph.splines import KNOTS
from glico.pixels import to_array, to_float
from glico.types import Floats, Images, Labels, Numbers, Progress

BEST = 12  # pairs that are offered

STAGE = "registering the images of a class"


@dataclass(frozen=True)
class Registration:
    """Fields ``knots`` (k, 2, KNOTS, KNOTS) of k images into one common frame.

    They are a ``guess`` if the images are not all of one class: it is unknown which of their parts correspond.
    """

    knots: Tensor
    guess: bool


@dataclass
class Morphs(MorphImages):
    """The fields of images.

    A class is registered when one of its images is first needed, and its fields are kept on disk. Each new image gets a
    field of its own.
    """

    progress: Progress | None = None
    _classes: dict[int, Tensor] = field(default_factory=dict)

    @property
    def of(self) -> MorphImages:
        """The images."""
        return self

    def fields(self, rows: Sequence[int]) -> Registration:
        """Return the fields of the images ``rows`` (k,), k >= 1, into one common frame."""
        label = self.common_class(rows)
        if label is None:
            return Registration(register(to_float(self.images[list(rows)])), True)
        return Registration(torch.stack([self._in_class(label, row) for row in rows]), False)

    def path(self, images: Floats, rows: Sequence[int], t: Numbers) -> Floats:
        """As in :class:`MorphFrames`."""
        fields = [self.fields(pair) for pair in pairwise(rows)]
        return morph_path(torch.from_numpy(images), fields, torch.from_numpy(t)).numpy()

    def surface(self, images: Floats, rows: Sequence[int], at: Numbers) -> Floats:
        """As in :class:`MorphFrames`."""
        places = torch.from_numpy(at)
        weights = surface_weights(places, places, len(rows))
        return morph(torch.from_numpy(images), self.fields(rows).knots, weights).numpy()

    def score(self, rows: Sequence[int]) -> float:
        """Return the score of the morph through the images ``rows`` (k,), 0 to 1: the least of consecutive images."""
        pair_scores = [
            scores(to_float(self.images[list(pair)]), self.fields(pair).knots)[0, 1] for pair in pairwise(rows)
        ]
        return float(torch.stack(pair_scores).min())

    def best_pairs(self, labels: Sequence[int], count: int = BEST) -> list[tuple[int, int, float]]:
        """Return the ``count`` pairs of rows of these classes that morph best, each with its score, best first.

        Of each class the half of the pairs that are more alike is left out: between them there is little to see.
        """
        pairs: list[tuple[int, int, float]] = []
        for label in labels:
            chosen = members(self.labels, label, self.known)
            of_pairs = scores(to_float(self.images[chosen]), self.of_class(label))
            one, other = torch.triu_indices(len(chosen), len(chosen), 1)
            few = torch.from_numpy(shrunk(to_array(self.images[chosen])))
            apart = torch.pdist(few.flatten(1))  # in the order of the pairs
            one, other = one[apart >= apart.median()], other[apart >= apart.median()]
            values = of_pairs[one, other].tolist()
            pairs += zip(chosen[one.numpy()].tolist(), chosen[other.numpy()].tolist(), values, strict=True)
        return sorted(pairs, key=lambda pair: -pair[2])[:count]

    def _in_class(self, label: int, row: int) -> Tensor:
        """Return the field of the image ``row`` in the frame of the class ``label``."""
        chosen = members(self.labels, label, self.known)
        knots = self.of_class(label)
        if row in chosen:
            return knots[int(np.flatnonzero(chosen == row)[0])]
        return register_new(to_float(self.images[[row]])[0], to_float(self.images[chosen]), knots)

    def of_class(self, label: int) -> Tensor:
        """Return the fields of the :func:`members` of a class, from the disk or found now."""
        if label not in self._classes:
            images = self.images[members(self.labels, label, self.known)]
            self._classes[label] = class_fields(images, self.progress)
        return self._classes[label]


def class_fields(images: Images, progress: Progress | None = None) -> Tensor:
    """Return the fields (n, 2, KNOTS, KNOTS) of a class's ``images`` (n, H, W, C) uint8, stored or registered now."""
    if (stored := stored_fields(images)) is not None:
        return stored
    if progress is not None:
        progress(0.0, STAGE)
    knots = register(to_float(images), progress=progress and (lambda fraction: progress(fraction, STAGE)))
    field_cache.save(field_cache.key(images), knots.numpy())
    return knots


def sample_fields(images: Images, labels: Labels) -> Tensor:
    """Return the fields (n, 2, KNOTS, KNOTS) of a sample's ``images`` (n, H, W, C) uint8, each into its class's frame.

    ``labels`` are (n,). A row without a label (-1) belongs to no class and moves nothing: its field is zero.
    """
    knots, morphs = torch.zeros(len(images), 2, KNOTS, KNOTS), Morphs(images, labels)
    for label in np.unique(labels[labels >= 0]):
        own = np.flatnonzero(labels == label)
        stored = stored_fields(images[own]) if len(own) > registrations.MOST else None
        knots[own] = morphs.fields(own.tolist()).knots if stored is None else stored
        if len(own) > registrations.MOST and stored is None:
            field_cache.save(field_cache.key(images[own]), knots[own].numpy())
    return knots


def stored_fields(images: Images) -> Tensor | None:
    """Return the fields of these images from the disk; None if they are not kept there, or are not sound."""
    stored = field_cache.find(field_cache.key(images))
    if stored is None or stored.shape != (len(images), 2, KNOTS, KNOTS):
        return None
    knots = torch.from_numpy(stored)
    return knots if bool(are_sound(knots).all()) else None


def morph_path(images: Tensor, fields: Sequence[Registration], t: Tensor) -> Tensor:
    """Return the frames (T, C, H, W) of morphs through ``images`` (k, C, H, W) in their order, at ``t`` (T,) in [0, 1].

    Each of the k - 1 ``fields`` holds those of the two images of a piece (:func:`glico.latent.paths.pieces`).
    """
    piece, along = pieces(t, len(images))
    frames = images.new_empty(len(t), *images.shape[1:])
    for index, registration in enumerate(fields):
        own = piece == index
        frames[own] = morph(images[index : index + 2], registration.knots, path_weights(along[own]))
    return frames


def halfway_morphs(images: Tensor, morphs: Morphs | None, pairs: Numbers) -> Tensor:
    """Return the frames halfway between the ``pairs`` (P, 2) of rows of ``images`` (n, C, H, W): (P, C, H, W).

    Without ``morphs`` the images are fused where they are, which is a reference.
    """
    still, half = torch.zeros(2, 2, KNOTS, KNOTS), torch.tensor([[0.5, 0.5]])
    frames = [
        morph(images[pair], still if morphs is None else morphs.fields(pair).knots, half) for pair in pairs.tolist()
    ]
    return torch.cat(frames) if frames else images[:0]


def path_source(opened: OpenCheckpoint, progress: Progress | None = None) -> PathSource:
    """Return a checkpoint with all that its paths need. ``progress`` is called while a class is registered."""
    training = compared_with(opened)
    return PathSource(opened, training, Morphs(training.images, training.labels, training.original, progress=progress))
