"""A checkpoint's training images: where they come from, their reconstructions, the classes that collapsed."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app.cached.checkpoint_files import checkpoint, decoder, latent_space
from app.cached.datasets import dataset
from app.cached.keys import BY_CONTENT, GENERATING
from app.session import public

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from glico.data.dataset import Dataset, Images
    from glico.latent.path_analysis import TrainingImages


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


@st.cache_resource(max_entries=4, show_spinner="Generating the reconstructions …", hash_funcs=BY_CONTENT)
def reconstructions(path: Path) -> "tuple[Images, NDArray[np.float32]]":
    """Every training image as the generator reproduces it, (n, H, W, C) uint8, and its error (n,) in grey levels."""
    from glico.latent.path_analysis import pixel_distance
    from glico.pixels import to_float, to_uint8

    decode, codes, images = decoder(path), checkpoint(path).codes, training(path).images
    with GENERATING:
        drawn = decode(codes)
        return to_uint8(drawn), pixel_distance(drawn, to_float(images)).numpy()
