"""Layers that are described as data, as PyTorch's modules."""

from collections.abc import Iterable

from torch import nn

from glico.models.layers import (
    BatchNorm,
    Convolution,
    Flatten,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool,
    ReLU,
    Shrink,
    Sigmoid,
    Unflatten,
    Upsample,
)


def sequential(layers: Iterable[Layer]) -> nn.Sequential:
    """Return the ``layers`` one after the other, with initial weights from torch's global generator."""
    return nn.Sequential(*map(_module, layers))


def _module(layer: Layer) -> nn.Module:
    match layer:
        case Linear(inputs, outputs, bias):
            return nn.Linear(inputs, outputs, bias=bias)
        case Unflatten(channels, side):
            return nn.Unflatten(1, (channels, side, side))
        case Flatten():
            return nn.Flatten()
        case BatchNorm(channels):
            return nn.BatchNorm2d(channels)
        case ReLU():
            return nn.ReLU()
        case LeakyReLU(slope):
            return nn.LeakyReLU(slope)
        case Sigmoid():
            return nn.Sigmoid()
        case Convolution(inputs, outputs):
            return nn.Conv2d(inputs, outputs, 3, padding=1)
        case Upsample(inputs, outputs, bias):
            return nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=bias)
        case MaxPool():
            return nn.MaxPool2d(2)
        case Shrink(factor):
            return nn.AvgPool2d(factor)
