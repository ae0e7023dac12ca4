"""What runs write and leave, what they would draw, and how fast they would be."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import streamlit as st

from app.cached.checkpoint_files import opened
from app.cached.times import time_of
from glico.config import ClassifyConfig, TrainConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glico.augmentation.synthetic import Synthetic
    from glico.checkpoints.trained_classifier import TrainedClassifier
    from glico.config import PathName
    from glico.runs.metrics import Metric, MetricsTail
    from glico.runs.pace import Pace


PACE_SECONDS = 120  # after which a machine may be busier, or quieter, than it was


def metrics(path: Path) -> "list[Metric]":
    """The metrics of the run in this folder so far; only what is new since the last look is parsed."""
    tail, lock = _tail(str(path / "metrics.jsonl"))
    with lock:
        return tail.read()


def trained_classifier(file: Path) -> "TrainedClassifier":
    """The classifier that a run left. Raises GlicoError."""
    return _trained_classifier(str(file), time_of(file))


def synthetic(file: Path, per_class: int, seed: int, config: ClassifyConfig) -> "Synthetic":
    """What ``config`` draws from this checkpoint's latent space, of every class as many. Raises GlicoError."""
    how = (config.path, config.interpolation_factors, config.drawn_from)
    return _synthetic(str(file), time_of(file), per_class, seed, *how)


def arrays(file: Path) -> "dict[str, NDArray[Any]] | None":
    """What an .npz file of a run folder holds, by name; None where there is none yet or it cannot be read."""
    return _arrays(str(file), time_of(file)) if file.exists() else None


def pace(config: ClassifyConfig | TrainConfig) -> "Pace":
    """How fast runs of this configuration go on this machine, whatever their seed and length. Raises GlicoError."""
    if isinstance(config, TrainConfig):
        return _pace(config.model_copy(update={"seed": 0}).model_dump_json(), "train", 0)
    alike = config.model_copy(update={"seed": 0, "steps": 1000, "evaluations": 1})
    return _pace(alike.model_dump_json(), "classify", time_of(Path(config.checkpoint)))


@st.cache_resource(max_entries=400, show_spinner=False)
def _tail(path: str) -> "tuple[MetricsTail, Lock]":
    from glico.runs.metrics import MetricsTail

    return MetricsTail(Path(path)), Lock()


@st.cache_data(max_entries=200, ttl=PACE_SECONDS, show_spinner=False)
def _pace(config: str, kind: str, time: int) -> "Pace":
    from glico.runs.kinds import KINDS
    from glico.runs.pace import measure_pace

    return measure_pace(KINDS[kind].config.model_validate_json(config))


@st.cache_data(max_entries=64, show_spinner=False)
def _arrays(path: str, time: int) -> "dict[str, NDArray[Any]] | None":
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        return None


@st.cache_resource(max_entries=8, show_spinner="Opening the classifier …")
def _trained_classifier(path: str, time: int) -> "TrainedClassifier":
    from glico.checkpoints.trained_classifier import TrainedClassifier

    return TrainedClassifier.load(Path(path))


@st.cache_resource(max_entries=8, show_spinner="Drawing images …")
def _synthetic(
    path: str, time: int, per_class: int, seed: int, walk: "PathName", factors: tuple[float, ...],
    drawn_from: tuple[int, ...],
) -> "Synthetic":  # fmt: skip
    from glico.augmentation.synthetic import synthesise

    return synthesise(opened(path, time), per_class, seed, path=walk, factors=factors, drawn_from=drawn_from)
