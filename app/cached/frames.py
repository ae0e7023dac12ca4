"""The frames of paths and surfaces, and thumbnails of the images that they join."""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from app.cached.checkpoint_files import checkpoint, decoder
from app.cached.keys import BY_CONTENT, GENERATING
from app.cached.photographs import with_photographs
from app.cached.training_images import merged, training
from app.components import packed
from app.session.photographs import Photograph

if TYPE_CHECKING:
    from glico.config import PathName
    from glico.latent.path_analysis import FrameAnalysis, NoiseName, PathAnalysis, Steps, TrainingImages
    from glico.web.sprite import Sprite

    Paths = tuple[dict[PathName, PathAnalysis], bytes]
    Surfaces = tuple[dict[PathName, FrameAnalysis], bytes]
    Analysis = TypeVar("Analysis", bound=FrameAnalysis)

SMALL = 2**19  # values of a path's frames: 101 frames of 32 pixels in colour have 310,000


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CONTENT)
def thumbnails(path: Path, brought: tuple[Photograph, ...], first: int, last: int, label: int | None) -> "Sprite":
    """The training images of this checkpoint in small and then the photographs ``brought``, as tiles in their order:
    those from row ``first`` to before ``last``, of one class or (None) of all."""
    from app.components.image_picker import LARGEST
    from glico.web.sprite import sprite

    _, compared = with_photographs(path, brought)
    images, labels = compared.images[first:last], compared.labels[first:last]
    return sprite(images if label is None else images[labels == label], LARGEST)


def paths(
    path: Path, brought: tuple[Photograph, ...], rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "Paths":
    """slerp and lerp through the codes ``rows``, measured, and as the scrubber shows them, packed; the photographs
    ``brought`` are the rows after the training images'. Raises GlicoError."""
    pixels = frames * (len(rows) - 1) * math.prod(checkpoint(path).image_shape)
    kept = _small_paths if pixels <= SMALL else _large_paths
    return kept(path, brought, rows, frames, noise, seed)


@st.cache_resource(max_entries=60, show_spinner="Generating the frames …", hash_funcs=BY_CONTENT)
def _small_paths(
    path: Path, brought: tuple[Photograph, ...], rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "Paths":
    """As many as a class has visitors: each lets go of t again and again."""
    return _generated(path, brought, rows, frames, noise, seed)


@st.cache_resource(max_entries=8, show_spinner="Generating the frames …", hash_funcs=BY_CONTENT)
def _large_paths(
    path: Path, brought: tuple[Photograph, ...], rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "Paths":
    return _generated(path, brought, rows, frames, noise, seed)


def _generated(
    path: Path, brought: tuple[Photograph, ...], rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "Paths":
    from glico.latent.path_analysis import measured_paths
    from glico.web.scrubber.content import described_paths

    decode = decoder(path)
    model, shown = with_photographs(path, brought)
    name, feature_steps = _feature_distance(path)
    names_of = [each.name for each in brought]
    with GENERATING:
        measured = measured_paths(model, decode, training(path), rows, frames, noise, seed, feature_steps)
        measured, note = _without_merged(path, shown, rows, measured)
        return measured, packed(described_paths(model, decode, shown, rows, measured, name, names_of, note))


@st.cache_resource(max_entries=30, show_spinner="Generating the surface …", hash_funcs=BY_CONTENT)
def surface(path: Path, brought: tuple[Photograph, ...], corners: tuple[int, ...]) -> "Surfaces":
    """slerp and lerp between three or four codes, measured, and as the browser shows them, packed; the photographs as
    above. Raises GlicoError.
    """
    from glico.latent.path_analysis import measured_surface
    from glico.web.surface import SIDE, described_surface

    decode = decoder(path)
    model, shown = with_photographs(path, brought)
    names_of = [each.name for each in brought]
    with GENERATING:
        measured = measured_surface(model, decode, training(path), corners, SIDE)
        measured, note = _without_merged(path, shown, corners, measured)
        return measured, packed(described_surface(model, decode, shown, corners, measured, names_of, note))


def _without_merged(
    path: Path, shown: "TrainingImages", rows: tuple[int, ...], measured: "dict[PathName, Analysis]"
) -> "tuple[dict[PathName, Analysis], str]":
    """What was measured, without class probabilities where a class of ``rows`` has merged, and why."""
    from glico.data.dataset import class_name

    model = checkpoint(path)
    of = sorted({int(label) for label in shown.labels[list(rows)]} & set(merged(path)))
    if not of or not model.classifier:
        return measured, ""
    names = ", ".join(class_name(label, model.class_names) for label in of)
    note = f"The images of {names} have merged: what the classifier says of them says nothing, and is left out."
    return {key: replace(each, probabilities=None) for key, each in measured.items()}, note


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_CONTENT)
def _feature_distance(path: Path) -> "tuple[str, Steps]":
    from glico.latent.path_analysis import feature_distance

    model = checkpoint(path)
    return feature_distance(model.config, model.image_shape[0])
