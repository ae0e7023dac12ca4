"""Classifiers: those trained on the augmented sample, and the weak one of the latent optimisation.

The former take (B, C, H, W) in [0, 1] to logits (B, classes) and begin with a :class:`Standardise` layer, so that what
is exported takes plain images. Weights are drawn from torch's global generator: fork and seed it around the call.
"""

import re
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.models.classifier_layers import weak_classifier_layers
from glico.models.modules import sequential
from glico.models.residual_networks import cifar_resnet, wide_resnet
from glico.models.torchvision_networks import imagenet_weights, resnet, vgg19
from glico.models.weights import MEAN, STD

SMALL_CNN_WIDTH = 32


class Standardise(nn.Module):
    """(x - mean) / std per channel; :meth:`fit` takes both from images. Before that, mean 0.5 and std 0.25."""

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


class CentreCrop(nn.Module):
    """The centre of ``side`` pixels of images that are larger: what is tested and deployed comes whole."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, x: Tensor) -> Tensor:
        edge = (x.shape[-1] - self.side) // 2
        return x[:, :, edge : edge + self.side, edge : edge + self.side] if edge > 0 else x


class Classifier(nn.Sequential):
    """An optional centre crop, standardisation, then the network."""

    def __init__(self, channels: int, network: nn.Module, side: int | None = None) -> None:
        super().__init__()
        self.side = side
        if side is not None:
            self.crop = CentreCrop(side)
        self.standardise = Standardise(channels)
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Without this, PyTorch 2.11 compiles a Sequential layer by layer, again and again, and never the whole."""
        return super().forward(x)


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


# Names as patterns; their groups are the builder's first arguments, then come channels, resolution and classes.
BUILDERS: dict[str, Callable[..., nn.Module]] = {
    "small-cnn": small_cnn,
    r"wideresnet-(\d+)-(\d+)": wide_resnet,
    "resnet(18|50)": resnet,
    "resnet(20|32|44|56|110)": cifar_resnet,
    "vgg19": vgg19,
}


def build_classifier(name: str, channels: int, resolution: int, classes: int, *, side: int | None = None) -> Classifier:
    """Return the classifier called ``name``, by the names of ``ClassifyConfig.classifier``, for square images.

    With ``side`` it looks at the centre of that many pixels of the ``resolution``.
    """
    for pattern, builder in BUILDERS.items():
        if match := re.fullmatch(pattern, name):
            numbers = (int(group) for group in match.groups())
            return Classifier(channels, builder(*numbers, channels, side or resolution, classes), side)
    raise GlicoError(
        f"There is no classifier {name}: choose small-cnn, wideresnet-DEPTH-WIDTH, resnet18, resnet50, vgg19, or "
        "ResNet of [31] for small images: resnet20, 32, 44, 56 or 110."
    )


def load_imagenet(classifier: Classifier, name: str, path: str | None = None, download: bool = False) -> None:
    """Give ``classifier``, built by ``name``, ImageNet's weights in all layers but the last, and its mean and std.

    See :func:`glico.models.torchvision_networks.imagenet_weights`; raises GlicoError as it does.
    """
    classifier.network.load_state_dict(imagenet_weights(classifier.network, name, path, download), strict=False)
    classifier.standardise.mean.copy_(torch.tensor(MEAN).view(1, 3, 1, 1))
    classifier.standardise.std.copy_(torch.tensor(STD).view(1, 3, 1, 1))


def build_weak_classifier(
    config: TrainConfig, channels: int, resolution: int, classes: int, images: Tensor | None = None
) -> nn.Module:
    """Return the weak classifier of ``config``, from images (B, C, H, W) in [0, 1] or codes (B, d) to logits.

    A strong one standardises its input by the mean and deviation of ``images`` (n, C, H, W). Weights
    are drawn from torch's global generator.
    """
    layers = weak_classifier_layers(config, channels, resolution, classes)
    if layers is not None:
        return sequential(layers)
    classifier: Classifier = build_classifier(config.weak_classifier, channels, resolution, classes)
    if images is not None:
        classifier.standardise.fit(images)
    return classifier
