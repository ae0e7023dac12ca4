"""Data sets and small samples, each read once."""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.cached.keys import stamp
from glico.config import DataConfig

if TYPE_CHECKING:
    from glico.data.dataset import Dataset, Sample
    from glico.data.sample import ClassSize


def dataset(config: DataConfig) -> "Dataset":
    """Return the data set that a configuration names. Treat it as read-only: all sessions share it.

    Raises GlicoError, also if the data set would have to be downloaded.
    """
    return _dataset(
        config.dataset, config.resolution, config.colour, config.test_fraction, config.unreadable,
        _stamp(config.dataset),
    )  # fmt: skip


def sample(config: DataConfig) -> "Sample":
    """Return the labelled part of the small sample that a configuration names. Raises GlicoError."""
    from glico.data import configured_sample

    return configured_sample(dataset(config), config.model_copy(update={"unlabelled": "none"}))


def class_sizes(config: DataConfig) -> "list[ClassSize]":
    """Return the number of images of every class, and of those in the small sample. Raises GlicoError."""
    from glico.data.sample import class_sizes

    return class_sizes(dataset(config), config)


def _stamp(name: str) -> str:
    """Return a text that changes when the data at a path do, from file names, sizes and times; empty for a known
    name."""
    path = Path(name).expanduser()
    if path.is_file():
        return str(stamp(path))
    if not path.is_dir():
        return ""
    digest = hashlib.sha256()
    for folder, _, files in os.walk(path):
        for file in sorted(files):
            stat = os.stat(os.path.join(folder, file))
            digest.update(f"{folder}/{file} {stat.st_size} {stat.st_mtime_ns}".encode(errors="surrogateescape"))
    return digest.hexdigest()


@st.cache_resource(max_entries=4, show_spinner="Reading the images …")
def _dataset(
    name: str, resolution: int | None, colour: Any, test_fraction: float, unreadable: Any, stamp: str
) -> "Dataset":
    from glico.data import load_dataset

    return load_dataset(name, resolution, colour, test_fraction=test_fraction, unreadable=unreadable)
