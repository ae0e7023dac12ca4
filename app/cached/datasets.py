"""Data sets and small samples, each read once."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from app.cached.keys import stamp
from glico.config import DataConfig, TrainConfig
from glico.runs import pytorch_work, worker

if TYPE_CHECKING:
    from glico.data.dataset import Dataset, Sample
    from glico.data.duplicates import DatasetDuplicates
    from glico.data.preparation import Preparation
    from glico.data.sample import ClassSize
    from glico.evaluation.reference import Reference
    from glico.types import Images

# The fields of a configuration that say how its data set is read. Duplicates are left out afterwards.
READ_BY = (
    "dataset",
    "resolution",
    "colour",
    "fit",
    "value_range",
    "ground",
    "test_fraction",
    "groups",
    "unreadable",
)


def dataset(config: DataConfig) -> "Dataset":
    """Return the data set that a configuration names. Treat it as read-only: all sessions share it.

    Raises GlicoError, also if the data set would have to be downloaded.
    """
    if config.duplicates == "keep" and config.decisions is None:
        return _dataset(_read_by(config), _stamp(config.dataset))
    decided = _stamp(config.decisions or "")
    return _changed(_read_by(config), _stamp(config.dataset), config.duplicates, config.decisions, decided)


def decision_key(dataset: str) -> str:
    """Return the key of the decisions on a data set: its content (glico.data.decision_file). Raises GlicoError."""
    return _decision_key(dataset, _stamp(dataset))


def sample(config: DataConfig) -> "Sample":
    """Return the labelled part of the small sample that a configuration names. Raises GlicoError."""
    from glico.data import configured_sample

    return configured_sample(dataset(config), config.model_copy(update={"unlabelled": "none"}))


def class_sizes(config: DataConfig) -> "list[ClassSize]":
    """Return the number of images of every class, and of those in the small sample. Raises GlicoError."""
    from glico.data.sample import class_sizes

    return class_sizes(dataset(config), config)


def duplicates(config: DataConfig) -> "DatasetDuplicates | None":
    """Return the duplicates in the data set that a configuration names, whether it keeps them or not; None if they are
    not looked for, as in a known or a large data set. Raises GlicoError."""
    return _duplicates(_read_by(config), _stamp(config.dataset))


def references(config: TrainConfig, most: int) -> "list[Reference]":
    """Return the accuracies of the pretrained reference on the small sample of a training, on at most ``most`` test
    images. Raises GlicoError."""
    return _references(config.model_dump_json(), _stamp(config.dataset), _stamp(config.decisions or ""), most)


def examples(config: DataConfig, names: Sequence[str], preparations: "Sequence[Preparation]") -> "list[Images]":
    """Return some files of the data set at a path under each of the preparations. Raises GlicoError."""
    return _examples(config.dataset, tuple(names), tuple(preparations), _stamp(config.dataset))


def _read_by(config: DataConfig) -> tuple[Any, ...]:
    return tuple(getattr(config, name) for name in READ_BY)


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
def _dataset(read_by: tuple[Any, ...], stamp: str) -> "Dataset":
    from glico.data import DATASETS, load_configured

    config = DataConfig(**dict(zip(READ_BY, read_by, strict=True)))
    if config.dataset in DATASETS and DATASETS[config.dataset].by_pytorch:
        return worker.call(pytorch_work.read_dataset, config)
    return load_configured(config)


@st.cache_resource(max_entries=4, show_spinner="Reading the images …")
def _changed(
    read_by: tuple[Any, ...], stamp: str, duplicates: Literal["keep", "leave-out"], decisions: str | None, decided: str
) -> "Dataset":
    from glico.data.catalogue import as_configured

    config = DataConfig(**dict(zip(READ_BY, read_by, strict=True)), duplicates=duplicates, decisions=decisions)
    return as_configured(_dataset(read_by, stamp), config)


@st.cache_data(max_entries=64, show_spinner=False)
def _decision_key(dataset: str, stamp: str) -> str:
    from glico.data.decision_file import content_key

    return content_key(dataset)


@st.cache_resource(max_entries=8, show_spinner="Looking for duplicates …")
def _duplicates(read_by: tuple[Any, ...], stamp: str) -> "DatasetDuplicates | None":
    from glico.data.duplicates import duplicates_of
    from glico.training.cautions import are_compared

    loaded = _dataset(read_by, stamp)
    return duplicates_of(loaded) if are_compared(loaded) else None


@st.cache_data(max_entries=64, show_spinner="Computing the pretrained features …")
def _references(config: str, stamp: str, decided: str, most: int) -> "list[Reference]":
    return worker.call(pytorch_work.references, TrainConfig.model_validate_json(config), most)


@st.cache_resource(max_entries=16, show_spinner="Preparing a few images …")
def _examples(
    dataset: str, names: tuple[str, ...], preparations: "tuple[Preparation, ...]", stamp: str
) -> "list[Images]":
    from glico.data.examples import examples

    return examples(dataset, names, preparations)
