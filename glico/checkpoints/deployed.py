"""A classifier as it is taken elsewhere: the preprocessing inside, made of what every export format knows."""

import torch
from torch import Tensor, nn

GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow turns RGB to grey


class Deployed(nn.Module):
    """Images (B, 1 or 3, H, W) of any size, uint8 or float in [0, 1] -> probabilities (B, K).

    The centre square is cut out and resized; colours are turned to the network's ``channels``.
    """

    def __init__(self, network: nn.Module, resolution: int, channels: int) -> None:
        super().__init__()
        self.network = network
        self.resolution = resolution
        self.channels = channels
        self.register_buffer("grey", torch.tensor(GREY).reshape(1, 3, 1, 1))
        self.grey: Tensor

    def forward(self, images: Tensor) -> Tensor:
        x = images.float() / 255 if images.dtype == torch.uint8 else images.float()
        if self.channels == 1 and x.shape[1] == 3:
            x = (x * self.grey).sum(dim=1, keepdim=True)
        elif self.channels == 3 and x.shape[1] == 1:
            x = x.expand(-1, 3, -1, -1)
        return self.network(centre_square(x, self.resolution)).softmax(dim=1)


def centre_square(images: Tensor, resolution: int) -> Tensor:
    """The centre square of ``images`` (B, C, H, W) in [0, 1], resized: (B, C, resolution, resolution).

    Bicubic and antialiased as ``torch.nn.functional.interpolate`` and Pillow do it, but as two matrix products.
    """
    y = torch.arange(images.shape[2], device=images.device) + 0.5  # the pixels' centres
    x = torch.arange(images.shape[3], device=images.device) + 0.5
    side = torch.minimum(y[-1], x[-1]) + 0.5
    rows, columns = _weights(y, side, resolution), _weights(x, side, resolution)
    return (rows @ images @ columns.transpose(0, 1)).clamp(0, 1)


def _weights(centres: Tensor, side: Tensor, resolution: int) -> Tensor:
    """What every pixel of a line, with ``centres`` (n,), gives to each of the new ones: (resolution, n), rows sum to 1.

    The line's middle part, ``side`` pixels long, becomes ``resolution`` pixels.
    """
    start = ((centres[-1] + 0.5 - side) / 2).floor()
    scale = side / resolution
    target = start + (torch.arange(resolution, device=centres.device) + 0.5) * scale
    weights = _cubic((centres - target[:, None]).abs() / scale.clamp(min=1.0))
    weights = weights * ((centres > start) & (centres < start + side))
    return weights / weights.sum(dim=1, keepdim=True)


def _cubic(x: Tensor) -> Tensor:
    """Keys' cubic kernel with a = -1/2, for ``x`` >= 0."""
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((2.5 - 0.5 * x) * x - 4) * x + 2
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))
