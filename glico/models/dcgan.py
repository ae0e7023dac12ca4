"""The networks of the conditional DCGAN [32] that the paper compares with: its generator and its discriminator."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from glico.config import DcganConfig
from glico.models.generator_layers import MAXIMUM_CHANNELS
from glico.models.generators import Generator, build_body


class ConditionalGenerator(nn.Module):
    """Images of classes: labels (B,), noise (B, m) -> (B, C, H, W) in [0, 1], as G([e_y, noise])."""

    def __init__(self, config: DcganConfig, channels: int, resolution: int, classes: int) -> None:
        super().__init__()
        inputs = config.dimension + config.noise_dimension
        body = build_body(config, inputs, channels, resolution)
        self.generator = Generator(body, "concatenate", config.noise_dimension)
        if config.generator == "dcgan":
            initialise(self.generator)
        self.classes = nn.Embedding(classes, config.dimension)
        self.noise_dimension = config.noise_dimension

    def forward(self, labels: Tensor, noise: Tensor) -> Tensor:
        return self.generator(self.classes(labels), noise)

    def generate(self, labels: Tensor, rng: torch.Generator) -> Tensor:
        """Return an image of each label (B,), its noise from N(0, I)."""
        noise = torch.randn(len(labels), self.noise_dimension, generator=rng, device=rng.device)
        images: Tensor = self(labels, noise.to(labels.device))
        return images


WEIGHT_STD = 0.02  # DCGAN [32], section 4


class Discriminator(nn.Module):
    """Tell real images of a class from generated ones: (B, C, H, W) in [0, 1] and labels (B,) -> logits (B,).

    DCGAN's convolutions with a stride, down to 4 x 4 [32]; the class enters as a projection, w h + <e_y, h> (Miyato
    and Koyama, 2018, Eq. 3).
    """

    def __init__(self, channels: int, resolution: int, classes: int, width: int) -> None:
        super().__init__()
        halvings = int(math.log2(resolution // 4))
        hidden = [min(width * 2**i, MAXIMUM_CHANNELS) for i in range(halvings)]
        layers: list[nn.Module] = []
        for depth, (before, after) in enumerate(pairwise([channels, *hidden])):
            layers.append(nn.Conv2d(before, after, 4, stride=2, padding=1, bias=depth == 0))
            layers += [nn.BatchNorm2d(after)] if depth else []
            layers.append(nn.LeakyReLU(0.2))
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.score = nn.Linear(hidden[-1] * 4 * 4, 1)
        self.classes = nn.Embedding(classes, hidden[-1] * 4 * 4)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        h = self.body(2 * images - 1)  # (B, f)
        return self.score(h)[:, 0] + (self.classes(labels) * h).sum(dim=1)


@torch.no_grad()
def initialise(network: nn.Module) -> None:
    """Weights from N(0, 0.02^2), those of batch normalisation around 1 [32], from torch's global generator."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.Embedding):
            module.weight.normal_(0, WEIGHT_STD)
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.normal_(1, WEIGHT_STD)
