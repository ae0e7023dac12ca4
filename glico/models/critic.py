"""The critic of adversarially constrained interpolation (ACAI; Berthelot et al., ICLR 2019)."""

import math
from itertools import pairwise

from torch import Tensor, nn

WIDTH = 32  # channels of the first layer; each further one has twice as many
SIDE = 8  # pixels of the last maps; each pixel holds one estimate


class Critic(nn.Module):
    """Estimates how much of a second image is mixed into each image: (B, C, H, W) in [0, 1] -> (B,).

    Strided convolutions down to SIDE pixels, whose estimates are averaged. There is no batch normalisation, since the
    statistics of a batch of interpolated images would reveal it.
    """

    def __init__(self, channels: int, resolution: int) -> None:
        super().__init__()
        halvings = max(1, int(math.log2(resolution // SIDE)))
        widths = [channels, *(WIDTH * 2**depth for depth in range(halvings))]
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Conv2d(before, after, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        self.body = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 3, padding=1))

    def forward(self, images: Tensor) -> Tensor:
        return self.body(2 * images - 1).mean(dim=(1, 2, 3))
