"""The faster form of the layer that draws the pixels gives the same pictures."""

import copy

import pytest
import torch
from tiny_checkpoints import give_fields
from torch import nn

from glico.config import TrainConfig
from glico.models.generators import SubPixel, build_generator, faster_on_cpu


@pytest.mark.parametrize(
    ("name", "resolution", "channels"),
    [("dcgan", 16, 1), ("dcgan", 64, 3), ("reference", 32, 3), ("moving", 16, 3)],
)
def test_a_generator_draws_the_same(name: str, resolution: int, channels: int) -> None:
    torch.manual_seed(0)
    config = TrainConfig(generator=name, generator_width=10, dimension=8)
    slow = build_generator(config, channels, resolution).eval()
    give_fields(slow)
    fast = faster_on_cpu(copy.deepcopy(slow))
    assert sum(isinstance(layer, SubPixel) for layer in fast.modules()) == (2 if name == "moving" else 1)
    z, noise = torch.randn(3, 8), torch.randn(3, config.noise_dimension)
    with torch.no_grad():
        torch.testing.assert_close(fast(z, noise), slow(z, noise), atol=1e-6, rtol=0)


def test_sides_need_not_be_equal_and_other_networks_stay() -> None:
    layer = nn.ConvTranspose2d(5, 2, 4, stride=2, padding=1)
    x = torch.randn(2, 5, 3, 7)
    torch.testing.assert_close(SubPixel(layer)(x), layer(x), atol=1e-6, rtol=0)
    assert faster_on_cpu(layer) is layer
