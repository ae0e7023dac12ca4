"""Blurs, pixel positions and guarded sampling of images (B, C, H, W) of any aspect."""

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.errors import GlicoError
from glico.morph.kernels import REFERENCE, blur_matrix
from glico.morph.splines import FARTHEST, centres


def blur(images: Tensor, sigma: float) -> Tensor:
    """Gaussian blur (B, C, H, W); ``sigma`` in pixels of an image whose longer side is REFERENCE."""
    height, width = images.shape[-2:]
    sigma = sigma * max(height, width) / REFERENCE
    return _blur_matrix(height, sigma).to(images) @ images @ _blur_matrix(width, sigma).to(images).T


def pixel_positions(height: int, width: int) -> Tensor:
    """Return the centres of the pixels as (x, y) in half sides from the image's centre: (H, W, 2)."""
    y, x = (torch.from_numpy(centres(side)) for side in (height, width))
    return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], dim=-1)


def sample(images: Tensor, positions: Tensor, mode: str = "bilinear", padding: str = "border") -> Tensor:
    """Return the images (B, C, H, W) at ``positions`` (B, h, w, 2), in half sides from the centre: (B, C, h, w).

    Raises GlicoError for positions that are not finite: PyTorch would read memory at an undefined index.
    """
    if not torch.isfinite(positions).all():
        raise GlicoError("Cannot sample the image: a displacement field is not finite. Register the images again.")
    positions = positions.clamp(-FARTHEST, FARTHEST)
    return F.grid_sample(images, positions, mode=mode, padding_mode=padding, align_corners=False)


@lru_cache(maxsize=256)
def _blur_matrix(side: int, sigma: float) -> Tensor:
    with torch.inference_mode(False):  # kept for callers that need gradients
        return torch.tensor(blur_matrix(side, sigma))  # a copy, aligned as other tensors are: products round alike
