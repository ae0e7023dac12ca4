"""Laws of the two measures of a double exposure."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from glico.latent.double_exposure import double_exposure, local_double_exposure

MEASURES = {"global": double_exposure, "local": local_double_exposure}


def blobs(seed: int, count: int = 8, channels: int = 1) -> Tensor:
    """Random textures on a plain ground that is wide enough to move in: (count, channels, 32, 32)."""
    texture = torch.rand(count, channels, 22, 22, generator=torch.Generator().manual_seed(seed))
    return F.pad(F.avg_pool2d(texture, 3, stride=1), (6, 6, 6, 6), value=0.5)


@pytest.mark.parametrize("side", [16, 32, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_dissolve_is_a_whole_double_exposure(side: int, channels: int) -> None:
    """The pixel mean of two images has the index 1."""
    a, b = (torch.rand(4, channels, side, side, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    np.testing.assert_allclose(double_exposure(a, (a + b) / 2, b), 1, rtol=1e-6)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_copies_and_shifted_copies_are_no_double_exposure(measure) -> None:
    """A copy of an end has 0, and so has one that moved by a few pixels."""
    a, b = blobs(0), blobs(1)
    for copy in (a, b):
        assert np.abs(measure(a, copy, b)).max() < 1e-6
        for shift in ((3, 0), (0, -4), (2, 2)):
            moved = copy.roll(shift, dims=(2, 3))
            assert measure(a, moved, b).mean() < 0.03


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_double_exposure_grows_from_the_copy_to_the_dissolve(measure) -> None:
    """The more of the other end is mixed in, up to a half, the greater the index."""
    a, b = blobs(2), blobs(3)
    result = np.stack([measure(a, (1 - t) * a + t * b, b) for t in (0, 0.1, 0.2, 0.3, 0.4, 0.5)])
    assert (np.diff(result, axis=0) > 0).all()


def test_measures_do_not_depend_on_which_end_comes_first() -> None:
    """Both are symmetric in their ends."""
    a, b = blobs(4, channels=3), blobs(5, channels=3)
    m = 0.6 * a + 0.3 * b
    for measure in MEASURES.values():
        np.testing.assert_allclose(measure(a, m, b), measure(b, m, a), rtol=1e-5)


def test_double_exposure_of_one_image_is_undefined() -> None:
    """Between an image and itself there is no double exposure: NaN, not a number that looks like one."""
    a = blobs(6)
    assert np.isnan(double_exposure(a, a, a)).all()
    plain = torch.full((1, 3, 16, 16), 0.5)
    assert np.isnan(double_exposure(plain, plain, plain)).all()
    assert np.abs(local_double_exposure(plain, plain, plain)).max() < 1e-6
