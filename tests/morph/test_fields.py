"""Laws of displacement fields: splines, inverses, and the guards before they are used."""

import pytest
import torch
from pictures import disc

from glico.errors import GlicoError
from glico.morph.fields import are_sound, area, basis, displacements, gradients, inverse, sound
from glico.morph.filters import blur, pixel_positions, sample
from glico.morph.splines import KNOTS


def random_knots(count: int, size: float, seed: int = 0):
    return size * torch.randn(count, 2, KNOTS, KNOTS, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("knots", [2, 4, KNOTS])
def test_splines_of_one_axis_sum_to_one(knots: int) -> None:
    """Equal knots are a translation by their value."""
    torch.testing.assert_close(basis(19, knots).sum(dim=1), torch.ones(19))


@pytest.mark.parametrize("shape", [(2, 2), (16, 16), (32, 24), (20, 64)])
def test_inverse_undoes_the_displacement(shape: tuple[int, int]) -> None:
    """y = x + V(x) has y + D(y) = x, in images of any aspect."""
    displaced = displacements(random_knots(3, 0.05), *shape)
    back = inverse(displaced)
    there = pixel_positions(*shape) + back.permute(0, 2, 3, 1)
    left = back + sample(displaced, there)
    assert left.abs().max() < 0.02


def test_area_of_no_displacement_is_one() -> None:
    """det(I + ∇0) = 1, and a magnification by 2 along x has 2."""
    still = torch.zeros(1, 2, 8, 8)
    torch.testing.assert_close(area(gradients(still)), torch.ones(1, 7, 7))
    wide = torch.stack([pixel_positions(8, 8)[..., 0], torch.zeros(8, 8)])[None]
    torch.testing.assert_close(area(gradients(wide)), torch.full((1, 7, 7), 2.0))


@pytest.mark.parametrize("wrong", [torch.nan, torch.inf, -torch.inf, 1e30, 100.0])
def test_unsound_fields_are_found_and_made_sound(wrong: float) -> None:
    """A field that is not finite, too long or folded becomes one that is not; sound ones stay as they are."""
    knots = random_knots(3, 0.02)
    broken = knots.clone()
    broken[1, 0, 3, 4] = wrong
    assert are_sound(broken).tolist() == [True, False, True]
    mended = sound(broken)
    assert are_sound(mended).all()
    assert torch.equal(mended[[0, 2]], knots[[0, 2]])


def test_folded_field_is_weakened_only_until_it_unfolds() -> None:
    """The weakened field still moves."""
    folded = random_knots(1, 0.5)
    assert not are_sound(folded).any()
    assert sound(folded).abs().max() > 0.01


@pytest.mark.parametrize("wrong", [torch.nan, torch.inf])
def test_sampling_refuses_positions_that_are_not_finite(wrong: float) -> None:
    """The guard answers before PyTorch reads memory at an undefined index."""
    positions = pixel_positions(8, 8)[None].clone()
    positions[0, 2, 3, 1] = wrong
    with pytest.raises(GlicoError, match="not finite"):
        sample(torch.rand(1, 1, 8, 8), positions)


def test_sampling_far_outside_sees_the_border() -> None:
    """A finite position, however far, is the nearest border pixel."""
    image = torch.rand(1, 1, 8, 8)
    far = torch.full((1, 1, 1, 2), 1e30)
    torch.testing.assert_close(sample(image, far)[0, 0, 0, 0], image[0, 0, -1, -1])


def test_blur_keeps_plain_images_and_the_mean_of_things_inside() -> None:
    """The kernel sums to one."""
    plain = torch.full((1, 2, 9, 14), 0.3)
    torch.testing.assert_close(blur(plain, 4.0), plain)
    spot = disc(0, 0, 0.2, ground=0.0)[None]
    torch.testing.assert_close(blur(spot, 1.5).mean(), spot.mean(), rtol=1e-3, atol=0)
