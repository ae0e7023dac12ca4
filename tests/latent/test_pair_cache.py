"""The pairs that morph best are found again, and a damaged file is none."""

import numpy as np
import pytest

from glico.checkpoints.opened import OpenCheckpoint
from glico.latent import field_cache, pair_cache
from glico.latent.measured import compared_with
from glico.latent.registrations import is_stored, members
from glico.places import SHIPPED

PAIRS = [(3, 1, 0.5), (0, 2, 0.25)]
DAMAGES = (b"", b"[]", b"{}", b'{"pairs": 3}', b'{"pairs": [[0, 1]]}', b'{"pairs": [[0, 1, null]]}',
           b'{"pairs": [[0, 99, 0.5]]}', b'{"pairs": [[0, 1, 7]]}')  # fmt: skip


def test_pairs_are_found_again_until_their_file_is_damaged() -> None:
    """A file with a row beyond the images, or a score beyond 1, is damaged too."""
    name = pair_cache.key([np.zeros((2, 4, 4, 1), np.uint8), np.ones((2, 4, 4, 1), np.uint8)])
    assert pair_cache.find(name, 4) is None
    pair_cache.save(name, PAIRS)
    assert pair_cache.find(name, 4) == PAIRS
    assert pair_cache.find(name, 3) is None
    for damage in DAMAGES:
        (field_cache.directory() / f"{name}.json").write_bytes(damage)
        assert pair_cache.find(name, 4) is None


@pytest.mark.parametrize("name", ["digits-glo", "digits-glico", "cifar10-glo", "cifar10-glico"])
def test_shipped_checkpoints_have_fields_and_best_pairs(name: str) -> None:
    """So that the first page of a new server computes nothing with PyTorch."""
    training = compared_with(OpenCheckpoint.load(SHIPPED / f"{name}.safetensors"))
    count = len(training.labels)
    classes = [training.images[members(training.labels, label, count)] for label in range(10)]
    if not training.original and not all(map(is_stored, classes)):
        pytest.skip("this processor rounds some reconstructions otherwise, which are then registered anew")
    assert all(map(is_stored, classes))
    assert pair_cache.find(pair_cache.key(classes), count)
