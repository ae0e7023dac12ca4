"""Laws of the displacement field of any code."""

import torch
import torch.nn.functional as F

from glico.latent.paths import slerp
from glico.models.code_field import CodeField, move
from glico.morph.splines import KNOTS


def known(count: int, dimension: int = 16) -> tuple[CodeField, torch.Tensor, torch.Tensor]:
    """A field that knows random fields of ``count`` random codes; the codes; their fields."""
    torch.manual_seed(0)
    codes, knots = F.normalize(torch.randn(count, dimension), dim=1), torch.randn(count, 2, KNOTS, KNOTS)
    field = CodeField(dimension)
    field.fit(codes, knots)
    return field, codes, knots


def test_field_is_exact_at_known_codes() -> None:
    """Also if there are more codes than the sphere has dimensions, and if codes are close together."""
    for count in (1, 2, 7, 200):
        field, codes, knots = known(count)
        torch.testing.assert_close(field(codes), knots, atol=2e-3, rtol=0)
    close = F.normalize(codes[:1] + 0.01 * torch.randn(20, 16), dim=1)
    field = CodeField(16)
    field.fit(close, knots[:20])
    torch.testing.assert_close(field(close), knots[:20], atol=2e-2, rtol=0)


def test_field_goes_evenly_from_one_code_to_another() -> None:
    """On the great circle of two codes the share of the second field rises steadily, and is a half halfway."""
    field, codes, knots = known(2)
    t = torch.linspace(0, 1, 9)
    path = field(slerp(codes[:1].expand(9, -1), codes[1:].expand(9, -1), t)).flatten(1)
    one, other = knots.flatten(1)
    share = ((path - one) @ (other - one)) / (other - one).square().sum()
    assert (share.diff() > 0).all()
    torch.testing.assert_close(share[4], torch.tensor(0.5), atol=1e-3, rtol=0)


def test_field_of_equal_codes_is_their_mean() -> None:
    """Two images may share a code: nothing becomes infinite."""
    field = CodeField(4)
    codes = F.normalize(torch.ones(2, 4), dim=1)
    knots = torch.stack([torch.zeros(2, KNOTS, KNOTS), torch.ones(2, KNOTS, KNOTS)])
    field.fit(codes, knots)
    torch.testing.assert_close(field(codes), torch.full_like(knots, 0.5), atol=1e-3, rtol=0)


def test_field_without_codes_moves_nothing() -> None:
    images = torch.rand(3, 1, 8, 8)
    torch.testing.assert_close(move(images, CodeField(4)(torch.randn(3, 4))), images)


def test_moved_image_is_seen_where_the_field_points() -> None:
    """A constant field of a quarter of the width shows at x what was a quarter to the right of it."""
    images, knots = torch.rand(2, 3, 8, 8), torch.zeros(2, 2, KNOTS, KNOTS)
    knots[:, 0] = 0.5  # half sides: 2 of 8 pixels
    torch.testing.assert_close(move(images, knots)[..., :6], images[..., 2:], atol=1e-5, rtol=0)


def test_field_that_is_not_finite_makes_no_image() -> None:
    """It reads no memory at an undefined place, and what is drawn is seen not to be an image."""
    knots = torch.zeros(2, 2, KNOTS, KNOTS)
    knots[1] = torch.nan
    moved = move(torch.rand(2, 1, 8, 8), knots)
    assert moved[0].isfinite().all()
    assert not moved[1].isfinite().any()


def test_loaded_field_knows_the_codes_of_its_state() -> None:
    """A training may start from a checkpoint of fewer images."""
    field, codes, _ = known(5)
    other = known(7)[0]
    other.load_state_dict(field.state_dict())
    torch.testing.assert_close(other(codes), field(codes))
