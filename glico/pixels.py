"""Conversions of images: numbers for networks, bytes for files and pages."""

from typing import TYPE_CHECKING, Any

import numpy as np
from array_api_compat import array_namespace, to_device

from glico.types import Floats, Images

if TYPE_CHECKING:
    from torch import Tensor


def to_uint8(images: Any) -> Images:
    """Convert images (B, C, H, W) in [0, 1], an array or a tensor on any device, to (B, H, W, C) uint8; values beyond
    are clipped."""
    xp = array_namespace(images)
    pixels = xp.astype(xp.round(xp.clip(xp.astype(images, xp.float32), 0, 1) * 255), xp.uint8)
    return np.ascontiguousarray(to_device(xp.permute_dims(pixels, (0, 2, 3, 1)), "cpu"))


def to_array(images: Images) -> Floats:
    """Convert images (B, H, W, C) uint8 to (B, C, H, W) float32 in [0, 1]."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def to_float(images: Images) -> "Tensor":
    """Convert images (B, H, W, C) uint8 to a tensor (B, C, H, W) float32 in [0, 1]."""
    from torch import from_numpy

    return from_numpy(to_array(images))
