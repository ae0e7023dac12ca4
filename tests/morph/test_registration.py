"""Laws of registration: things that are alike meet; nothing else matters; nothing crashes."""

import time

import pytest
import torch
from pictures import centre, discs

from glico.errors import GlicoError
from glico.morph.features import objectness
from glico.morph.fields import are_sound, displacements
from glico.morph.filters import pixel_positions, sample
from glico.morph.registration import register, register_new
from glico.morph.splines import KNOTS


def in_frame(images, knots):
    displaced = displacements(knots, *images.shape[-2:]).permute(0, 2, 3, 1)
    return sample(images, pixel_positions(*images.shape[-2:]) + displaced)


def test_things_of_a_class_meet_in_the_common_frame() -> None:
    """Discs at different places are at one place there, and the fields' mean is zero."""
    images = discs()
    knots = register(images)
    assert centre(images).std(dim=0).max() > 0.2
    assert centre(in_frame(images, knots)).std(dim=0).max() < 0.05
    assert knots.mean(dim=0).abs().max() < 1e-5
    assert are_sound(knots).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_registration_is_the_same_every_time(threads: int) -> None:
    """The result depends on images and seed alone, not on torch's global state, and not on the threads' order."""
    torch.set_num_threads(threads)
    images = discs(16, side=16)
    first = register(images, seed=3)
    torch.rand(7)
    assert torch.equal(register(images, seed=3), first)


def test_new_image_gets_a_field_of_its_own() -> None:
    """It meets the class, whose fields stay as they are."""
    images = discs(5)
    knots = register(images[:4])
    own = register_new(images[4], images[:4], knots)
    there = centre(in_frame(images, torch.cat([knots, own[None]])))
    assert (there[4] - there[:4].mean(dim=0)).norm() < 0.08


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 16, 16), (1, 20, 32), (3, 128, 96), (3, 2, 2), (1, 1, 1)])
def test_images_of_any_size_are_registered(shape: tuple[int, int, int]) -> None:
    """Grey and colour, small and large, of any aspect: sound fields, and positions that are finite."""
    images = torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))
    knots = register(images)
    assert knots.shape == (3, 2, KNOTS, KNOTS)
    assert are_sound(knots).all()
    assert are_sound(register_new(images[0], images[1:], knots[1:])[None]).all()


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_images_that_are_all_alike_stay_where_they_are(value: float) -> None:
    """Of one colour, or one image many times: there is nothing to move."""
    for images in (torch.full((3, 1, 16, 16), value), discs(1, side=16).expand(3, -1, -1, -1)):
        knots = register(images)
        assert are_sound(knots).all()
        assert displacements(knots, 16, 16).abs().max() < 0.02


def test_single_image_stays_where_it_is() -> None:
    """A class of one has nothing to be registered with; a class of none has no fields."""
    assert not register(discs(1)).any()
    assert register(discs(1)[:0]).shape == (0, 2, KNOTS, KNOTS)


def test_pixels_that_are_not_finite_are_refused() -> None:
    """One sentence, before anything is sampled."""
    images = discs(3)
    images[1, 0, 4, 4] = torch.nan
    with pytest.raises(GlicoError, match="not finite"):
        register(images)


def test_objectness_finds_the_thing() -> None:
    """It is larger inside the disc than on the ground, and within [0, 1]."""
    images = discs(4)
    result = objectness(images)
    inside = images.mean(dim=1, keepdim=True) > 0.4
    assert result[inside].mean() > 5 * result[~inside].mean()
    assert 0 <= result.min() <= result.max() <= 1


def test_progress_grows_to_one() -> None:
    """It is told fractions that never fall."""
    fractions: list[float] = []
    register(discs(2, side=16), progress=fractions.append)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


@pytest.mark.slow
def test_class_of_48_takes_at_most_ten_processor_seconds() -> None:
    """Of 64-px colour images; a further image takes a fiftieth of that at most."""
    images = discs(48, side=64)
    started = time.process_time()
    knots = register(images)
    whole = time.process_time() - started
    started = time.process_time()
    register_new(images[0], images[1:], knots[1:])
    assert whole < 10
    assert (time.process_time() - started) < 0.5
