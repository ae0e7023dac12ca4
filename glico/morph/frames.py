"""Frames of a morph: the ends moved towards each other by their fields, then fused."""

import torch
from torch import Tensor

from glico.morph.fields import displacements, inverse
from glico.morph.filters import blur, pixel_positions, sample

COARSE = 6.0  # pixels of 32: what is coarser is mixed, what is finer comes from one image or the other
LOCAL = 3.0  # pixels of 32: the surroundings over which the strength of detail is measured
SHARPNESS = 4.0  # of the choice between the details
HASTE = 2.0  # how strongly t decides it, relative to the strength of the details
CHUNK = 32  # frames at a time


def morph(images: Tensor, knots: Tensor, weights: Tensor) -> Tensor:
    """The frames (T, C, H, W) in [0, 1] between k images, at ``weights`` (T, k) >= 0 that sum to 1 in each row.

    ``images`` (k, C, H, W) in [0, 1] have the fields ``knots`` (k, 2, KNOTS, KNOTS) into one common frame. For two
    images the weights are (1 - t, t). A frame of weight 1 is that image itself.
    """
    with torch.inference_mode():
        displaced = displacements(knots, *images.shape[-2:])  # D
        back = inverse(displaced)  # V
        here = pixel_positions(*images.shape[-2:])
        left = back + sample(displaced, here + back.permute(0, 2, 3, 1))  # of the inversion, taken off again
        parts = [_frames(images, displaced, back, left, part) for part in weights.to(images).split(CHUNK)]
    return torch.cat(parts) if parts else images.new_empty(0, *images.shape[1:])


def path_weights(t: Tensor) -> Tensor:
    """The weights (T, 2) of two ends at ``t`` (T,) in [0, 1]."""
    return torch.stack([1 - t, t], dim=1)


def surface_weights(u: Tensor, v: Tensor, corners: int) -> Tensor:
    """The weights (V U, ``corners``) of A, B, C and D, or of a triangle A, B, C, at ``u`` (U,) and ``v`` (V,)."""
    v, u = (each.flatten() for each in torch.meshgrid(v, u, indexing="ij"))
    above = [(1 - u) * (1 - v), u * (1 - v)]
    below = [(1 - u) * v, u * v] if corners == 4 else [v]
    return torch.stack(above + below, dim=1)


def _frames(images: Tensor, displaced: Tensor, back: Tensor, left: Tensor, weights: Tensor) -> Tensor:
    count = len(weights)
    moved = torch.einsum("tk,kchw->thwc", weights, back)
    seen = pixel_positions(*images.shape[-2:]) + moved  # y: of the frames' pixels, in the common frame
    warped = []
    for i, image in enumerate(images):
        there = sample(displaced[i].expand(count, -1, -1, -1), seen).permute(0, 2, 3, 1)
        there = seen + there - weights[:, i, None, None, None] * left[i].permute(1, 2, 0)
        warped.append(sample(image.expand(count, -1, -1, -1), there, "bicubic").clamp(0, 1))
    fused = fuse(torch.stack(warped, dim=1), weights)
    for i, image in enumerate(images):
        fused[weights[:, i] == 1] = image
    return fused


def fuse(warped: Tensor, weights: Tensor) -> Tensor:
    """One frame (T, C, H, W) from k warped images (T, k, C, H, W), by ``weights`` (T, k).

    Colours are mixed; detail comes, place by place, from the image whose detail is stronger there, by its weight.
    """
    count, images = warped.shape[:2]
    coarse = blur(warped.flatten(0, 1), COARSE).unflatten(0, (count, images))
    detail = warped - coarse
    strength = blur(detail.square().mean(dim=2), LOCAL) + 1e-5  # (T, k, H, W)
    share = weights[:, :, None, None].clamp(min=1e-4)
    chosen = torch.softmax(SHARPNESS * (strength.log() / 2 + HASTE * share.log()), dim=1)
    mixed = (weights[:, :, None, None, None] * coarse).sum(dim=1)
    return (mixed + (chosen[:, :, None] * detail).sum(dim=1)).clamp(0, 1)
