"""The displacement field of any code, interpolated from those of known codes, and images warped by it."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.morph.fields import displacements
from glico.morph.filters import pixel_positions
from glico.morph.splines import FARTHEST, KNOTS

SHAPE = (2, KNOTS, KNOTS)
SMOOTHING = 1e-6  # added to the matrix's diagonal: of codes that are the same the fields are averaged


class CodeField(nn.Module):
    """The field of a code, f(z) = c - sum_k w_k |z - z_k|, as knots: (B, d) -> (B, 2, KNOTS, KNOTS).

    The weights sum to 0, and f(z_k) is the field of every known code z_k. Along a line through two codes, f is nearly
    linear. Until :meth:`fit` is called, nothing moves.
    """

    def __init__(self, dimension: int, codes: int = 0) -> None:
        super().__init__()
        self.register_buffer("codes", torch.zeros(codes, dimension))
        self.register_buffer("weights", torch.zeros(codes + 1, torch.Size(SHAPE).numel()))  # the last row is c
        self.codes: Tensor
        self.weights: Tensor

    def forward(self, z: Tensor) -> Tensor:
        with torch.autocast(z.device.type, enabled=False):  # rounded to bfloat16, objects would tremble
            known = torch.cat([_nearness(z.float(), self.codes), self.codes.new_ones(len(z), 1)], dim=1)
            return (known @ self.weights).unflatten(1, SHAPE)

    @torch.no_grad()
    def fit(self, codes: Tensor, knots: Tensor) -> None:
        """Know the fields ``knots`` (n, 2, KNOTS, KNOTS) of ``codes`` (n, d)."""
        count = len(codes)
        system = torch.ones(count + 1, count + 1, dtype=torch.float64)
        exact = codes.detach().cpu().double()
        system[:count, :count] = _nearness(exact, exact) + SMOOTHING * torch.eye(count, dtype=torch.float64)
        system[count, count] = 0
        wanted = torch.cat([knots.flatten(1).cpu().double(), torch.zeros(1, self.weights.shape[1])])
        self.codes = codes.detach().clone()
        self.weights = torch.linalg.solve(system, wanted).to(self.weights)

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *others: Any) -> None:
        """Make room for the codes in the state."""
        for name, own in self.named_buffers():
            if (stored := state.get(prefix + name)) is not None and stored.shape[1:] == own.shape[1:]:
                setattr(self, name, own.new_zeros(stored.shape))
        super()._load_from_state_dict(state, prefix, *others)


def _nearness(z: Tensor, codes: Tensor) -> Tensor:
    return -torch.cdist(z, codes, compute_mode="donot_use_mm_for_euclid_dist")


def move(images: Tensor, knots: Tensor) -> Tensor:
    """Return ``images`` (B, C, H, W) warped by the fields ``knots`` (B, 2, KNOTS, KNOTS): (B, C, H, W) float32.

    A field that is not finite makes an image that is not.
    """
    size = images.shape[-2:]
    with torch.autocast(images.device.type, enabled=False):
        displaced = displacements(knots, *size).permute(0, 2, 3, 1)  # (B, H, W, 2)
        seen = (pixel_positions(*size).to(displaced) + displaced).nan_to_num(0.0).clamp(-FARTHEST, FARTHEST)
        moved = F.grid_sample(images.float(), seen, mode="bicubic", padding_mode="border", align_corners=False)
        return moved + 0 * displaced.sum(dim=-1)[:, None]
