"""Photographs that a person brings: in memory, for the session alone; found once on the sphere of each checkpoint."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st

from app import cached
from app.cached.keys import BY_CONTENT, stamp
from app.session import public
from glico.data.images import ImageFile, read_images
from glico.data.text import plain_text
from glico.errors import GlicoError

if TYPE_CHECKING:
    from torch import Tensor

    from glico.checkpoints.checkpoint import Checkpoint
    from glico.data.dataset import Images
    from glico.latent.encode import Encoded, Encoder
    from glico.latent.path_analysis import TrainingImages

MOST = 8  # that are kept at once
LARGEST = 10 * 2**20  # bytes of one
REMEMBERED = 64  # codes: of a photograph on a checkpoint
KEPT, FOUND, TAKEN = "photographs", "photographs_found", "photographs_taken"  # in the session

_one_at_a_time = Lock()  # a search takes all cores: those of other sessions wait


@dataclass(frozen=True)
class Photograph:
    """An image file as it came, known by its content's ``digest``."""

    name: str
    content: bytes
    digest: str


def kept() -> tuple[Photograph, ...]:
    """The session's photographs, in the order in which they came."""
    return tuple(st.session_state.get(KEPT, ()))


def take(name: str, content: bytes) -> Photograph:
    """Keep a photograph, once. Raises GlicoError where it is none, too large, or one too many."""
    photograph = Photograph(plain_text(name, 80), content, hashlib.sha256(content).hexdigest())
    if photograph.digest in {each.digest for each in kept()}:
        return photograph
    if len(content) > LARGEST:
        raise GlicoError(f"{photograph.name} is larger than {LARGEST // 2**20} MiB: give a smaller photograph.")
    if len(kept()) >= MOST:
        raise GlicoError(f"The maps hold {MOST} photographs: remove one first.")
    taken = st.session_state.get(TAKEN, 0)
    if public.is_public() and taken >= public.PHOTOGRAPHS_EACH:
        raise GlicoError(f"A visitor brings {public.PHOTOGRAPHS_EACH} photographs, and you have.")
    _squares(photograph, 8, 3)  # raises where it cannot be read
    st.session_state[TAKEN] = taken + 1
    st.session_state[KEPT] = (*kept(), photograph)
    return photograph


def forget(photograph: Photograph) -> None:
    """Keep it no longer."""
    st.session_state[KEPT] = tuple(each for each in kept() if each != photograph)


def prepared(photograph: Photograph, checkpoint: "Checkpoint") -> "Images":
    """The photograph as the checkpoint's training images are, (1, H, W, C) uint8."""
    resolution, _, channels = checkpoint.image_shape
    return _squares(photograph, resolution, channels)


def found(path: Path, photograph: Photograph, forming: "Callable[[float, Tensor], None] | None" = None) -> "Encoded":
    """What the search on the checkpoint in this file found; ``forming`` is told how far it is and the best code so far.

    Raises GlicoError.
    """
    known: dict[tuple[object, str], Encoded] = st.session_state.setdefault(FOUND, {})
    key = (stamp(path), photograph.digest)
    if key not in known:
        with _one_at_a_time:
            searching = encoder(path)
            known[key] = searching.encode(prepared(photograph, searching.checkpoint), progress=forming)
        while len(known) > REMEMBERED:
            known.pop(next(iter(known)))
    return known[key]


def is_found(path: Path, photograph: Photograph) -> bool:
    """Whether the search was done."""
    return (stamp(path), photograph.digest) in st.session_state.get(FOUND, {})


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_CONTENT)
def encoder(path: Path) -> "Encoder":
    """What looks for codes on the checkpoint in this file. One that says nothing of its training images' errors, and
    holds no images, is given those of its data set, where that is at hand."""
    import torch

    from glico.latent.encode import KEY, Encoder

    checkpoint = cached.checkpoint(path)
    if checkpoint.images is None and KEY not in checkpoint.summary and (images := cached.originals(path)) is not None:
        checkpoint = replace(checkpoint, images=torch.from_numpy(images))
    return Encoder(checkpoint)


def joined(path: Path, brought: tuple[Photograph, ...]) -> "tuple[Checkpoint, TrainingImages]":
    """The checkpoint in this file, and what its paths are compared with, ``brought`` among them as the last rows.

    Raises GlicoError.
    """
    import numpy as np
    import torch

    checkpoint, training = cached.checkpoint(path), cached.training(path)
    if not brought:
        return checkpoint, training
    codes = torch.cat([checkpoint.codes, *(found(path, each).codes for each in brought)])
    labels = np.concatenate([training.labels, np.full(len(brought), -1)])
    images = np.concatenate([training.images, *(prepared(each, checkpoint) for each in brought)])
    indices = torch.cat([checkpoint.indices, torch.full((len(brought),), -1)])
    return (
        replace(checkpoint, codes=codes, labels=torch.from_numpy(labels), indices=indices, images=None, digests=None),
        replace(training, codes=codes, labels=labels, images=images),
    )


def _squares(photograph: Photograph, resolution: int, channels: int) -> "Images":
    file = ImageFile(photograph.name, partial(BytesIO, photograph.content))
    return read_images([file], resolution, "grey" if channels == 1 else "rgb").images
