"""The data set and the small sample: what the road starts with."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]  # (n, H, W, C), C = 1 grey or 3 RGB
Labels = NDArray[np.int64]  # (n,), -1 for unlabelled
Progress = Callable[[float, str], None]  # told the finished fraction in [0, 1] and what is being done


@dataclass(frozen=True)
class Dataset:
    """Images of one size with labels, in a training and a test split.

    ``train_images`` and ``test_images`` are (n, H, W, C) uint8 with C = 1 or 3; labels are (n,) int64 indices
    into ``class_names``. The test split may be empty, never absent. ``train_names`` are the training images' files,
    ``train_ids`` (n,) the numbers that their publisher gave them, where they have any. ``may_lack`` is how many
    images fewer than a sample asks for a class may have. ``left_out`` says what could not be read and was left out.
    """

    name: str
    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels
    class_names: tuple[str, ...]
    train_names: tuple[str, ...] = ()
    train_ids: Labels | None = None
    may_lack: int = 0
    left_out: tuple[str, ...] = ()

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every image."""
        _, height, width, channels = self.train_images.shape
        return height, width, channels


@dataclass(frozen=True)
class Sample:
    """A small sample: ``samples_per_class`` labelled images of every class, then unlabelled ones (label -1).

    ``images`` (n, H, W, C) uint8, ``labels`` (n,) int64, ``indices`` (n,) int64: each image's place in the train
    part, or in the test part where ``unlabelled="test"`` put it there.
    """

    images: Images
    labels: Labels
    indices: Labels
    class_names: tuple[str, ...]
