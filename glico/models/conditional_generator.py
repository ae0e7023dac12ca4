"""The conditional DCGAN's generator: GLICO's own network, with a learned embedding a class where a code stood."""

import torch
from torch import Tensor, nn

from glico.config import DcganConfig
from glico.models.discriminator import initialise
from glico.models.generators import GENERATORS, Generator


class ConditionalGenerator(nn.Module):
    """Images of classes: labels (B,), noise (B, m) -> (B, C, H, W) in [0, 1], as G([e_y, noise])."""

    def __init__(self, config: DcganConfig, channels: int, resolution: int, classes: int) -> None:
        super().__init__()
        inputs = config.dimension + config.noise_dimension
        body = GENERATORS[config.generator](inputs, channels, resolution, config.generator_width)
        self.generator = Generator(body, "concatenate", config.noise_dimension)
        if config.generator == "dcgan":
            initialise(self.generator)
        self.classes = nn.Embedding(classes, config.dimension)
        self.noise_dimension = config.noise_dimension

    def forward(self, labels: Tensor, noise: Tensor) -> Tensor:
        return self.generator(self.classes(labels), noise)

    def draw(self, labels: Tensor, rng: torch.Generator) -> Tensor:
        """An image of each label (B,), its noise from N(0, I)."""
        noise = torch.randn(len(labels), self.noise_dimension, generator=rng, device=rng.device)
        images: Tensor = self(labels, noise.to(labels.device))
        return images
