"""Residual networks for small images: ResNets of [31], section 4.2 (depth 6n + 2), and wide ones [30]."""

import torch.nn.functional as F
from torch import Tensor, nn

from glico.errors import GlicoError


class Block(nn.Module):
    """Conv-BN-ReLU, conv-BN, plus the shortcut, ReLU. If the size changes, the shortcut takes every other
    pixel and fills the new channels with zeros, without parameters (option A)."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        self.stride, self.added = stride, after - before

    def forward(self, x: Tensor) -> Tensor:
        residual = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        shortcut = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.added))
        return F.relu(residual + shortcut)


def cifar_resnet(depth: int, channels: int, resolution: int, classes: int) -> nn.Module:
    """ResNet-``depth`` (20, 32, 44, 56, 110) of [31]; above 32 pixels its first convolution has a stride."""
    stride = max(1, resolution // 32)
    layers = [nn.Conv2d(channels, 16, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    before = 16
    for group, after in enumerate((16, 32, 64)):
        for block in range((depth - 2) // 6):
            layers.append(Block(before, after, 2 if group > 0 and block == 0 else 1))
            before = after
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network


DROPOUT = 0.3  # the authors' code


class WideBlock(nn.Module):
    """The pre-activation block of a wide residual network [30]: BN-ReLU-conv, dropout, BN-ReLU-conv, shortcut."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(before)
        self.conv1 = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        self.dropout = nn.Dropout(DROPOUT)
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
