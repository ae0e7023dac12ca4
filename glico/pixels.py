"""Images as bytes, as files and pages take them, and as numbers, as networks do."""

import numpy as np
import torch
from torch import Tensor

from glico.types import Images


def to_uint8(images: Tensor) -> Images:
    """(B, C, H, W) in [0, 1], on any device -> (B, H, W, C) uint8; what lies outside is clipped."""
    pixels = (images.detach().float().clamp(0, 1) * 255).round().byte()
    return pixels.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def to_float(images: Images) -> Tensor:
    """(B, H, W, C) uint8 -> (B, C, H, W) float32 in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 255
