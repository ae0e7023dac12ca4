"""The displacement fields of a checkpoint's classes, and the pairs that morph best."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.cached.checkpoint_files import latent_space
from app.cached.keys import BY_CONTENT, GENERATING
from app.cached.photographs import with_photographs
from app.cached.training_images import training
from app.session.photographs import Photograph
from glico.runs import pytorch_work, worker

if TYPE_CHECKING:
    from glico.latent.registrations import MorphImages
    from glico.types import Floats, Images, Numbers

AT_ONCE = 12  # images of a class that are registered while the page waits: about a second
CLASSES = 100  # whose pairs are scored, at most


@dataclass(frozen=True)
class WorkersMorphs:
    """Draws the frames of morphs in the worker: see :class:`glico.latent.registrations.MorphFrames`."""

    of: "MorphImages"

    def path(self, images: "Floats", rows: Sequence[int], t: "Numbers") -> "Floats":
        """Return the frames of a path."""
        few, at = self.of.only(rows)
        return worker.call(pytorch_work.morph_path, few, images, at, t)

    def surface(self, images: "Floats", rows: Sequence[int], at: "Numbers") -> "Floats":
        """Return the frames of a surface."""
        few, corners = self.of.only(rows)
        return worker.call(pytorch_work.morph_surface, few, images, corners, at)


def morphs(path: Path, photographs: tuple[Photograph, ...]) -> WorkersMorphs:
    """Return the morphs of the checkpoint's images, with the ``photographs`` as the last rows. Raises GlicoError."""
    return WorkersMorphs(_morph_images(path, photographs))


def _morph_images(path: Path, photographs: tuple[Photograph, ...]) -> "MorphImages":
    from glico.latent.registrations import MorphImages

    _, rows = with_photographs(path, photographs)
    return MorphImages(rows.images, rows.labels, rows.original, len(photographs))


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs=BY_CONTENT)
def morph_score(path: Path, photographs: tuple[Photograph, ...], rows: tuple[int, ...]) -> float:
    """Return how well the images ``rows`` are expected to morph, 0 to 1. Raises GlicoError."""
    few, at = _morph_images(path, photographs).only(rows)
    return worker.call(pytorch_work.morph_score, few, at)


def unregistered(path: Path, photographs: tuple[Photograph, ...], rows: tuple[int, ...]) -> "list[Images]":
    """Return the images of each class that a morph through ``rows`` needs, if they are not registered and too many to
    be registered while the page waits."""
    from glico.latent.registrations import is_stored

    needed = _morph_images(path, photographs).needed(rows)
    return [images for images in needed if len(images) > AT_ONCE and not is_stored(images)]


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=BY_CONTENT)
def _found_pairs(path: Path, labels: tuple[int, ...], name: str) -> list[tuple[int, int, float]]:
    from glico.latent import pair_cache

    with GENERATING:
        pairs = worker.call(pytorch_work.best_pairs, _morph_images(path, ()), labels)
    pair_cache.save(name, pairs)
    return pairs


def best_pairs(path: Path) -> list[tuple[int, int, float]]:
    """Return the pairs of rows that morph best, with their scores, among the classes that are registered."""
    from glico.latent import pair_cache

    classes = _registered(path)
    name = pair_cache.key(list(classes.values()))
    stored = pair_cache.find(name, len(latent_space(path).labels))
    return stored if stored is not None else _found_pairs(path, tuple(classes), name)


def _registered(path: Path) -> "dict[int, Images]":
    """Return the images of each class whose fields are stored, by its label."""
    from glico.latent.registrations import is_stored, members

    images, labels = training(path).images, training(path).labels
    classes = range(min(len(latent_space(path).class_names), CLASSES))
    own = {label: images[rows] for label in classes if len(rows := members(labels, label, len(labels))) > 1}
    return {label: each for label, each in own.items() if is_stored(each)}
