"""Generators G_theta([z, e]): a DCGAN [32] that fits each resolution, and the authors' own for 32 pixels."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.config import DcganConfig, TrainConfig
from glico.models.generator_layers import (
    GENERATORS,
    PROJECTION_SLOPE,
    BatchNorm,
    Layer,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Unflatten,
    Upsample,
    input_size,
    noise_size,
)


class Generator(nn.Module):
    """An image from a code and noise: (B, d), (B, m) -> (B, C, H, W) in [0, 1].

    ``noise`` selects how the two are combined: ``concatenate`` [z, e] (section III-B); ``project`` [z, LeakyReLU(W e)]
    (the
    authors' code); ``add`` z + e, which needs m = d (section V-B); ``none``.
    """

    def __init__(self, body: nn.Module, noise: str, noise_dimension: int) -> None:
        super().__init__()
        self.noise = noise
        self.projection = (
            nn.Sequential(nn.Linear(noise_dimension, noise_dimension, bias=False), nn.LeakyReLU(PROJECTION_SLOPE))
            if noise == "project"
            else nn.Identity()
        )
        self.body = body

    def forward(self, z: Tensor, noise: Tensor | None = None) -> Tensor:
        """Generate images; ``noise`` is None if the generator takes none."""
        if self.noise == "none" or noise is None:
            return self.body(z)
        if self.noise == "add":
            return self.body(z + noise)
        return self.body(torch.cat([z, self.projection(noise)], dim=1))


def _module(layer: Layer) -> nn.Module:
    match layer:
        case Linear(inputs, outputs):
            return nn.Linear(inputs, outputs, bias=False)
        case Unflatten(channels, side):
            return nn.Unflatten(1, (channels, side, side))
        case BatchNorm(channels):
            return nn.BatchNorm2d(channels)
        case ReLU():
            return nn.ReLU()
        case LeakyReLU(slope):
            return nn.LeakyReLU(slope)
        case Upsample(inputs, outputs, bias):
            return nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=bias)
        case Sigmoid():
            return nn.Sigmoid()


def build_body(config: TrainConfig | DcganConfig, inputs: int, channels: int, resolution: int) -> nn.Sequential:
    """Return the generator's layers, (B, inputs) -> (B, channels, resolution, resolution), with their initial weights.

    Those of the authors' generator start from Xavier's normal distribution with gain sqrt 2, as theirs.
    """
    layers = GENERATORS[config.generator](inputs, channels, resolution, config.generator_width)
    body = nn.Sequential(*map(_module, layers))
    if config.generator == "reference":
        for layer in body:
            if isinstance(layer, nn.Linear | nn.ConvTranspose2d):
                nn.init.xavier_normal_(layer.weight, gain=math.sqrt(2))
    return body


def build_generator(config: TrainConfig, channels: int, resolution: int) -> Generator:
    """Return the generator that ``config`` asks for, with its initial weights (drawn from torch's global generator)."""
    body = build_body(config, input_size(config), channels, resolution)
    return Generator(body, config.noise, config.noise_dimension)


def draw_noise(config: TrainConfig, count: int, rng: torch.Generator) -> Tensor | None:
    """Noise e ~ N(0, sigma^2 I), (count, m), on the random generator's device; None if the model has none."""
    size = noise_size(config)
    if size is None:
        return None
    return config.noise_std * torch.randn(count, size, generator=rng, device=rng.device)


def no_noise(config: TrainConfig, count: int, device: torch.device | str) -> Tensor | None:
    """Return the mean of the noise, (count, m) zeros: the generator's image of the code alone."""
    size = noise_size(config)
    return None if size is None else torch.zeros(count, size, device=device)


# Output row 2i sees the inputs i - 1 and i by these rows of the kernel, and output row 2i + 1 the inputs i and i + 1.
TAPS = ([3, 1], [2, 0])
FEW = 4  # output channels


class SubPixel(nn.Module):
    """An equivalent of ``ConvTranspose2d(C, D, 4, stride=2, padding=1)``, (B, C, H, W) -> (B, D, 2H, 2W).

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
    """Return the same ``generator``, with another form of the layer that draws the pixels.

    Other networks stay as they are.
    """
    if isinstance(generator, Generator) and isinstance(generator.body, nn.Sequential):
        for index, layer in enumerate(generator.body):
            if isinstance(layer, nn.ConvTranspose2d) and layer.out_channels <= FEW:
                generator.body[index] = SubPixel(layer)
    return generator
