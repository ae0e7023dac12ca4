"""Laws of the mean on the sphere and of paths through many codes."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from glico.errors import GlicoError
from glico.latent.paths import draw_around, lerp, path_through, slerp, sphere_exp, sphere_log, spherical_mean


@pytest.fixture
def codes() -> Tensor:
    """Nine codes within one cap."""
    rng = torch.Generator().manual_seed(0)
    return F.normalize(torch.eye(16)[0] + 0.2 * torch.randn(9, 16, generator=rng), dim=-1)


def angles(a: Tensor, b: Tensor) -> Tensor:
    return torch.rad2deg(torch.arccos((a.double() @ b.double()).clamp(-1, 1)))


def test_a_path_through_two_codes_is_the_path_between_them(codes: Tensor) -> None:
    t = torch.linspace(0, 1, 13, dtype=torch.float64)
    assert torch.equal(path_through(codes[:2], t), slerp(codes[0], codes[1], t))
    assert torch.equal(path_through(codes[:2], t, "lerp"), lerp(codes[0], codes[1], t))


@pytest.mark.parametrize("path", ["slerp", "lerp"])
@pytest.mark.parametrize("pieces", [1, 2, 3, 6, 7])
def test_a_path_passes_exactly_through_every_code_of_its_list(codes: Tensor, path: str, pieces: int) -> None:
    chosen = codes[: pieces + 1]
    t = torch.linspace(0, 1, pieces * 50 + 1, dtype=torch.float64)
    assert torch.equal(path_through(chosen, t, path)[::50], chosen)


def test_a_path_has_no_jumps(codes: Tensor) -> None:
    z = path_through(codes[:5], torch.linspace(0, 1, 4001, dtype=torch.float64))
    whole = angles(codes[0], codes[1])
    assert (z[1:] - z[:-1]).norm(dim=-1).max() < 0.01
    assert angles(z[500], codes[0]) == pytest.approx(float(whole) / 2, abs=0.05)


def test_one_image_is_no_path(codes: Tensor) -> None:
    with pytest.raises(GlicoError, match="at least two images"):
        path_through(codes[:1], torch.zeros(1))


def test_the_mean_of_two_codes_is_the_middle_of_the_arc(codes: Tensor) -> None:
    torch.testing.assert_close(spherical_mean(codes[:2]), slerp(codes[0], codes[1], 0.5))


def test_at_the_mean_the_sum_of_squared_angles_is_least(codes: Tensor) -> None:
    mean = spherical_mean(codes.double())
    assert sphere_log(mean, codes.double()).mean(dim=0).norm() < 1e-9
    rng = torch.Generator().manual_seed(1)
    for _ in range(20):
        beside = F.normalize(mean + 0.02 * torch.randn(16, generator=rng).double(), dim=-1)
        assert angles(codes, beside).square().sum() > angles(codes, mean).square().sum()


def test_the_mean_turns_with_the_codes(codes: Tensor) -> None:
    turn = torch.linalg.qr(torch.randn(16, 16, generator=torch.Generator().manual_seed(2)).double())[0]
    torch.testing.assert_close(spherical_mean(codes.double() @ turn), spherical_mean(codes.double()) @ turn)


def test_opposite_codes_have_no_mean(codes: Tensor) -> None:
    with pytest.raises(GlicoError, match="no mean on the sphere"):
        spherical_mean(torch.stack([codes[0], -codes[0]]))


def test_exp_undoes_log(codes: Tensor) -> None:
    z = codes.double()
    torch.testing.assert_close(sphere_exp(z[0], sphere_log(z[0], z)), z)


def test_new_codes_are_on_the_sphere_at_old_distances(codes: Tensor) -> None:
    """They are as far from the mean as the old codes."""
    drawn = torch.from_numpy(draw_around(codes.numpy(), 4000, 1.0, np.random.default_rng(3)))
    mean = spherical_mean(codes)
    torch.testing.assert_close(drawn.norm(dim=-1), torch.ones(4000))
    own, new = (angles(z, mean).square().mean().sqrt() for z in (codes, drawn))
    assert float(new) == pytest.approx(float(own), rel=0.05)
    narrow = torch.from_numpy(draw_around(codes.numpy(), 4000, 0.5, np.random.default_rng(3)))
    assert float(angles(narrow, mean).square().mean().sqrt()) == pytest.approx(float(own) / 2, rel=0.05)


def test_new_codes_without_spread_equal_the_mean(codes: Tensor) -> None:
    """With spread, the seed decides."""
    still = draw_around(codes.numpy(), 3, 0.0, np.random.default_rng(4))
    np.testing.assert_allclose(still, spherical_mean(codes).expand(3, -1), atol=1e-6)
    first, second = (draw_around(codes.numpy(), 3, 1.0, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, second)
