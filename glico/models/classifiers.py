"""Classifiers that are trained on the augmented sample: (B, C, H, W) in [0, 1] -> logits (B, classes).

Each begins with a :class:`Standardise` layer, so that what is exported takes plain images. Weights are drawn from
torch's global generator: fork and seed it around the call.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glico.errors import GlicoError

SMALL_CNN_WIDTH = 32
WIDE_RESNET_DROPOUT = 0.3  # the authors' code


class Standardise(nn.Module):
    """(x - mean) / std a channel; :meth:`fit` takes both from images. Before that, mean 0.5 and std 0.25."""

    mean: Tensor  # (1, C, 1, 1)
    std: Tensor  # (1, C, 1, 1)

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.full((1, channels, 1, 1), 0.5))
        self.register_buffer("std", torch.full((1, channels, 1, 1), 0.25))

    def fit(self, images: Tensor) -> None:
        """Take mean and standard deviation from ``images`` (n, C, H, W) in [0, 1]."""
        self.mean.copy_(images.mean(dim=(0, 2, 3), keepdim=True))
        self.std.copy_(images.std(dim=(0, 2, 3), keepdim=True).clamp_min(1e-3))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


class Classifier(nn.Sequential):
    """Standardise, then the network."""

    def __init__(self, channels: int, network: nn.Module) -> None:
        super().__init__()
        self.standardise = Standardise(channels)
        self.network = network


def small_cnn(channels: int, resolution: int, classes: int) -> nn.Module:
    """Four 3 x 3 convolutions of 32, 64, 128, 128 channels: for laptops and for the scaled-down protocol.

    Above 32 pixels the first convolution has a stride that leaves 32, so that the cost stays the same.
    """
    width = SMALL_CNN_WIDTH
    widths = [channels, width, 2 * width, 4 * width, 4 * width]
    layers: list[nn.Module] = []
    for depth, (before, after) in enumerate(pairwise(widths)):
        stride = max(1, resolution // 32) if depth == 0 else 1
        layers += [nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        if depth < 3:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, classes))


class WideBlock(nn.Module):
    """The pre-activation block of a wide residual network [30]: BN-ReLU-conv, dropout, BN-ReLU-conv, shortcut."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(before)
        self.conv1 = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        self.dropout = nn.Dropout(WIDE_RESNET_DROPOUT)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        same = before == after and stride == 1
        self.shortcut = None if same else nn.Conv2d(before, after, 1, stride=stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        active = F.relu(self.norm1(x))
        residual = self.conv1(active)
        residual = self.conv2(self.dropout(F.relu(self.norm2(residual))))
        return residual + (x if self.shortcut is None else self.shortcut(active))


def wide_resnet(depth: int, width: int, channels: int, resolution: int, classes: int) -> nn.Module:
    """WideResNet-``depth``-``width`` [30] for small images; above 32 pixels its first convolution has a stride."""
    if (depth - 4) % 6 or depth < 10 or width < 1:
        raise GlicoError(f"wideresnet-{depth}-{width} does not exist: its depth is 6n + 4 (10, 16, 28, 40 ...).")
    blocks = (depth - 4) // 6
    stride = max(1, resolution // 32)
    layers: list[nn.Module] = [nn.Conv2d(channels, 16, 3, stride=stride, padding=1, bias=False)]
    before = 16
    for group, after in enumerate((16 * width, 32 * width, 64 * width)):
        for block in range(blocks):
            layers.append(WideBlock(before, after, 2 if group > 0 and block == 0 else 1))
            before = after
    layers += [nn.BatchNorm2d(before), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes)]
    network = nn.Sequential(*layers)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network


def resnet(name: str, channels: int, resolution: int, classes: int) -> nn.Module:
    """torchvision's ResNet [31] from scratch; up to 64 pixels with a 3 x 3 stem that keeps the resolution."""
    from torchvision.models import resnet18, resnet50

    network = {"resnet18": resnet18, "resnet50": resnet50}[name](num_classes=classes)
    if resolution <= 64:
        network.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
        network.maxpool = nn.Identity()
    elif channels != 3:
        network.conv1 = nn.Conv2d(channels, 64, 7, stride=2, padding=3, bias=False)
    nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
    return network


def build_classifier(name: str, channels: int, resolution: int, classes: int) -> Classifier:
    """The classifier called ``name``, by the names of ``ClassifyConfig.classifier``, for square images."""
    builders: dict[str, Callable[[], nn.Module]] = {
        "small-cnn": lambda: small_cnn(channels, resolution, classes),
        "resnet18": lambda: resnet("resnet18", channels, resolution, classes),
        "resnet50": lambda: resnet("resnet50", channels, resolution, classes),
    }
    if name.startswith("wideresnet-"):
        depth, width = (int(part) for part in name.split("-")[1:])
        return Classifier(channels, wide_resnet(depth, width, channels, resolution, classes))
    if name not in builders:
        raise GlicoError(f"There is no classifier {name}: choose {', '.join(builders)} or wideresnet-DEPTH-WIDTH.")
    return Classifier(channels, builders[name]())
