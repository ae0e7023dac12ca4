"""A transposed convolution as a plain one and a shuffle: where few channels come out, much faster on a CPU."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.models.generators import Generator

# Output row 2i sees the inputs i - 1 and i by these rows of the kernel, and output row 2i + 1 the inputs i and i + 1.
TAPS = ([3, 1], [2, 0])
FEW = 4  # output channels


class SubPixel(nn.Module):
    """What ``ConvTranspose2d(C, D, 4, stride=2, padding=1)`` computes, (B, C, H, W) -> (B, D, 2H, 2W).

    Each of the four output pixels of an input pixel is a convolution of 2 x 2; all four are one, with 4 D channels.
    """

    def __init__(self, layer: nn.ConvTranspose2d) -> None:
        super().__init__()
        quarters = [layer.weight[:, :, rows][:, :, :, columns] for rows in TAPS for columns in TAPS]  # (C, D, 2, 2)
        weight = torch.cat(quarters, dim=1).transpose(0, 1)  # (4 D, C, 2, 2)
        self.weight = nn.Parameter(weight.detach().contiguous())
        self.bias = nn.Parameter(layer.bias.detach().repeat(4)) if layer.bias is not None else None

    def forward(self, x: Tensor) -> Tensor:
        count, _, height, width = x.shape
        quarters = F.conv2d(x, self.weight, self.bias, padding=1)  # (B, 4 D, H + 1, W + 1)
        quarters = quarters.unflatten(1, (2, 2, -1))  # (B, 2, 2, D, ...): row parity, column parity
        image = quarters.new_empty(count, quarters.shape[3], 2 * height, 2 * width)
        for row in (0, 1):
            for column in (0, 1):
                part = quarters[:, row, column, :, row : row + height, column : column + width]
                image[:, :, row::2, column::2] = part
        return image


def faster_on_cpu(generator: nn.Module) -> nn.Module:
    """The same ``generator``, with another form of the layer that draws the pixels; other networks stay as they are."""
    if isinstance(generator, Generator) and isinstance(generator.body, nn.Sequential):
        for index, layer in enumerate(generator.body):
            if isinstance(layer, nn.ConvTranspose2d) and layer.out_channels <= FEW:
                generator.body[index] = SubPixel(layer)
    return generator
