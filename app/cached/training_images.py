"""A checkpoint's training images: their source, their reconstructions, the classes that collapsed."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.cached.checkpoint_files import latent_space, opened
from app.cached.datasets import dataset
from app.cached.keys import BY_CONTENT, GENERATING
from app.session import public

SPLITS: "tuple[Split, ...]" = ("train", "test")

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from glico.data.dataset import Dataset
    from glico.data.decisions import ImageKey
    from glico.latent.path_analysis import TrainingImages
    from glico.types import Images, Split


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def collapse_warning(path: Path) -> str:
    """Return a warning about the classes that collapsed in this checkpoint; empty if none did."""
    from glico.latent.collapse import warning

    model, classes = latent_space(path), collapsed_classes(path)
    return warning([model.class_names[label] for label in classes], model.config) if classes else ""


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_CONTENT)
def collapsed_classes(path: Path) -> list[int]:
    """Return the classes that have collapsed in this checkpoint: a classifier's predictions of them mean
    nothing."""
    from glico.latent.collapse import collapsed_labels

    return collapsed_labels(opened(path))


@st.cache_resource(max_entries=4, show_spinner="Finding the original images …", hash_funcs=BY_CONTENT)
def originals(path: Path, dataset: str | None = None) -> "Images | None":
    """Return the training images (n, H, W, C) uint8 from the data set of a checkpoint that does not store them; None if
    the data set is not on this machine or lacks them. A person may name the ``dataset``."""
    import numpy as np

    from glico.errors import GlicoError

    try:
        data, rows, in_test_split = _source_of(path, dataset)
    except GlicoError:
        return None
    images = np.empty((len(rows), *latent_space(path).image_shape), np.uint8)
    images[~in_test_split] = data.train_images[rows[~in_test_split]]
    images[in_test_split] = data.test_images[rows[in_test_split]]
    return images


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def file_names(path: Path) -> list[str]:
    """Return the training images' file names; empty unless the checkpoint's data set is a folder or an archive of files
    on this machine."""
    from glico.data import DATASETS
    from glico.errors import GlicoError

    if latent_space(path).config.dataset in DATASETS:
        return []
    try:
        data, rows, in_test_split = _source_of(path)
    except GlicoError:
        return []
    if not data.train_names:
        return []
    pairs = zip(rows.tolist(), in_test_split.tolist(), strict=True)
    return ["" if of_test else data.train_names[row] for row, of_test in pairs]


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_CONTENT)
def image_keys(path: Path, dataset: str | None = None) -> "list[ImageKey]":
    """Return what decisions call each training image: its split and its path or index. Raises GlicoError if the data
    set is not on this machine. A person may name the ``dataset``."""
    from glico.data import DATASETS
    from glico.data.decisions import image_names

    space = latent_space(path)
    config = space.config
    if dataset is None and config.dataset in DATASETS and config.decisions is None and config.duplicates == "keep":
        pairs = zip(space.of_test.tolist(), space.indices.tolist(), strict=True)  # without reading the data set
        return [(SPLITS[is_test], str(index)) for is_test, index in pairs]
    data, rows, in_test_split = _source_of(path, dataset)
    names: dict[Split, Sequence[str]] = {split: image_names(data, split) for split in SPLITS}
    splits = [SPLITS[is_test] for is_test in in_test_split.tolist()]
    return [(split, names[split][row]) for split, row in zip(splits, rows.tolist(), strict=True)]


def _source_of(path: Path, named: str | None = None) -> "tuple[Dataset, NDArray[np.int64], NDArray[np.bool_]]":
    """Return a checkpoint's data set, each image's row in its split, and which are in the test split. Raises
    GlicoError."""
    from glico.checkpoints.relocation import find_indices, source_of

    space = latent_space(path)
    public.allow_data(space.config)
    data = dataset(source_of(space.config, space.image_shape, download=False, dataset=named))
    return data, find_indices(data, space), space.of_test


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_CONTENT)
def training(path: Path) -> "TrainingImages":
    """Return the images that the frames of this checkpoint's paths are compared with. Raises GlicoError."""
    from glico.latent.measured import compared_with

    return compared_with(opened(path))


@st.cache_resource(max_entries=4, show_spinner="Generating the reconstructions …", hash_funcs=BY_CONTENT)
def reconstructions(path: Path) -> "tuple[Images, NDArray[np.float32]]":
    """Return every training image's reconstruction, (n, H, W, C) uint8, and its error (n,) in grey levels."""
    from glico.latent.distances import pixel_distance
    from glico.pixels import to_array, to_uint8

    model, images = opened(path), training(path).images
    with GENERATING:
        generated = model.decode(model.space.codes)
        return to_uint8(generated), pixel_distance(generated, to_array(images))
