"""The residual networks for small images of [31], section 4.2: depth 6n + 2, three groups of 16, 32, 64 channels."""

import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Module):
    """Conv-BN-ReLU, conv-BN, plus the shortcut, ReLU. Where the size changes, the shortcut takes every other pixel
    and fills the new channels with zeros: no parameters (option A)."""

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
