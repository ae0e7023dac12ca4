"""The layers of each generator as data. Imports no PyTorch."""

import math

from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.models.layers import BatchNorm, Layer, LeakyReLU, Linear, ReLU, Sigmoid, Unflatten, Upsample

MAXIMUM_CHANNELS = 512
PROJECTION_SLOPE = 0.2  # of the LeakyReLU behind projected noise
START = 4  # pixels: the side of a DCGAN's first feature maps


def dcgan(inputs: int, channels: int, resolution: int, width: int) -> tuple[Layer, ...]:
    """DCGAN's generator [32]: the code projected to 4 x 4, then transposed convolutions that double the side.

    The last hidden layer has ``width`` channels, each earlier one twice as many, at most MAXIMUM_CHANNELS.
    """
    doublings = int(math.log2(resolution // START))
    hidden = [min(width * 2**i, MAXIMUM_CHANNELS) for i in reversed(range(doublings))]
    layers: list[Layer] = [Linear(inputs, hidden[0] * START * START, bias=False), Unflatten(hidden[0], START)]
    for before, after in zip(hidden, [*hidden[1:], channels], strict=True):
        layers += [BatchNorm(before), ReLU(), Upsample(before, after, bias=after == channels)]
    return (*layers, Sigmoid())


def reference(inputs: int, channels: int, resolution: int, width: int) -> tuple[Layer, ...]:
    """Return the authors' CIFAR generator: two linear and two transposed convolution layers, no batch normalisation."""
    if resolution != 32:
        raise GlicoError(f"The reference generator draws 32 pixels, not {resolution}: choose the dcgan generator.")
    slope = LeakyReLU(0.2)
    return (
        *(Linear(inputs, 1024, bias=False), slope, Linear(1024, 8192, bias=False), slope, Unflatten(128, 8)),
        *(Upsample(128, 64, bias=True), slope, Upsample(64, channels, bias=True), Sigmoid()),
    )


def moving(inputs: int, channels: int, resolution: int, width: int) -> tuple[Layer, ...]:
    """The part of the moving generator's image that moves: a DCGAN without the sigmoid."""
    return dcgan(inputs, channels, resolution, width)[:-1]


def still(inputs: int, channels: int, resolution: int, width: int) -> tuple[Layer, ...]:
    """The part of the moving generator's image that stays in place: a DCGAN of half the width without the
    sigmoid."""
    return dcgan(inputs, channels, resolution, width // 2)[:-1]


GENERATORS = {"dcgan": dcgan, "reference": reference, "moving": moving}


def input_size(config: TrainConfig) -> int:
    """Return the size of the first layer's input: the code, and the noise if it is concatenated."""
    return config.dimension + (config.noise_dimension if config.noise in ("concatenate", "project") else 0)


def noise_size(config: TrainConfig) -> int | None:
    """Return the dimension m of the noise (B, m) that the generator takes; None if it takes none."""
    if config.noise == "none":
        return None
    return config.dimension if config.noise == "add" else config.noise_dimension
