"""Frames of a morph: the ends moved towards each other by their fields, then fused."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from glico.morph.fields import displacements, inverse
from glico.morph.filters import REFERENCE, blur, pixel_positions, sample

COARSE = 6.0  # pixels of 32: what is coarser is mixed, what is finer comes from one image or the other
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
        moving = Moving(images, knots)
        parts = [_frames(moving, part, fusion) for part in weights.to(images).split(CHUNK)]
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
    """Images (k, C, H, W) and the ways between them and their common frame."""

    def __init__(self, images: Tensor, knots: Tensor) -> None:
        self.images = images
        self.here = pixel_positions(*images.shape[-2:])  # (H, W, 2)
        self.displaced = displacements(knots, *images.shape[-2:])  # D, (k, 2, H, W)
        self.back = inverse(self.displaced)  # V, (k, 2, H, W)
        reached = sample(self.displaced, self.here + self.back.permute(0, 2, 3, 1))
        self.left = (self.back + reached).permute(0, 2, 3, 1)  # of the inversion: it is taken off again, (k, H, W, 2)

    def positions(self, weights: Tensor) -> Tensor:
        """Return places (k, T, H, W, 2) in every image from which frames at ``weights`` (T, k) take their pixels."""
        seen = self.here + torch.einsum("tk,kchw->thwc", weights, self.back)  # y, in the common frame
        there = [
            sample(field.expand(len(weights), -1, -1, -1), seen).permute(0, 2, 3, 1) - share * left
            for field, share, left in zip(self.displaced, weights.T[:, :, None, None, None], self.left, strict=True)
        ]
        return seen + torch.stack(there)


def _frames(moving: Moving, weights: Tensor, fusion: Fusion) -> Tensor:
    positions = moving.positions(weights)
    padding = "border" if fusion.outside == "border" else "reflection"
    warped = [
        sample(image.expand(len(weights), -1, -1, -1), there, "bicubic", padding).clamp(0, 1)
        for image, there in zip(moving.images, positions, strict=True)
    ]
    says = torch.stack([_inside(there) for there in positions], dim=1) if fusion.outside == "other" else None
    fused = fuse(torch.stack(warped, dim=1), weights, fusion, says)
    for i, image in enumerate(moving.images):
        fused[weights[:, i] == 1] = image
    return fused


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
