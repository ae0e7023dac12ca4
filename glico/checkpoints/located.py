"""A checkpoint's sample, found in a data set by what its images show: the same images may lie in another order."""

import copy

import numpy as np
from numpy.typing import NDArray
from torch import from_numpy

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import DataConfig
from glico.data.dataset import Dataset, Images, Labels
from glico.data.sample import digests, locate

ALIKE = 8.0  # grey levels: what another version of a decoder may make of a JPEG


def located(checkpoint: Checkpoint, dataset: Dataset) -> Checkpoint:
    """``checkpoint`` with the ``indices`` that its images have in ``dataset``.

    Unlabelled images of the transductive mode are looked for in the test split. Raises GlicoError if some are missing.
    """
    tested = (checkpoint.labels < 0).cpu().numpy() & (checkpoint.config.unlabelled == "test")
    indices = checkpoint.indices.cpu().numpy().copy()
    for rows, images in (~tested, dataset.train_images), (tested, dataset.test_images):
        indices[rows] = _places(checkpoint, rows, images, indices[rows])
    found = copy.copy(checkpoint)
    found.indices = from_numpy(indices)
    return found


def source_of(
    config: DataConfig, image_shape: tuple[int, int, int], download: bool, dataset: str | None = None
) -> DataConfig:
    """How to load the data set that a checkpoint was trained on by ``config``, in its own ``image_shape`` (H, W, C);
    from ``dataset`` where it is not where it was."""
    resolution, _, channels = image_shape
    shape = {"resolution": resolution, "colour": "grey" if channels == 1 else "rgb"}
    return config.model_copy(update=shape | {"dataset": dataset or config.dataset, "download": download})


def _places(checkpoint: Checkpoint, rows: NDArray[np.bool_], images: Images, indices: Labels) -> Labels:
    stored = None if checkpoint.images is None else checkpoint.images.cpu().numpy()[rows]
    if stored is not None and (indices < len(images)).all():
        away = np.abs(images[indices].astype(np.int16) - stored).mean(axis=(1, 2, 3))
        if (away <= ALIKE).all():
            return indices
    if checkpoint.digests is not None:
        return locate(checkpoint.digests.cpu().numpy()[rows], images, indices)
    return indices if stored is None else locate(digests(stored), images, indices)
