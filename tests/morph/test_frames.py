"""Laws of a morph's frames: exact ends, symmetry, and movement."""

import pytest
import torch
from pictures import centre, disc, discs

from glico.morph.frames import morph, path_weights, surface_weights
from glico.morph.registration import register
from glico.morph.splines import KNOTS

T = torch.tensor([0, 0.02, 0.25, 0.5, 0.75, 1])


@pytest.fixture(scope="module")
def pair():
    images = torch.stack([disc(-0.3, -0.2, 0.35), disc(0.3, 0.25, 0.35)])
    return images, register(images)


def test_ends_are_the_images_themselves(pair) -> None:
    """At t = 0 and t = 1 every pixel is the end's own, and just after it nothing has jumped."""
    images, knots = pair
    frames = morph(images, knots, path_weights(torch.tensor([0, 1e-3, 1 - 1e-3, 1])))
    assert torch.equal(frames[0], images[0])
    assert torch.equal(frames[3], images[1])
    assert (frames[1] - images[0]).abs().max() < 0.02
    assert (frames[2] - images[1]).abs().max() < 0.02


def test_exchanging_the_ends_reverses_the_path(pair) -> None:
    """morph(a, b, t) = morph(b, a, 1 - t)."""
    images, knots = pair
    there = morph(images, knots, path_weights(T))
    back = morph(images.flip(0), knots.flip(0), path_weights(1 - T))
    torch.testing.assert_close(there, back, rtol=0, atol=1e-4)


def test_the_thing_travels_instead_of_fading(pair) -> None:
    """Its centre moves evenly from end to end, and halfway it is as bright as at the ends."""
    images, knots = pair
    t = torch.linspace(0, 1, 5)
    frames = morph(images, knots, path_weights(t))
    along = centre(frames)
    expected = (1 - t)[:, None] * along[0] + t[:, None] * along[-1]
    torch.testing.assert_close(along, expected, rtol=0, atol=0.05)
    assert (frames[2] > 0.6).float().mean() > 0.7 * (images[0] > 0.6).float().mean()


@pytest.mark.parametrize("shape", [(1, 2, 2), (1, 8, 8), (3, 20, 32), (3, 128, 96)])
def test_frames_are_finite_and_in_range(shape: tuple[int, int, int]) -> None:
    """For random images and strong fields, at any size."""
    rng = torch.Generator().manual_seed(0)
    images = torch.rand(2, *shape, generator=rng)
    knots = 0.1 * torch.randn(2, 2, KNOTS, KNOTS, generator=rng)
    frames = morph(images, knots, path_weights(T))
    assert frames.shape == (len(T), *shape)
    assert torch.isfinite(frames).all()
    assert 0 <= frames.min() <= frames.max() <= 1
    assert torch.equal(frames[0], images[0])


def test_an_image_and_itself_give_that_image() -> None:
    """Nothing moves, and nothing is lost."""
    image = disc(0.1, -0.2, 0.4)
    knots = 0.03 * torch.randn(1, 2, KNOTS, KNOTS, generator=torch.Generator().manual_seed(1)).expand(2, -1, -1, -1)
    frames = morph(image.expand(2, -1, -1, -1), knots, path_weights(T))
    assert (frames - image).abs().max() < 0.05


@pytest.mark.parametrize("corners", [3, 4])
def test_surface_has_its_corners_and_its_upper_edge(corners: int) -> None:
    """The corners are the images; the edge v = 0 is the path from A to B."""
    images = discs(corners)
    knots = register(images)
    at = torch.linspace(0, 1, 3)
    weights = surface_weights(at, at, corners)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(9))
    frames = morph(images, knots, weights)
    assert torch.equal(frames[0], images[0])
    assert torch.equal(frames[2], images[1])
    assert torch.equal(frames[6], images[2])
    assert torch.equal(frames[8], images[-1])
    path = morph(images[:2], knots[:2], path_weights(at))
    torch.testing.assert_close(frames[:3], path, rtol=0, atol=1e-3)


def test_no_frames_are_asked_for() -> None:
    """An empty request gets an empty answer."""
    assert morph(discs(2), torch.zeros(2, 2, KNOTS, KNOTS), torch.zeros(0, 2)).shape == (0, 3, 32, 32)
