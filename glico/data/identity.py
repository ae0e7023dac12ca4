"""Which images a sample consists of, told by their content: it is found again wherever its data set lies."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from glico.data.dataset import Images, Labels
from glico.errors import GlicoError

Digests = NDArray[np.int64]


def digests(images: Images) -> Digests:
    """(n,) int64 from images (n, H, W, C) uint8: eight bytes of each one's BLAKE2b, so that no image is told."""
    shape = str(images.shape[1:]).encode()
    each = (blake2b(shape + np.ascontiguousarray(image).data, digest_size=8).digest() for image in images)
    return np.frombuffer(b"".join(each), dtype="<i8").astype(np.int64)


def locate(wanted: Digests, images: Images, indices: Labels) -> Labels:
    """Where the images with the digests ``wanted`` (n,) are among ``images`` (N, H, W, C): (n,) places.

    They are looked for at ``indices`` (n,), where they were, and then everywhere. Raises GlicoError, saying how many,
    if some are not there.
    """
    inside = indices[indices < len(images)]
    if len(inside) == len(indices) and np.array_equal(digests(images[indices]), wanted):
        return indices
    found = digests(images)
    order = np.argsort(found, kind="stable")
    places = order[np.searchsorted(found, wanted, sorter=order).clip(max=len(found) - 1)]
    missing = int((found[places] != wanted).sum())
    if missing:
        raise GlicoError(
            f"{missing} of the sample's {len(wanted)} images are not in this data set: it is another one, or its "
            "images have changed."
        )
    return places
