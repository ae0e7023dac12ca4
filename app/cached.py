"""Every cache of the app. What is cached is named by its content or by its file's time, so it is never stale."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from zipfile import BadZipFile

import streamlit as st

from glico.config import ClassifyConfig, DataConfig, ProjectConfig, TrainConfig
from glico.places import SHIPPED, runs_directory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from app.components.latent_map import Content as MapContent
    from app.mapping.content import Side
    from glico.augmentation.synthetic import Synthetic
    from glico.config import PathName
    from glico.data.dataset import Dataset, Images, Sample
    from glico.latent.path_analysis import NoiseName, PathAnalysis, Steps, TrainingImages
    from glico.latent.projection_cache import Projection
    from glico.latent.structure import Estimate
    from glico.runs.checkpoint import Checkpoint
    from glico.runs.metrics import Metric, MetricsTail
    from glico.runs.pace import Pace
    from glico.runs.trained_classifier import TrainedClassifier
    from glico.web.scrubber.content import Content
    from glico.web.sprite import Sprite


@dataclass(frozen=True)
class CheckpointFile:
    """A checkpoint on disk: ``key`` names it in the URL, ``title`` on the page; ``config`` is from its header."""

    key: str
    title: str
    path: Path
    config: TrainConfig

    def same_sample(self, other: "CheckpointFile") -> bool:
        """Whether both were trained on the same images: the row i of one is the row i of the other."""
        names = ("dataset", "resolution", "colour", "samples_per_class", "seed", "unlabelled", "unlabelled_limit")
        return all(getattr(self.config, name) == getattr(other.config, name) for name in names)


def checkpoints() -> list[CheckpointFile]:
    """Every checkpoint: those that the repository ships, by name, then those of runs, newest first."""
    shipped = sorted(SHIPPED.glob("*.safetensors"), key=lambda path: path.stem, reverse=True)
    runs = sorted(runs_directory().glob("*/checkpoint.safetensors"), key=lambda path: path.parent.name, reverse=True)
    found = []
    for path in [*shipped, *runs]:
        key = path.stem if path in shipped else path.parent.name
        try:
            config = _config(str(path), path.stat().st_mtime_ns)
        except OSError:  # deleted in between
            continue
        if config is not None:
            found.append(CheckpointFile(key, key if path in shipped else _title(config, key), path, config))
    return found


def trained_with(path: Path) -> TrainConfig | None:
    """The configuration that a checkpoint was trained with; None where the file is gone or cannot be read."""
    return _config(str(path), _time(path)) if path.exists() else None


def checkpoint(path: Path) -> "Checkpoint":
    """The checkpoint in this file, read once. Treat it as read-only. Raises GlicoError."""
    return _checkpoint(str(path), _time(path))


def decoder(path: Path) -> "Callable[..., Tensor]":
    """The checkpoint's generator, ready: (B, d) codes -> (B, C, H, W) in [0, 1]. Raises GlicoError."""
    return _decoder(str(path), _time(path))


def training(path: Path) -> "TrainingImages":
    """What the frames of this checkpoint's paths are compared with. Raises GlicoError."""
    return _training(str(path), _time(path))


