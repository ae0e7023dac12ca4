"""Finding a checkpoint's sample in a data set by the content of its images: their order may have changed."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from glico.checkpoints.latent_space import LatentSpace
from glico.checkpoints.named import data_set_of, decisions_of
from glico.config import DataConfig
from glico.data.dataset import Dataset
from glico.data.sample import digests, match_digests
from glico.types import Images, Labels

if TYPE_CHECKING:
    from glico.checkpoints.checkpoint import Checkpoint

ALIKE = 8.0  # grey levels by which two versions of a decoder may differ on a JPEG


def relocated(checkpoint: "Checkpoint", dataset: Dataset) -> "Checkpoint":
    """Return ``checkpoint`` with its images' indices in ``dataset``. Raises GlicoError if some are missing."""
    from torch import from_numpy

    return replace(checkpoint, indices=from_numpy(find_indices(dataset, checkpoint.latent_space)))


def find_indices(dataset: Dataset, space: LatentSpace) -> Labels:
    """Return the indices (n,) that the images of a latent space have in ``dataset``.

    Unlabelled images of the transductive mode are expected in the test split. Raises GlicoError if some are missing.
    """
    indices = space.indices.copy()
    for rows, images in (~space.of_test, dataset.train_images), (space.of_test, dataset.test_images):
        indices[rows] = _places(space, rows, images, indices[rows])
    return indices


def source_of(
    config: DataConfig, image_shape: tuple[int, int, int], download: bool, dataset: str | None = None
) -> DataConfig:
    """Return the configuration to load a checkpoint's data set, from its ``config`` and ``image_shape`` (H, W, C).

    ``dataset`` names it if it has moved. Raises GlicoError if it must be named: see glico.checkpoints.named.
    """
    resolution, _, channels = image_shape
    shape = {"resolution": resolution, "colour": "grey" if channels == 1 else "rgb"}
    named = {"dataset": data_set_of(config, dataset), "decisions": decisions_of(config)}
    return config.model_copy(update=shape | named | {"download": download})


def _places(space: LatentSpace, rows: NDArray[np.bool_], images: Images, indices: Labels) -> Labels:
    stored = None if space.images is None else space.images[rows]
    if stored is not None and (indices < len(images)).all():
        away = np.abs(images[indices].astype(np.int16) - stored).mean(axis=(1, 2, 3))
        if (away <= ALIKE).all():
            return indices
    if space.digests is not None:
        return match_digests(space.digests[rows], images, indices)
    return indices if stored is None else match_digests(digests(stored), images, indices)
