"""Checkpoints: the list of all, and each opened once."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.cached.keys import BY_CONTENT, stamp
from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.places import SHIPPED, runs_directory
from glico.runs import pytorch_work, worker
from glico.runs.naming import About, telling_names

if TYPE_CHECKING:
    from glico.checkpoints.latent_space import LatentSpace
    from glico.checkpoints.opened import OpenCheckpoint
    from glico.types import Codes, Floats


@dataclass(frozen=True)
class CheckpointFile:
    """A checkpoint on disk: ``key`` identifies it in the URL, ``title`` on the page; ``config`` is from its header.

    ``about`` are a person's name, notes and tags. Without a name, the title is made from the settings that differ.
    """

    key: str
    title: str
    path: Path
    config: TrainConfig
    about: About = field(default_factory=About)

    @property
    def shipped(self) -> bool:
        """Whether it came with the program: such a checkpoint is neither renamed nor removed."""
        return self.path.parent == SHIPPED

    def same_sample(self, other: "CheckpointFile") -> bool:
        """Return whether both were trained on the same images, so that row i of one is row i of the other."""
        names = (
            "dataset",
            "resolution",
            "colour",
            "samples_per_class",
            "per_class",
            "seed",
            "unlabelled",
            "unlabelled_limit",
        )
        alike = all(getattr(self.config, name) == getattr(other.config, name) for name in names)
        return alike and (own := sample_digest(self.path)) is not None and own == sample_digest(other.path)


def checkpoints() -> list[CheckpointFile]:
    """Return all checkpoints: the shipped ones by name, then those of runs, newest first."""
    shipped = sorted(SHIPPED.glob("*.safetensors"), key=lambda path: path.stem, reverse=True)
    runs = sorted(runs_directory().glob("*/checkpoint.safetensors"), key=lambda path: path.parent.name, reverse=True)
    files: list[tuple[str, Path, TrainConfig]] = []
    for path in [*shipped, *runs]:
        config = trained_with(path)
        if config is not None:
            files.append((path.stem if path in shipped else path.parent.name, path, config))
    abouts = [About() if path in shipped else About.read(path.parent) for _, path, _ in files]
    names = _names(tuple(config for *_, config in files))
    return [
        CheckpointFile(key, about.name or name, path, config, about)
        for (key, path, config), about, name in zip(files, abouts, names, strict=True)
    ]


@lru_cache(maxsize=8)
def _names(configs: tuple[TrainConfig, ...]) -> list[str]:
    return telling_names(configs)


@st.cache_resource(max_entries=2000, show_spinner=False, hash_funcs=BY_CONTENT)
def trained_with(path: Path) -> TrainConfig | None:
    """Return the configuration in a checkpoint's header without reading its tensors; None if it cannot be read."""
    from glico.checkpoints import latent_space

    try:
        return latent_space.trained_with(path)
    except GlicoError:
        return None


@st.cache_resource(max_entries=2000, show_spinner=False, hash_funcs=BY_CONTENT)
def sample_digest(path: Path) -> str | None:
    """Return the identity of a checkpoint's small sample; None if the file cannot be read."""
    from glico.checkpoints import latent_space

    try:
        return latent_space.sample_digest(path)
    except GlicoError:
        return None


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def latent_space(path: Path) -> "LatentSpace":
    """Return the checkpoint without its networks, read without PyTorch. Treat it as read-only. Raises GlicoError."""
    from glico.checkpoints.latent_space import LatentSpace

    return LatentSpace.load(path)


@st.cache_resource(max_entries=8, show_spinner="Opening the checkpoint …", hash_funcs=BY_CONTENT)
def opened(path: Path) -> "OpenCheckpoint":
    """Return the checkpoint with its networks. Treat it as read-only. Raises GlicoError."""
    from glico.checkpoints.opened import OpenCheckpoint

    return OpenCheckpoint.load(path, latent_space(path), WorkersClassifier)


class WorkersClassifier:
    """The weak classifier of the checkpoint at ``path``, a network that PyTorch alone builds, in the worker."""

    sees_images = True

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, images: "Floats", codes: "Codes") -> "Floats":
        """Return the probabilities (B, K) of ``images`` (B, C, H, W) generated from ``codes`` (B, d)."""
        return worker.call(pytorch_work.probabilities, self.path, stamp(self.path), images, codes)
