"""Laws of the paths: Eq. (3), its ends and its hard cases."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial import geometric_slerp

from glico import lerp, slerp
from glico.errors import GlicoError
from glico.latent.paths import surface


def unit(*shape: int, seed: int = 0) -> torch.Tensor:
    return F.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)), dim=-1)


@given(st.integers(2, 200), st.integers(0, 10_000))
def test_slerp_agrees_with_an_independent_implementation(dimension: int, seed: int) -> None:
    a, b = unit(2, dimension, seed=seed)
    t = torch.linspace(0, 1, 9)
    p, q = (x / np.linalg.norm(x) for x in (a.double().numpy(), b.double().numpy()))
    assume(np.linalg.norm(p + q) >= 1e-3)  # the other implementation gives up near opposite ends
    expected = geometric_slerp(p, q, t.double().numpy())
    np.testing.assert_allclose(slerp(a, b, t).numpy(), expected, atol=1e-6)


@given(st.integers(0, 10_000), st.sampled_from([1.0, 1e-2, 1e-4, 1e-6, 0.0]), st.booleans(), st.floats(0, 1))
def test_slerp_stays_on_the_sphere_and_turns_evenly(seed: int, gap: float, opposite: bool, t: float) -> None:
    a, near = unit(2, 64, seed=seed)
    b = F.normalize((-a if opposite else a) + gap * near, dim=-1)
    z = slerp(a, b, t)
    assert z.isfinite().all()
    assert z.norm().item() == pytest.approx(1, abs=1e-6)

    def angle(x: torch.Tensor, y: torch.Tensor) -> float:
        x, y = x.double(), y.double()
        return float(2 * torch.atan2((x - y).norm(), (x + y).norm()))

    assert angle(a, z) == pytest.approx(t * angle(a, b), abs=2e-6)


@pytest.mark.parametrize("path", [slerp, lerp])
@pytest.mark.parametrize("relation", ["apart", "equal", "opposite"])
def test_the_ends_are_exact(path, relation: str) -> None:
    a, b = unit(2, 16, 128)
    b = {"apart": b, "equal": a.clone(), "opposite": -a}[relation]
    assert torch.equal(path(a, b, 0.0), a)
    assert torch.equal(path(a, b, 1.0), b)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_way_back_is_the_same_way(seed: int, t: float) -> None:
    a, b = unit(2, 32, seed=seed)
    torch.testing.assert_close(slerp(a, b, t), slerp(b, a, 1 - t), atol=1e-6, rtol=0)


def test_the_chord_dips_and_the_arc_does_not() -> None:
    a, b = unit(2, 128)
    assert lerp(a, b, 0.5).norm() < 0.9
    assert slerp(a, b, 0.5).norm().item() == pytest.approx(1, abs=1e-6)
    torch.testing.assert_close(F.normalize(lerp(a, b, 0.5), dim=-1), slerp(a, b, 0.5))


def test_t_broadcasts() -> None:
    a, b = unit(2, 5, 8)
    t = torch.linspace(0, 1, 7)
    frames = slerp(a[:, None], b[:, None], t)
    assert frames.shape == (5, 7, 8)
    torch.testing.assert_close(frames[3, 4], slerp(a[3], b[3], float(t[4])))
    assert slerp(a, b, torch.full((5,), 0.25)).dtype == a.dtype


def test_surface_has_images_at_corners_and_paths_at_edges() -> None:
    """The surface of Eq. (3) extends the path."""
    codes, at = unit(4, 64), torch.linspace(0, 1, 7)
    for name, path in (("slerp", slerp), ("lerp", lerp)):
        z = surface(codes, at, at, name)
        assert z.shape == (7, 7, 64)
        assert torch.equal(z[[0, 0, -1, -1], [0, -1, 0, -1]], codes)
        torch.testing.assert_close(z[0], path(codes[0], codes[1], at))
        torch.testing.assert_close(z[:, 0], path(codes[0], codes[2], at))
        torch.testing.assert_close(z[2, 5], path(path(*codes[:2], at[5]), path(*codes[2:], at[5]), float(at[2])))


@given(st.integers(0, 10_000), st.sampled_from([1.0, 1e-4, 0.0]), st.integers(3, 4))
def test_a_surface_stays_on_the_sphere(seed: int, gap: float, corners: int) -> None:
    one, *others = unit(corners, 32, seed=seed)
    codes = F.normalize(torch.stack([one, *(one + gap * (other - one) for other in others)]), dim=-1)
    z = surface(codes, torch.linspace(0, 1, 5), torch.linspace(0, 1, 4))
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(4, 5), atol=1e-6, rtol=0)


def test_three_images_span_a_triangle() -> None:
    codes, at = unit(3, 16), torch.linspace(0, 1, 5)
    assert torch.equal(surface(codes, at, at)[-1], codes[2].expand(5, -1))
    for wrong in (2, 5):
        with pytest.raises(GlicoError, match=f"three or four images, not {wrong}"):
            surface(unit(wrong, 16), at, at)
