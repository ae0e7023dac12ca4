"""Laws of the score: symmetric, bounded, and higher for things that meet than for clutter."""

import torch
from pictures import disc, discs

from glico.morph.registration import register
from glico.morph.score import scores
from glico.morph.splines import KNOTS


def test_score_is_symmetric_and_bounded() -> None:
    """An image and itself have the highest score."""
    images = discs(4)
    result = scores(images, register(images))
    torch.testing.assert_close(result, result.T)
    assert 0 <= result.min() <= result.max() <= 1
    assert (result.diagonal() >= result - 1e-6).all()


def test_things_that_meet_score_higher_than_clutter() -> None:
    """Two discs of one size morph better than a disc and noise."""
    rng = torch.Generator().manual_seed(0)
    images = torch.stack([disc(-0.1, 0, 0.4), disc(0.1, 0.1, 0.4), torch.rand(3, 32, 32, generator=rng)])
    result = scores(images, register(images))
    assert result[0, 1] > max(result[0, 2], result[1, 2])


def test_plain_images_have_a_score() -> None:
    """Without any thing in them it is a number, not NaN."""
    plain = torch.full((2, 1, 2, 2), 0.5)
    assert torch.isfinite(scores(plain, torch.zeros(2, 2, KNOTS, KNOTS))).all()
