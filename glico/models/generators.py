"""Generators G_theta([z, e]): a DCGAN [32] that fits each resolution, and the authors' own for 32 pixels."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.config import DcganConfig, TrainConfig
from glico.models.code_field import CodeField, move
from glico.models.generator_layers import GENERATORS, PROJECTION_SLOPE, input_size, noise_size, still
from glico.models.modules import sequential


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
        return self.body(self.join(z, noise))

    def join(self, z: Tensor, noise: Tensor | None) -> Tensor:
        """Return the input of the first layer."""
        if self.noise == "none" or noise is None:
            return z
        if self.noise == "add":
            return z + noise
        return torch.cat([z, self.projection(noise)], dim=1)


class MovingGenerator(Generator):
    """A generator that makes an image in the common frame of its class and moves it from there.

    The image is sigmoid(m + s): the ``body`` makes m in the common frame, and the ``field`` of the code warps it;
    ``still`` makes s in place. The noise moves nothing.
    """

    def __init__(self, body: nn.Module, still: nn.Module, field: CodeField, noise: str, noise_dimension: int) -> None:
        super().__init__(body, noise, noise_dimension)
        self.still, self.field = still, field

    def forward(self, z: Tensor, noise: Tensor | None = None, knots: Tensor | None = None) -> Tensor:
        """Generate images; ``knots`` (B, 2, KNOTS, KNOTS) are the fields of the codes if they are known."""
        joined = self.join(z, noise)
        moved = move(self.body(joined), self.field(z) if knots is None else knots)
        return torch.sigmoid(moved + self.still(joined))


def build_body(config: TrainConfig | DcganConfig, inputs: int, channels: int, resolution: int) -> nn.Sequential:
    """Return the generator's layers, (B, inputs) -> (B, channels, resolution, resolution), with their initial weights.

    Those of the authors' generator start from Xavier's normal distribution with gain sqrt 2, as theirs.
    """
    body = sequential(GENERATORS[config.generator](inputs, channels, resolution, config.generator_width))
    if config.generator == "reference":
        for layer in body:
            if isinstance(layer, nn.Linear | nn.ConvTranspose2d):
                nn.init.xavier_normal_(layer.weight, gain=math.sqrt(2))
    return body


def build_generator(config: TrainConfig, channels: int, resolution: int, codes: int = 0) -> Generator:
    """Return the configured generator with initial weights from torch's global generator.

    A moving generator has room for the fields of this number of ``codes``.
    """
    inputs = input_size(config)
    body = build_body(config, inputs, channels, resolution)
    if config.generator != "moving":
        return Generator(body, config.noise, config.noise_dimension)
    unmoved = sequential(still(inputs, channels, resolution, config.generator_width))
    field = CodeField(config.dimension, codes)
    return MovingGenerator(body, unmoved, field, config.noise, config.noise_dimension)


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
    """Return the same ``generator``, with another form of the layer that computes the pixels.

    Other networks stay as they are.
    """
    if isinstance(generator, Generator):
        for part in generator.children():
            if isinstance(part, nn.Sequential):
                _draw_faster(part)
    return generator


def _draw_faster(layers: nn.Sequential) -> None:
    for index, layer in enumerate(layers):
        if isinstance(layer, nn.ConvTranspose2d) and layer.out_channels <= FEW:
            layers[index] = SubPixel(layer)
