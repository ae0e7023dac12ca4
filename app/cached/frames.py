"""What the interpolate page shows of a checkpoint: its training images, reconstructions, paths."""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from app.cached.checkpoint_files import checkpoint, decoder, latent_space
from app.cached.keys import BY_CONTENT, GENERATING
from app.components import packed
from app.session import public

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session.photographs import Photograph
    from glico.config import PathName
    from glico.data.dataset import Dataset, Images
    from glico.latent.path_analysis import FrameAnalysis, NoiseName, PathAnalysis, Steps, TrainingImages
    from glico.web.sprite import Sprite

    Paths = tuple[dict[PathName, PathAnalysis], bytes]
    Surfaces = tuple[dict[PathName, FrameAnalysis], bytes]
    Analysis = TypeVar("Analysis", bound=FrameAnalysis)

SMALL = 2**19  # values of a path's frames: 101 frames of 32 pixels in colour have 310,000


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def collapsed(path: Path) -> str:
    """What is said of classes whose images have merged in this checkpoint; nothing where none have."""
    from glico.latent.collapse import said

    model = checkpoint(path)
    return said([model.class_names[label] for label in merged(path)], model.config) if merged(path) else ""


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def merged(path: Path) -> list[int]:
    """The classes whose images have merged in this checkpoint: what a classifier says of them says nothing."""
    from glico.latent.collapse import MERGED, kept_variations

    kept = kept_variations(checkpoint(path)) or []
    return [label for label, share in enumerate(kept) if share is not None and share < MERGED]


@st.cache_resource(max_entries=4, show_spinner="Finding the original images …", hash_funcs=BY_CONTENT)
def originals(path: Path) -> "Images | None":
    """The training images of a checkpoint that holds none, (n, H, W, C) uint8, from its data set; None where that is
    not on this machine, or does not hold them."""
    import numpy as np

    from glico.errors import GlicoError

    try:
        data, found, tested = _sample_of(path)
    except GlicoError:
        return None
    images = np.empty((len(found), *latent_space(path).image_shape), np.uint8)
    images[~tested], images[tested] = data.train_images[found[~tested]], data.test_images[found[tested]]
    return images


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def file_names(path: Path) -> list[str]:
    """The training images' files, where the checkpoint's data set is a folder or an archive of files at hand."""
    from glico.data import DATASETS
    from glico.errors import GlicoError

    if latent_space(path).config.dataset in DATASETS:
        return []
    try:
        data, found, tested = _sample_of(path)
    except GlicoError:
        return []
    if not data.train_names:
        return []
    pairs = zip(found.tolist(), tested.tolist(), strict=True)
    return ["" if of_test else data.train_names[row] for row, of_test in pairs]


def _sample_of(path: Path) -> "tuple[Dataset, NDArray[np.int64], NDArray[np.bool_]]":
    """The data set of a checkpoint, each image's place in it, and which are in its test part. Raises GlicoError."""
    from app.cached.datasets import dataset
    from glico.checkpoints.located import indices_in, source_of

    space = latent_space(path)
    public.allow_data(space.config)
    data = dataset(source_of(space.config, space.image_shape, download=False))
    return data, indices_in(data, space), space.of_test


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_CONTENT)
def training(path: Path) -> "TrainingImages":
    """What the frames of this checkpoint's paths are compared with. Raises GlicoError."""
    from glico.latent.path_analysis import compared_with

    return compared_with(checkpoint(path), decoder(path))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_CONTENT)
def thumbnails(path: Path, brought: "tuple[Photograph, ...]", first: int, last: int, label: int | None) -> "Sprite":
    """The training images of this checkpoint in small and then the photographs ``brought``, as tiles in their order:
    those from row ``first`` to before ``last``, of one class or (None) of all."""
    from app.components.image_picker import LARGEST
    from app.session.photographs import joined
    from glico.web.sprite import sprite

    _, compared = joined(path, brought)
    images, labels = compared.images[first:last], compared.labels[first:last]
    return sprite(images if label is None else images[labels == label], LARGEST)


@st.cache_resource(max_entries=4, show_spinner="Generating the reconstructions …", hash_funcs=BY_CONTENT)
def reconstructions(path: Path) -> "tuple[Images, NDArray[np.float32]]":
    """Every training image as the generator reproduces it, (n, H, W, C) uint8, and its error (n,) in grey levels."""
    from glico.latent.path_analysis import pixel_distance
    from glico.pixels import to_float, to_uint8

    decode, codes, images = decoder(path), checkpoint(path).codes, training(path).images
    with GENERATING:
        drawn = decode(codes)
        return to_uint8(drawn), pixel_distance(drawn, to_float(images)).numpy()


def paths(
    path: Path, brought: "tuple[Photograph, ...]", rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "Paths":
    """slerp and lerp through the codes ``rows``, measured, and as the scrubber shows them, packed; the photographs
    ``brought`` are the rows after the training images'. Raises GlicoError."""
    pixels = frames * (len(rows) - 1) * math.prod(checkpoint(path).image_shape)
    kept = _small_paths if pixels <= SMALL else _large_paths
    return kept(path, brought, rows, frames, noise, seed)


@st.cache_resource(max_entries=60, show_spinner="Generating the frames …", hash_funcs=BY_CONTENT)
def _small_paths(
    path: Path, brought: "tuple[Photograph, ...]", rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "Paths":
    """As many as a class has visitors: each lets go of t again and again."""
    return _generated(path, brought, rows, frames, noise, seed)


@st.cache_resource(max_entries=8, show_spinner="Generating the frames …", hash_funcs=BY_CONTENT)
def _large_paths(
    path: Path, brought: "tuple[Photograph, ...]", rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "Paths":
    return _generated(path, brought, rows, frames, noise, seed)


def _generated(
    path: Path, brought: "tuple[Photograph, ...]", rows: tuple[int, ...], frames: int, noise: "NoiseName", seed: int
) -> "Paths":
    from app.session.photographs import joined
    from glico.latent.path_analysis import measured_paths
    from glico.web.scrubber.content import described_paths

    decode = decoder(path)
    model, shown = joined(path, brought)
    name, feature_steps = _feature_distance(path)
    names_of = [each.name for each in brought]
    with GENERATING:
        measured = measured_paths(model, decode, training(path), rows, frames, noise, seed, feature_steps)
        measured, note = _without_merged(path, shown, rows, measured)
        return measured, packed(described_paths(model, decode, shown, rows, measured, name, names_of, note))


@st.cache_resource(max_entries=30, show_spinner="Generating the surface …", hash_funcs=BY_CONTENT)
def surface(path: Path, brought: "tuple[Photograph, ...]", corners: tuple[int, ...]) -> "Surfaces":
    """slerp and lerp between three or four codes, measured, and as the browser shows them, packed; the photographs as
    above. Raises GlicoError.
    """
    from app.session.photographs import joined
    from glico.latent.path_analysis import measured_surface
    from glico.web.surface import SIDE, described_surface

    decode = decoder(path)
    model, shown = joined(path, brought)
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
