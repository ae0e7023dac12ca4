"""Frames of a morph: the ends moved towards each other by their fields, then fused."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from glico.morph.fields import displacements, inverse
from glico.morph.filters import REFERENCE, blur, pixel_positions, sample

COARSE = 6.0  # pixels of 32: coarser structure is mixed, finer detail comes from one image or the other
LOCAL = 3.0  # pixels of 32: the surroundings over which the strength of detail is measured
RIM = 1.5  # pixels of 32 beyond the border over which an image loses its say
LEAST = 1e-4  # of a weight or a say, so that its logarithm is finite
CHUNK = 32  # frames at a time


@dataclass(frozen=True)
class Fusion:
    """The parameters by which warped images become one frame.

    ``sharpness`` is that of the choice between their details at each place. ``haste`` is the influence of t on this
    choice, relative to the strength of the details. Beyond its border an image continues with its ``border`` repeated,
    ``mirrored``, or with the ``other`` image if that has the place (``outside``).
    """

    sharpness: float = 4.0
    haste: float = 1.0
    outside: Literal["border", "mirrored", "other"] = "other"


def morph(images: Tensor, knots: Tensor, weights: Tensor, fusion: Fusion = Fusion()) -> Tensor:
    """Return the frames (T, C, H, W) in [0, 1] between k images, at ``weights`` (T, k) >= 0 that sum to 1 in each row.

    ``images`` (k, C, H, W) in [0, 1] have the fields ``knots`` (k, 2, KNOTS, KNOTS) into one common frame. For two
    images the weights are (1 - t, t). A frame of weight 1 is that image itself.
    """
    with torch.inference_mode():
        moving = Moving(knots.to(images.device), *images.shape[-2:])
        rows = torch.arange(len(images), device=images.device)
        parts = []
        for part in weights.to(images).split(CHUNK):
            positions = moving.positions(rows.expand(len(part), -1), part)
            parts.append(fused_at(images.expand(len(part), -1, -1, -1, -1), positions, part, fusion))
    return torch.cat(parts) if parts else images.new_empty(0, *images.shape[1:])


def path_weights(t: Tensor) -> Tensor:
    """Return the weights (T, 2) of two ends at ``t`` (T,) in [0, 1]."""
    return torch.stack([1 - t, t], dim=1)


def surface_weights(u: Tensor, v: Tensor, corners: int) -> Tensor:
    """Return the weights (V U, ``corners``) of A, B, C and D, or of a triangle A, B, C, at ``u`` (U,), ``v`` (V,)."""
    v, u = (each.flatten() for each in torch.meshgrid(v, u, indexing="ij"))
    above = [(1 - u) * (1 - v), u * (1 - v)]
    below = [(1 - u) * v, u * v] if corners == 4 else [v]
    return torch.stack(above + below, dim=1)


class Moving:
    """The ways between n images of (``height``, ``width``) and their common frame, by the fields ``knots`` (n, 2,
    KNOTS, KNOTS), on their device."""

    def __init__(self, knots: Tensor, height: int, width: int) -> None:
        self.here = pixel_positions(height, width).to(knots)  # (H, W, 2)
        self.displaced = displacements(knots, height, width)  # D, (n, 2, H, W)
        self.back = inverse(self.displaced)  # V, (n, 2, H, W)
        reached = sample(self.displaced, self.here + self.back.permute(0, 2, 3, 1))
        self.left = (self.back + reached).permute(0, 2, 3, 1)  # of the inversion: it is taken off again, (n, H, W, 2)

    def positions(self, rows: Tensor, weights: Tensor) -> Tensor:
        """Return places (T, k, H, W, 2) in the images ``rows`` (T, k) from which frames at ``weights`` (T, k) take
        their pixels."""
        seen = self.here + torch.einsum("tk,tkchw->thwc", weights, self.back[rows])  # y, in the common frame
        there = [
            sample(self.displaced[own], seen).permute(0, 2, 3, 1) - share[:, None, None, None] * self.left[own]
            for own, share in zip(rows.T, weights.T, strict=True)
        ]
        return seen[:, None] + torch.stack(there, dim=1)


def fused_at(images: Tensor, positions: Tensor, weights: Tensor, fusion: Fusion = Fusion()) -> Tensor:
    """Return the frames (T, C, H, W) that show ``images`` (T, k, C, H, W) at ``positions`` (T, k, H, W, 2), fused by
    ``weights`` (T, k)."""
    padding = "border" if fusion.outside == "border" else "reflection"
    seen = sample(images.flatten(0, 1), positions.flatten(0, 1), "bicubic", padding).clamp(0, 1)
    says = _inside(positions.flatten(0, 1)).unflatten(0, weights.shape) if fusion.outside == "other" else None
    fused = fuse(seen.unflatten(0, weights.shape), weights, fusion, says)
    alone, at = (weights == 1).nonzero(as_tuple=True)
    fused[alone] = images[alone, at]
    return fused


def moved(moving: Moving, images: Tensor, fields: Tensor, t: Tensor) -> Tensor:
    """Return the frames (k, C, H, W) at ``t`` (k,) between the two ``images`` (k, 2, C, H, W) of k pairs.

    They move by the fields of the rows ``fields`` (k, 2)."""
    weights = path_weights(t).to(images, non_blocking=True)
    return fused_at(images, moving.positions(fields.to(images.device, non_blocking=True), weights), weights)


def _inside(positions: Tensor) -> Tensor:
    """Return the weight (T, H, W) of an image at ``positions`` (T, H, W, 2): 1 inside, falling to 0 outside."""
    beyond = (positions.abs() - 1).clamp(min=0).norm(dim=-1) * (REFERENCE / 2)  # in pixels
    return blur(torch.exp(-(beyond / RIM).square())[:, None], 0.7)[:, 0]


def fuse(warped: Tensor, weights: Tensor, fusion: Fusion = Fusion(), says: Tensor | None = None) -> Tensor:
    """Return one frame (T, C, H, W) from k warped images (T, k, C, H, W), by ``weights`` (T, k).

    Colours are mixed; detail comes, place by place, from the image whose detail is stronger there, by its weight.
    Both by how much each image ``says`` there (T, k, H, W), 0 to 1.
    """
    count, images = warped.shape[:2]
    coarse = blur(warped.flatten(0, 1), COARSE).unflatten(0, (count, images))
    detail = warped - coarse
    strength = blur(detail.square().mean(dim=2), LOCAL) + 1e-5  # (T, k, H, W)
    share = weights[:, :, None, None]
    preference = strength.log() / 2 + fusion.haste * share.clamp(min=LEAST).log()
    if says is not None:
        preference = preference + says.clamp(min=LEAST).log()
        share = share * says.clamp(min=LEAST)
        share = share / share.sum(dim=1, keepdim=True)
    chosen = torch.softmax(fusion.sharpness * preference, dim=1)
    return ((share[:, :, None] * coarse).sum(dim=1) + (chosen[:, :, None] * detail).sum(dim=1)).clamp(0, 1)
