"""What runs write and leave, what they would generate, and how fast they would be."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import streamlit as st

from app.cached.checkpoint_files import checkpoint
from app.cached.keys import BY_CONTENT, stamp
from glico.config import DETAILED, ClassifyConfig, TrainConfig
from glico.files import open_regular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glico.augmentation.synthetic import Synthetic
    from glico.checkpoints.trained_classifier import TrainedClassifier
    from glico.runs.metrics import Metric, MetricsTail
    from glico.runs.pace import Pace


PACE_SECONDS = 120  # after which a machine may be busier, or quieter, than it was


def metrics(path: Path) -> "list[Metric]":
    """The metrics of the run in this folder so far; only what is new since the last look is parsed."""
    tail, lock = _tail(str(path / "metrics.jsonl"))
    with lock:
        return tail.read()


@st.cache_resource(max_entries=400, show_spinner=False)
def _tail(path: str) -> "tuple[MetricsTail, Lock]":
    from glico.runs.metrics import MetricsTail

    return MetricsTail(Path(path), thin=True), Lock()


def _alike(config: ClassifyConfig | TrainConfig) -> ClassifyConfig | TrainConfig:
    """The configuration whose pace is this one's too: seeds and length do not matter."""
    if isinstance(config, TrainConfig):
        return config.model_copy(update={"seed": 0})
    return config.model_copy(update={"seed": 0, "steps": 1000, "evaluations": 1})


@st.cache_data(
    max_entries=200, ttl=PACE_SECONDS, show_spinner=False,
    hash_funcs={
        TrainConfig: lambda config: _alike(config).model_dump_json(),
        ClassifyConfig: lambda config: (_alike(config).model_dump_json(), stamp(Path(config.checkpoint))),
    },
)  # fmt: skip
def pace(config: ClassifyConfig | TrainConfig) -> "Pace":
    """How fast runs of this configuration go on this machine, whatever their seed and length. Raises GlicoError."""
    from glico.runs.pace import measure_pace

    return measure_pace(_alike(config))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def arrays(file: Path) -> "dict[str, NDArray[Any]] | None":
    """What an .npz file of a run folder holds, by name; None where there is none yet or it cannot be read."""
    import numpy as np

    try:
        with open_regular(file, "arrays_mib") as opened, np.load(opened, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        return None


@st.cache_resource(max_entries=8, show_spinner="Opening the classifier …", hash_funcs=BY_CONTENT)
def trained_classifier(file: Path) -> "TrainedClassifier":
    """The classifier that a run left. Raises GlicoError."""
    from glico.checkpoints.trained_classifier import TrainedClassifier

    return TrainedClassifier.load(file)


@st.cache_resource(
    max_entries=8, show_spinner="Generating images …",
    hash_funcs=BY_CONTENT | {ClassifyConfig: lambda config: _drawing(config)},
)  # fmt: skip
def synthetic(file: Path, per_class: int, seed: int, config: ClassifyConfig) -> "Synthetic":
    """What ``config`` generates from this checkpoint's latent space, as many of every class. Raises GlicoError."""
    from glico.augmentation.synthetic import synthesise

    return synthesise(checkpoint(file), per_class, seed, **_drawing(config))


def _drawing(config: ClassifyConfig) -> dict[str, Any]:
    """What of a configuration decides what is generated."""
    detail = config.augmentation in DETAILED
    return {
        "path": config.path, "factors": config.interpolation_factors, "drawn_from": config.drawn_from, "detail": detail,
    }  # fmt: skip
