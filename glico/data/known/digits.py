"""scikit-learn's handwritten digits: 1,797 grey images of 8 x 8, embedded in the library."""

from importlib.metadata import distribution

import numpy as np

from glico.data.dataset import Dataset, KnownDataset, in_test_split
from glico.data.images import match_colour, resize_images
from glico.data.preparation import Preparation
from glico.types import Progress

DIGITS_TEST_FRACTION = 1 / 3  # 599 test images, and at least 116 of each digit to draw samples from


def read_digits(preparation: Preparation, download: bool, progress: Progress | None) -> Dataset:
    """Return the digits, with a fixed stratified third as the test split."""
    # What load_digits reads. Importing that takes longer than many a run, and every run is a process.
    file = distribution("scikit-learn").locate_file("sklearn/datasets/data/digits.csv.gz")
    table = np.loadtxt(str(file), np.int64, delimiter=",")
    values, labels = table[:, :-1], table[:, -1]  # (1797, 64), 0..16
    images = np.rint(values.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    (images,) = match_colour(preparation.colour, resize_images(images, preparation, progress))
    test = in_test_split([str(index) for index in range(len(labels))], labels, DIGITS_TEST_FRACTION)
    return Dataset("digits", images[~test], labels[~test], images[test], labels[test], tuple("0123456789"))


DATASETS = {
    "digits": KnownDataset(
        "1,797 handwritten digits, grey, 8 x 8 enlarged; comes with scikit-learn",
        16,
        read_digits,
        lambda: True,
        None,
        flips=False,  # a mirrored digit is another sign
    ),
}
