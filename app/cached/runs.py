"""The files of runs, and the images that they would generate."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.cached.keys import BY_CONTENT, stamp
from glico.config import ClassifyConfig, augmentation_method
from glico.runs import pytorch_work, worker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from glico.arrays import Arrays
    from glico.augmentation.synthetic import Synthetic
    from glico.checkpoints.classifier_file import ClassifierFile
    from glico.runs.metrics import Metric, MetricsTail


def metrics(path: Path) -> "list[Metric]":
    """Return the metrics of the run in this folder so far. Only lines that are new since the last call are parsed."""
    tail, lock = _tail(str(path / "metrics.jsonl"))
    with lock:
        return tail.read()


def curve(path: Path, name: str) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return the steps (n,) at which the run in this folder has recorded the metric ``name``, and its values (n,)."""
    import numpy as np

    points = [(record["step"], record[name]) for record in metrics(path) if record.get(name) is not None]
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    return x, y


@st.cache_resource(max_entries=400, show_spinner=False)
def _tail(path: str) -> "tuple[MetricsTail, Lock]":
    from glico.runs.metrics import MetricsTail

    return MetricsTail(Path(path), thin=True), Lock()


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def run_preview(file: Path, kind: str) -> "Arrays | None":
    """Return the arrays of a run's preview.npz, or None if there is none yet or it cannot be read."""
    from glico.arrays import PREVIEWS, read_arrays

    return read_arrays(file, PREVIEWS[kind])


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def run_predictions(file: Path) -> "Arrays | None":
    """Return the arrays of a run's predictions.npz, or None if there is none yet or it cannot be read."""
    from glico.arrays import read_predictions

    return read_predictions(file)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def classifier_file(file: Path) -> "ClassifierFile":
    """Return the header of the classifier that a run trained. Raises GlicoError."""
    from glico.checkpoints.classifier_file import ClassifierFile

    return ClassifierFile.read(file)


@st.cache_resource(
    max_entries=8,
    show_spinner="Generating images …",
    hash_funcs=BY_CONTENT | {ClassifyConfig: lambda config: _generation(config)},
)
def synthetic(file: Path, per_class: int, seed: int, config: ClassifyConfig) -> "Synthetic":
    """Return ``per_class`` images of every class that ``config`` generates from this checkpoint. Raises GlicoError."""
    return worker.call(pytorch_work.synthesise, file, stamp(file), per_class, seed, _generation(config))


def _generation(config: ClassifyConfig) -> dict[str, Any]:
    """Return the settings that decide which images are generated."""
    detail = augmentation_method(config.augmentation).detail
    return {
        "path": config.path,
        "factors": config.interpolation_factors,
        "drawn_from": config.drawn_from,
        "detail": detail,
    }
