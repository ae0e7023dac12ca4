"""Conversions of images: tensors for networks, bytes for files and pages, pictures of Pillow."""

import numpy as np
import torch
from torch import Tensor

from glico.types import Images


def to_uint8(images: Tensor) -> Images:
    """Convert images (B, C, H, W) in [0, 1], on any device, to (B, H, W, C) uint8; values beyond are clipped."""
    pixels = (images.detach().float().clamp(0, 1) * 255).round().byte()
    return pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def to_float(images: Images) -> Tensor:
    """Convert images (B, H, W, C) uint8 to (B, C, H, W) float32 in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 255
