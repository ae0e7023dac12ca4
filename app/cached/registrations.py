"""The displacement fields of a checkpoint's classes, and the pairs that morph best."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.cached.checkpoint_files import checkpoint
from app.cached.keys import BY_CONTENT, GENERATING
from app.cached.photographs import with_photographs
from app.cached.training_images import training
from app.session.photographs import Photograph

if TYPE_CHECKING:
    from glico.latent.morphs import Morphs
    from glico.types import Images

AT_ONCE = 12  # images of a class that are registered while the page waits: about a second
CLASSES = 100  # whose pairs are scored, at most


def morphs(path: Path, photographs: tuple[Photograph, ...]) -> "Morphs":
    """Return the fields of the checkpoint's images, the ``photographs`` as the last rows. Raises GlicoError."""
    from glico.latent.morphs import Morphs

    _, rows = with_photographs(path, photographs)
    return Morphs(rows.images, rows.labels, rows.original, new=len(photographs))


def unregistered(path: Path, photographs: tuple[Photograph, ...], rows: tuple[int, ...]) -> "list[Images]":
    """Return the images of each class that a morph through ``rows`` needs, if they are not registered and too many to
    be registered while the page waits."""
    from glico.latent.morphs import stored_fields

    needed = morphs(path, photographs).needed(rows)
    return [images for images in needed if len(images) > AT_ONCE and stored_fields(images) is None]


def best_pairs(path: Path) -> list[tuple[int, int, float]]:
    """Return the pairs of rows that morph best, with their scores, among the classes that are registered."""
    return _best_pairs(path, _registered(path))


def _registered(path: Path) -> tuple[int, ...]:
    """Return the classes whose fields are kept."""
    from glico.latent.morphs import members, stored_fields

    images, labels = training(path).images, training(path).labels
    classes = range(min(len(checkpoint(path).class_names), CLASSES))
    own = {label: members(labels, label, len(labels)) for label in classes}
    return tuple(label for label, rows in own.items() if len(rows) > 1 and stored_fields(images[rows]) is not None)


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=BY_CONTENT)
def _best_pairs(path: Path, labels: tuple[int, ...]) -> list[tuple[int, int, float]]:
    with GENERATING:
        return morphs(path, ()).best_pairs(labels)