def paths(
    path: Path, rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "tuple[dict[PathName, PathAnalysis], Content]":
    """slerp and lerp through the codes ``rows``, measured, and as the scrubber shows them. Raises GlicoError."""
    return _paths(str(path), _time(path), rows, frames, noise, seed)


def thumbnails(path: Path, label: int | None) -> "Sprite":
    """The training images of this checkpoint in small, those of one class or (None) all, as tiles in their order."""
    return _thumbnails(str(path), _time(path), label)


def reconstructions(path: Path) -> "tuple[Images, NDArray[np.float32]]":
    """Every training image as the generator draws it, (n, H, W, C) uint8, and its error (n,) in grey levels."""
    return _reconstructions(str(path), _time(path))


def map_images(path: Path) -> "Images":
    """The images of a checkpoint's codes, (n, H, W, C) uint8; where it holds none, as its generator draws them."""
    return _map_images(str(path), _time(path))


def map_sheet(path: Path) -> "Sprite":
    """Thumbnails of ``map_images``, as many pixels as a graphics card takes."""
    return _map_sheet(str(path), _time(path))


def quick_projection(sides: "Sequence[Side]", config: ProjectConfig) -> "Projection":
    """A projection that is computed at once, in the page. Raises GlicoError."""
    return _quick_projection(_named(sides), config.model_dump_json())


def preview(sides: "Sequence[Side]", components: Literal[2, 3]) -> "Projection":
    """The PCA that is seen while another projection is at work. Raises GlicoError."""
    return _preview(_named(sides), components)


def map_content(
    sides: "Sequence[Side]", projection: "Projection", name: str, config: ProjectConfig, with_film: bool
) -> "MapContent":
    """What the latent map draws of a projection that has this ``name``. Raises GlicoError."""
    return _map_content(_named(sides), projection, name, config.model_dump_json(), with_film)


def structure(sides: "Sequence[Side]") -> "tuple[list[dict[str, Estimate]], dict[str, Estimate] | None]":
    """How far the codes of each side form classes, and last side − first. Raises GlicoError."""
    return _structure(_named(sides))


def dataset(config: DataConfig) -> "Dataset":
    """The data set that a configuration names, read once and shared: treat it as read-only.

    Raises GlicoError, also where it would need a download.
    """
    return _dataset(config.dataset, config.resolution, config.colour, config.test_fraction, _stamp(config.dataset))


def sample(config: DataConfig) -> "Sample":
    """The labelled part of the small sample that a configuration names. Raises GlicoError."""
    from glico.data import small_sample

    return small_sample(dataset(config), config.samples_per_class, config.seed, index_file=config.index_file)


def metrics(path: Path) -> "list[Metric]":
    """The metrics of the run in this folder so far; only what is new since the last look is parsed."""
    tail, lock = _tail(str(path / "metrics.jsonl"))
    with lock:
        return tail.read()


def trained_classifier(file: Path) -> "TrainedClassifier":
    """The classifier that a run left. Raises GlicoError."""
    return _trained_classifier(str(file), _time(file))


def synthetic(path: Path, per_class: int, seed: int, walk: "PathName", drawn_from: tuple[int, ...] = ()) -> "Synthetic":
    """Images drawn from this checkpoint's latent space, of every class as many. Raises GlicoError."""
    return _synthetic(str(path), _time(path), per_class, seed, walk, drawn_from)


def arrays(file: Path) -> "dict[str, NDArray[Any]] | None":
    """What an .npz file of a run folder holds, by name; None where there is none yet or it cannot be read."""
    return _arrays(str(file), _time(file)) if file.exists() else None


@st.cache_resource(max_entries=400, show_spinner=False)
def _tail(path: str) -> "tuple[MetricsTail, Lock]":
    from glico.runs.metrics import MetricsTail

    return MetricsTail(Path(path)), Lock()


def pace(config: ClassifyConfig) -> "Pace":
    """How fast runs of this configuration go on this machine, whatever their seed and length. Raises GlicoError."""
    alike = config.model_copy(update={"seed": 0, "steps": 1000, "evaluations": 1})
    return _pace(alike.model_dump_json(), _time(Path(config.checkpoint)))


@st.cache_data(max_entries=200, show_spinner=False)
def _pace(config: str, time: int) -> "Pace":
    from glico.runs.pace import measure_pace

    return measure_pace(ClassifyConfig.model_validate_json(config))


def _stamp(name: str) -> str:
    """What changes when the data at a path do: names, sizes and times below it; nothing for a known name."""
    path = Path(name).expanduser()
    if path.is_file():
        return str(_time(path))
    if not path.is_dir():
        return ""
    seen = hashlib.sha256()
    for folder, _, files in os.walk(path):
        for file in sorted(files):
            stat = os.stat(os.path.join(folder, file))
            seen.update(f"{folder}/{file} {stat.st_size} {stat.st_mtime_ns}".encode(errors="surrogateescape"))
    return seen.hexdigest()


@st.cache_resource(max_entries=4, show_spinner="Reading the images …")
def _dataset(name: str, resolution: int | None, colour: Any, test_fraction: float, stamp: str) -> "Dataset":
    from glico.data import load_dataset

    return load_dataset(name, resolution, colour, test_fraction=test_fraction)


def _time(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _title(config: TrainConfig, run: str) -> str:
    """A run's checkpoint in words: data set, objective, samples a class, and the run."""
    return f"{Path(config.dataset).stem} · {config.objective} · {config.samples_per_class} a class · {run}"


@st.cache_data(max_entries=2000, show_spinner=False)
def _config(path: str, time: int) -> TrainConfig | None:
    """The configuration in a checkpoint's header, without reading its tensors; None where it cannot be read."""
    from pydantic import ValidationError
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return TrainConfig.model_validate_json((file.metadata() or {})["config"])
    except (OSError, SafetensorError, ValidationError, KeyError):
        return None


@st.cache_resource(max_entries=8, show_spinner="Opening the checkpoint …")
def _checkpoint(path: str, time: int) -> "Checkpoint":
    from glico.runs.checkpoint import Checkpoint

    return Checkpoint.load(path)


@st.cache_resource(max_entries=8, show_spinner=False)
def _decoder(path: str, time: int) -> "Callable[..., Tensor]":
    return _checkpoint(path, time).decoder("cpu")


@st.cache_data(max_entries=64, show_spinner=False)
def _arrays(path: str, time: int) -> "dict[str, NDArray[Any]] | None":
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _training(path: str, time: int) -> "TrainingImages":
    from glico.latent.measured_paths import compared_with

    return compared_with(_checkpoint(path, time), _decoder(path, time))


@st.cache_resource(max_entries=8, show_spinner=False)
def _thumbnails(path: str, time: int, label: int | None) -> "Sprite":
    from app.components.image_picker import LARGEST
    from glico.web.sprite import sprite

    compared = _training(path, time)
    return sprite(compared.images if label is None else compared.images[compared.labels == label], LARGEST)


@st.cache_resource(max_entries=4, show_spinner="Drawing the reconstructions …")
def _reconstructions(path: str, time: int) -> "tuple[Images, NDArray[np.float32]]":
    from glico.latent.path_analysis import pixel_distance, to_float, to_uint8

    drawn = _decoder(path, time)(_checkpoint(path, time).codes)
    return to_uint8(drawn), pixel_distance(drawn, to_float(_training(path, time).images)).numpy()


@st.cache_resource(max_entries=12, show_spinner="Drawing the frames …")
def _paths(
    path: str, time: int, rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "tuple[dict[PathName, PathAnalysis], Content]":
    from glico.latent.measured_paths import measured_paths
    from glico.web.scrubber.content import described_paths

    model, decode, compared = _checkpoint(path, time), _decoder(path, time), _training(path, time)
    name, feature_steps = _feature_distance(path, time)
    measured = measured_paths(model, decode, compared, rows, frames, noise, seed, feature_steps)
    return measured, described_paths(model, decode, compared, rows, measured, name)


@st.cache_resource(max_entries=4, show_spinner=False)
def _feature_distance(path: str, time: int) -> "tuple[str, Steps]":
    from glico.latent.path_analysis import feature_distance

    model = _checkpoint(path, time)
    return feature_distance(model.config, model.image_shape[0])


SideName = tuple[str, str, str, int, int | None]  # a Side's key, title and path, its file's time, and snapshot


def _named(sides: "Sequence[Side]") -> tuple[SideName, ...]:
    return tuple((side.key, side.title, str(side.path), _time(side.path), side.snapshot) for side in sides)


@st.cache_resource(max_entries=8, show_spinner=False)
def _map_images(path: str, time: int) -> "Images":
    model = _checkpoint(path, time)
    if model.images is not None:
        return model.images.numpy()
    from glico.latent.path_analysis import to_uint8

    return to_uint8(_decoder(path, time)(model.codes))


@st.cache_resource(max_entries=8, show_spinner=False)
def _map_sheet(path: str, time: int) -> "Sprite":
    from app.mapping.content import LARGEST
    from glico.web.sprite import sprite

    return sprite(_map_images(path, time), LARGEST)


@st.cache_resource(max_entries=16, show_spinner=False)
def _quick_projection(sides: tuple[SideName, ...], config: str) -> "Projection":
    from app.mapping.content import codes_of
    from glico.runs.projecting import compute

    codes = [codes_of(_checkpoint(path, time), snapshot) for _, _, path, time, snapshot in sides]
    return compute(codes, ProjectConfig.model_validate_json(config))


@st.cache_resource(max_entries=16, show_spinner=False)
def _preview(sides: tuple[SideName, ...], components: Literal[2, 3]) -> "Projection":
    from app.mapping.content import codes_of
    from glico.runs import projecting

    return projecting.preview([codes_of(_checkpoint(path, time), shot) for _, _, path, time, shot in sides], components)


@st.cache_resource(max_entries=16, show_spinner="Laying out the training …")
def _map_content(
    sides: tuple[SideName, ...], _projection: "Projection", name: str, config: str, with_film: bool
) -> "MapContent":
    from app.mapping.content import Side, content

    return content(
        [Side(key, title, Path(path), snapshot) for key, title, path, _, snapshot in sides],
        [_checkpoint(path, time) for _, _, path, time, _ in sides],
        _projection,
        ProjectConfig.model_validate_json(config),
        _map_sheet(*sides[-1][2:4]),
        with_film,
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _structure(sides: tuple[SideName, ...]) -> "tuple[list[dict[str, Estimate]], dict[str, Estimate] | None]":
    from app.mapping.content import codes_of
    from glico.latent.structure import differences, per_image
    from glico.latent.structure import structure as estimated

    models = [(_checkpoint(path, time), snapshot) for _, _, path, time, snapshot in sides]
    measured = [per_image(codes_of(model, snapshot), model.labels.numpy()) for model, snapshot in models]
    return [estimated(each) for each in measured], differences(measured[-1], measured[0]) if len(sides) > 1 else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _trained_classifier(path: str, time: int) -> "TrainedClassifier":
    from glico.runs.trained_classifier import TrainedClassifier

    return TrainedClassifier.load(Path(path))


@st.cache_resource(max_entries=8, show_spinner="Drawing images …")
def _synthetic(
    path: str, time: int, per_class: int, seed: int, walk: "PathName", drawn_from: tuple[int, ...]
) -> "Synthetic":
    from glico.augmentation.synthetic import synthesise

    return synthesise(_checkpoint(path, time), per_class, seed, path=walk, drawn_from=drawn_from)
