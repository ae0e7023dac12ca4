"""The frames of paths and surfaces, and thumbnails of the images that they visit."""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from app.cached.checkpoint_files import latent_space
from app.cached.keys import BY_CONTENT, GENERATING
from app.cached.photographs import with_photographs
from app.cached.registrations import morphs
from app.cached.training_images import collapsed_classes, training
from app.components import packed
from app.session.photographs import Photograph
from glico.runs import pytorch_work, worker

if TYPE_CHECKING:
    from glico.config import FramePathName
    from glico.latent.distances import Steps
    from glico.latent.measured import PathRequest
    from glico.latent.path_analysis import FrameAnalysis, PathAnalysis, TrainingImages
    from glico.latent.registrations import EndsName
    from glico.types import Floats
    from glico.web.sprite import Sprite

    Paths = tuple[dict[FramePathName, PathAnalysis], bytes]
    Surfaces = tuple[dict[FramePathName, FrameAnalysis], bytes]
    Analysis = TypeVar("Analysis", bound=FrameAnalysis)

SMALL = 2**19  # values in a path's frames: 101 colour frames of 32 pixels have 310,000


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CONTENT)
def thumbnails(path: Path, photographs: tuple[Photograph, ...], first: int, last: int, label: int | None) -> "Sprite":
    """Return thumbnails of the training images and then the ``photographs``: the rows from ``first`` up to ``last``, of
    one class or (None) of all."""
    from app.components.image_picker import LARGEST
    from glico.web.sprite import sprite

    _, rows = with_photographs(path, photographs)
    images, labels = rows.images[first:last], rows.labels[first:last]
    return sprite(images if label is None else images[labels == label], LARGEST)


def paths(path: Path, photographs: tuple[Photograph, ...], request: "PathRequest", with_morph: bool) -> "Paths":
    """Return slerp, lerp and, if requested, the morph of the ``request``, measured, and the scrubber's packed content.

    The ``photographs`` are the rows after the training images'. Raises GlicoError.
    """
    pixels = request.total * math.prod(latent_space(path).image_shape)
    cache = _small_paths if pixels <= SMALL else _large_paths
    return cache(path, photographs, request, with_morph)


@st.cache_resource(max_entries=60, show_spinner="Generating the frames …", hash_funcs=BY_CONTENT)
def _small_paths(path: Path, photographs: tuple[Photograph, ...], request: "PathRequest", with_morph: bool) -> "Paths":
    """As many as a class has visitors: each releases the scrubber again and again."""
    return _generated(path, photographs, request, with_morph)


@st.cache_resource(max_entries=8, show_spinner="Generating the frames …", hash_funcs=BY_CONTENT)
def _large_paths(path: Path, photographs: tuple[Photograph, ...], request: "PathRequest", with_morph: bool) -> "Paths":
    return _generated(path, photographs, request, with_morph)


def _generated(path: Path, photographs: tuple[Photograph, ...], request: "PathRequest", with_morph: bool) -> "Paths":
    from glico.latent.measured import PathSource, measured_paths
    from glico.web.scrubber.content import Visited, paths_content

    model, shown = with_photographs(path, photographs)
    name, feature_steps = _feature_distance(path)
    names = [each.name for each in photographs]
    with GENERATING:
        source = PathSource(model, training(path), morphs(path, photographs) if with_morph else None)
        measured = measured_paths(source, request, feature_steps)
        measured, note = _without_collapsed(path, shown, request.rows, measured)
        visited = Visited(model, shown, request.rows, names)
        content = paths_content(visited, measured, name, note)
        return measured, packed(content, ends=visited.ends(request.noise, request.seed))


@st.cache_resource(max_entries=30, show_spinner="Generating the surface …", hash_funcs=BY_CONTENT)
def surface(
    path: Path, photographs: tuple[Photograph, ...], corners: tuple[int, ...], ends: "EndsName", with_morph: bool
) -> "Surfaces":
    """Return slerp, lerp and, if requested, the morph between three or four images, measured, and the surface's packed
    content.

    The ``photographs`` are the rows after the training images'. Raises GlicoError.
    """
    from glico.latent.measured import PathSource, measured_surface
    from glico.web.scrubber.content import Visited
    from glico.web.surface import SIDE, surface_content

    model, shown = with_photographs(path, photographs)
    names = [each.name for each in photographs]
    with GENERATING:
        source = PathSource(model, training(path), morphs(path, photographs) if with_morph else None)
        measured = measured_surface(source, corners, SIDE, ends=ends)
        measured, note = _without_collapsed(path, shown, corners, measured)
        visited = Visited(model, shown, corners, names)
        return measured, packed(surface_content(visited, measured, note), ends=visited.ends())


def _without_collapsed(
    path: Path, shown: "TrainingImages", rows: tuple[int, ...], measured: "dict[FramePathName, Analysis]"
) -> "tuple[dict[FramePathName, Analysis], str]":
    """Return the measurements, without class probabilities if a class of ``rows`` has collapsed, and the reason."""
    from glico.data.dataset import class_name

    space = latent_space(path)
    collapsed = sorted({int(label) for label in shown.labels[list(rows)]} & set(collapsed_classes(path)))
    if not collapsed or not space.has_classifier:
        return measured, ""
    names = ", ".join(class_name(label, space.class_names) for label in collapsed)
    note = f"{names} collapsed, so the classifier's predictions are meaningless and not shown."
    return {key: replace(each, probabilities=None) for key, each in measured.items()}, note


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_CONTENT)
def _feature_distance(path: Path) -> "tuple[str, Steps]":
    from glico.latent.distances import feature_distance, has_vgg

    space = latent_space(path)
    config, resolution = space.config, space.image_shape[0]
    if not has_vgg(config):
        return feature_distance(config, resolution)

    def steps(frames: "Floats") -> "Floats":
        return worker.call(pytorch_work.feature_steps, config, resolution, frames)

    return worker.call(pytorch_work.feature_name, config, resolution), steps
