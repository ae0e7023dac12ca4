"""Photographs on the checkpoints: each is encoded once per checkpoint, for one session."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st

from app.cached.checkpoint_files import checkpoint
from app.cached.keys import BY_CONTENT, stamp
from app.cached.training_images import originals, training
from app.session.photographs import Photograph
from glico.data.preparation import Preparation

if TYPE_CHECKING:
    from torch import Tensor

    Progress = Callable[[float, Tensor], None]

    from glico.checkpoints.checkpoint import Checkpoint
    from glico.latent.encode import Encoder, Encoding
    from glico.latent.path_analysis import TrainingImages
    from glico.types import Images

REMEMBERED = 64  # encodings: one for each photograph and checkpoint
ENCODINGS = "photographs_found"  # in the session

_one_at_a_time = Lock()  # a search uses all cores: those of other sessions wait


def encoding(
    path: Path, photograph: Photograph, progress: "Callable[[float, Tensor], None] | None" = None
) -> "Encoding":
    """Return the photograph's code on the checkpoint in this file; ``progress`` gets the share done and the best code
    so far.

    Raises GlicoError.
    """
    known: dict[tuple[object, str], Encoding] = st.session_state.setdefault(ENCODINGS, {})
    key = (stamp(path), photograph.digest)
    if key not in known:
        with _one_at_a_time:
            searching = encoder(path)
            image = training_image(photograph, searching.checkpoint)
            known[key] = searching.encode(image, progress=progress)
        while len(known) > REMEMBERED:
            known.pop(next(iter(known)))
    return known[key]


def is_encoded(path: Path, photograph: Photograph) -> bool:
    """Return whether the photograph has been encoded on the checkpoint in this file."""
    return (stamp(path), photograph.digest) in st.session_state.get(ENCODINGS, {})


def training_image(photograph: Photograph, checkpoint: "Checkpoint") -> "Images":
    """Return the photograph in the shape of the checkpoint's training images, (1, H, W, C) uint8."""
    return photograph.pixels(Preparation.from_config(checkpoint.config, checkpoint.image_shape))


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_CONTENT)
def encoder(path: Path) -> "Encoder":
    """Return the encoder for the checkpoint in this file.

    A checkpoint that has neither its training errors nor its images gets those of its data set, if that is on this
    machine.
    """
    import torch

    from glico.latent.encode import KEY, Encoder

    model = checkpoint(path)
    if model.images is None and KEY not in model.summary and (images := originals(path)) is not None:
        model = replace(model, images=torch.from_numpy(images))
    return Encoder(model)


def with_photographs(path: Path, photographs: tuple[Photograph, ...]) -> "tuple[Checkpoint, TrainingImages]":
    """Return the checkpoint in this file and its training images, with ``photographs`` as the last rows of both.

    Raises GlicoError.
    """
    import numpy as np
    import torch

    model, images = checkpoint(path), training(path)
    if not photographs:
        return model, images
    codes = torch.cat([model.codes, *(encoding(path, each).codes for each in photographs)])
    labels = np.concatenate([images.labels, np.full(len(photographs), -1)])
    pixels = np.concatenate([images.images, *(training_image(each, model) for each in photographs)])
    indices = torch.cat([model.indices, torch.full((len(photographs),), -1)])
    return (
        replace(model, codes=codes, labels=torch.from_numpy(labels), indices=indices, images=None, digests=None),
        replace(images, codes=codes, labels=labels, images=pixels),
    )
