"""Photographs on the checkpoints: each is encoded once per checkpoint, for one session."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st

from app.cached.checkpoint_files import latent_space, opened
from app.cached.keys import stamp
from app.cached.training_images import originals, training
from app.session.photographs import Photograph
from glico.data.preparation import Preparation
from glico.runs import pytorch_work, worker

if TYPE_CHECKING:
    from glico.checkpoints.latent_space import LatentSpace
    from glico.checkpoints.opened import OpenCheckpoint
    from glico.latent.encoded import Encoding
    from glico.latent.path_analysis import TrainingImages
    from glico.types import Codes, Floats, Images

REMEMBERED = 64  # encodings: one for each photograph and checkpoint
ENCODINGS = "photographs_found"  # in the session

_one_at_a_time = Lock()  # a search uses all cores: those of other sessions wait


def encoding(
    path: Path, photograph: Photograph, progress: "Callable[[float, Codes], None] | None" = None
) -> "Encoding":
    """Return the photograph's code on the checkpoint in this file; ``progress`` gets the share done and the best code
    so far.

    A checkpoint that has neither its training errors nor its images is compared with those of its data set, if that is
    on this machine. Raises GlicoError.
    """
    known = _encodings()
    key = (stamp(path), photograph.digest)
    if key not in known:
        with _one_at_a_time:
            image, compared = training_image(photograph, latent_space(path)), _originals(path)
            report = progress or (lambda share, codes: None)
            result = worker.call(pytorch_work.encode, path, stamp(path), image, compared, progress=report)
        keep_encoding(path, photograph, result)
    return known[key]


def keep_encoding(path: Path, photograph: Photograph, encoding: "Encoding") -> None:
    """Keep the ``encoding`` of a photograph on the checkpoint in this file."""
    known = _encodings()
    known[(stamp(path), photograph.digest)] = encoding
    while len(known) > REMEMBERED:
        known.pop(next(iter(known)))


def _encodings() -> "dict[tuple[object, str], Encoding]":
    known: dict[tuple[object, str], Encoding] = st.session_state.setdefault(ENCODINGS, {})
    return known


def is_encoded(path: Path, photograph: Photograph) -> bool:
    """Return whether the photograph has been encoded on the checkpoint in this file."""
    return (stamp(path), photograph.digest) in st.session_state.get(ENCODINGS, {})


def training_image(photograph: Photograph, space: "LatentSpace") -> "Images":
    """Return the photograph in the shape of a checkpoint's training images, (1, H, W, C) uint8."""
    return photograph.pixels(Preparation.from_config(space.config, space.image_shape))


def morph_codes(path: Path, ends: "Codes", frames: "Floats") -> "Codes":
    """Return the codes (T, d) of a morph's ``frames`` (T, C, H, W) between codes (2, d). Raises GlicoError."""
    with _one_at_a_time:
        return worker.call(pytorch_work.codes_of_morph, path, stamp(path), _originals(path), ends, frames)


def _originals(path: Path) -> "Images | None":
    """Return the images with which a photograph is compared, if the checkpoint does not hold them."""
    from glico.latent.encoded import KEY

    space = latent_space(path)
    return originals(path) if space.images is None and KEY not in space.summary else None


def with_photographs(path: Path, photographs: tuple[Photograph, ...]) -> "tuple[OpenCheckpoint, TrainingImages]":
    """Return the checkpoint in this file and its training images, with ``photographs`` as the last rows of both.

    Raises GlicoError.
    """
    import numpy as np

    model, images = opened(path), training(path)
    if not photographs:
        return model, images
    space = model.space
    codes = np.concatenate([space.codes, *(encoding(path, each).codes for each in photographs)])
    none = np.full(len(photographs), -1)
    labels = np.concatenate([images.labels, none])
    pixels = np.concatenate([images.images, *(training_image(each, space) for each in photographs)])
    longer = replace(
        space, codes=codes, labels=labels, indices=np.concatenate([space.indices, none]), images=None, digests=None
    )
    return replace(model, space=longer), replace(images, codes=codes, labels=labels, images=pixels)
