"""Generators G_theta([z, e]): a DCGAN [32] that fits each resolution, and the authors' own for 32 pixels."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.config import TrainConfig
from glico.errors import GlicoError

MAXIMUM_CHANNELS = 512


class Generator(nn.Module):
    """An image from a code and noise: (B, d), (B, m) -> (B, C, H, W) in [0, 1].

    ``noise`` says how the two meet: ``concatenate`` [z, e] (section III-B); ``project`` [z, LeakyReLU(W e)] (the
    authors' code); ``add`` z + e, where m = d (section V-B); ``none``.
    """

    def __init__(self, body: nn.Module, noise: str, noise_dimension: int) -> None:
        super().__init__()
        self.noise = noise
        self.projection = (
            nn.Sequential(nn.Linear(noise_dimension, noise_dimension, bias=False), nn.LeakyReLU(0.2))
            if noise == "project"
            else nn.Identity()
        )
        self.body = body

    def forward(self, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Generate images; ``noise`` is None where the generator takes none."""
        if self.noise == "none" or noise is None:
            return self.body(z)
        if self.noise == "add":
            return self.body(z + noise)
        return self.body(torch.cat([z, self.projection(noise)], dim=1))


def dcgan(inputs: int, channels: int, resolution: int, width: int) -> nn.Module:
    """DCGAN's generator [32]: the code projected to 4 x 4, then transposed convolutions that double the side.

    The last hidden layer has ``width`` channels, each earlier one twice as many, at most MAXIMUM_CHANNELS.
    """
    doublings = int(math.log2(resolution // 4))
    hidden = [min(width * 2**i, MAXIMUM_CHANNELS) for i in reversed(range(doublings))]
    layers: list[nn.Module] = [
        nn.Linear(inputs, hidden[0] * 4 * 4, bias=False),
        nn.Unflatten(1, (hidden[0], 4, 4)),
    ]
    for before, after in zip(hidden, [*hidden[1:], channels], strict=True):
        layers += [nn.BatchNorm2d(before), nn.ReLU()]
        layers += [nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=after == channels)]
    return nn.Sequential(*layers, nn.Sigmoid())


def reference(inputs: int, channels: int, resolution: int, width: int) -> nn.Module:
    """The authors' CIFAR generator: two linear layers and two transposed convolutions, no batch normalisation.

    Weights start from Xavier's normal distribution with gain sqrt 2, as theirs.
    """
    if resolution != 32:
        raise GlicoError(f"The reference generator draws 32 pixels, not {resolution}: choose the dcgan generator.")
    body = nn.Sequential(
        nn.Linear(inputs, 1024, bias=False), nn.LeakyReLU(0.2),
        nn.Linear(1024, 8192, bias=False), nn.LeakyReLU(0.2), nn.Unflatten(1, (128, 8, 8)),
        nn.ConvTranspose2d(128, 64, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
        nn.ConvTranspose2d(64, channels, 4, stride=2, padding=1), nn.Sigmoid(),
    )  # fmt: skip
    for layer in body:
        if isinstance(layer, nn.Linear | nn.ConvTranspose2d):
            nn.init.xavier_normal_(layer.weight, gain=math.sqrt(2))
    return body


GENERATORS = {"dcgan": dcgan, "reference": reference}


def build_generator(config: TrainConfig, channels: int, resolution: int) -> Generator:
    """The generator that ``config`` asks for, with its initial weights (drawn from torch's global generator)."""
    inputs = config.dimension + (config.noise_dimension if config.noise in ("concatenate", "project") else 0)
    body = GENERATORS[config.generator](inputs, channels, resolution, config.generator_width)
    return Generator(body, config.noise, config.noise_dimension)


def draw_noise(config: TrainConfig, count: int, rng: torch.Generator) -> Tensor | None:
    """Noise e ~ N(0, sigma^2 I), (count, m), on the random generator's device; None where the model has none."""
    if config.noise == "none":
        return None
    size = config.dimension if config.noise == "add" else config.noise_dimension
    return config.noise_std * torch.randn(count, size, generator=rng, device=rng.device)


def no_noise(config: TrainConfig, count: int, device: torch.device | str) -> Tensor | None:
    """The mean of the noise, (count, m) zeros: the generator's image of the code alone."""
    if config.noise == "none":
        return None
    size = config.dimension if config.noise == "add" else config.noise_dimension
    return torch.zeros(count, size, device=device)


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
