"""Rectangles in images, as masks."""

import torch
from torch import Tensor


def rectangle(top: Tensor, left: Tensor, h: Tensor, w: Tensor, height: int, width: int) -> Tensor:
    """Return masks (B, 1, height, width), true inside [top, top + h) x [left, left + w); arguments (B,) int64."""
    y = torch.arange(height, device=top.device)
    x = torch.arange(width, device=top.device)
    rows = (y >= top[:, None]) & (y < (top + h)[:, None])  # (B, H)
    columns = (x >= left[:, None]) & (x < (left + w)[:, None])  # (B, W)
    return (rows[:, :, None] & columns[:, None, :])[:, None]


def paint(images: Tensor, mask: Tensor, fill: Tensor) -> Tensor:
    """Return ``images`` (B, C, H, W) with ``fill`` (C,) where ``mask`` (B, 1, H, W) is true."""
    return torch.where(mask.to(images.device, non_blocking=True), fill.to(images)[:, None, None], images)
