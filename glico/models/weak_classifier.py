"""The weak classifier f_phi: small on purpose, so that it regularises and does not rule (section V-E)."""

import torch.nn.functional as F
from torch import Tensor, nn

from glico.config import TrainConfig
from glico.models.classifiers import Classifier, build_classifier

CHANNELS = 64
SIGHT = {"weak-cnn": None, "weak-cnn-16": 16, "weak-cnn-32": 32}  # pixels that larger images are averaged down to


def build_weak_classifier(
    config: TrainConfig, channels: int, resolution: int, classes: int, images: Tensor | None = None
) -> nn.Module:
    """The classifier that ``config`` puts into the loop: images (B, C, H, W) in [0, 1], or codes (B, d), to logits.

    ``images`` (n, C, H, W) are what a strong one, which standardises its input, takes mean and deviation from. Weights
    are drawn from torch's global generator.
    """
    if config.classifier_input == "code":
        return code_classifier(config.dimension, classes)
    if config.weak_classifier in SIGHT:
        return image_classifier(channels, resolution, classes, SIGHT[config.weak_classifier])
    classifier: Classifier = build_classifier(config.weak_classifier, channels, resolution, classes)
    if images is not None:
        classifier.standardise.fit(images)
    return classifier


class Shrink(nn.Module):
    """Images (B, C, H, W) averaged down to at most ``side`` pixels."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, side, side), or the images themselves if they are no larger."""
        return F.avg_pool2d(x, x.shape[-1] // self.side) if x.shape[-1] > self.side else x


def image_classifier(channels: int, resolution: int, classes: int, sight: int | None = None) -> nn.Module:
    """Four convolutions (section V-E), widths as in the authors' code: (B, C, H, W) in [0, 1] -> logits (B, classes).

    It looks at images averaged down to ``sight`` pixels; None: at the images themselves. The authors' code feeds the
    cross-entropy a softmax and makes the first activation the identity; both are slips of theirs that are left out
    here.
    """
    layers: list[nn.Module] = []
    if sight is not None and sight < resolution:
        layers, resolution = [Shrink(sight)], sight
    for inputs in (channels, CHANNELS, CHANNELS, CHANNELS):
        layers += [nn.Conv2d(inputs, CHANNELS, 3, padding=1), nn.BatchNorm2d(CHANNELS), nn.LeakyReLU(0.1)]
        layers += [nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(CHANNELS * (resolution // 16) ** 2, classes))


def code_classifier(dimension: int, classes: int) -> nn.Module:
    """The latent classifier of Table III: three fully connected layers, ReLU between, (B, d) -> logits (B, classes).

    Widths are the authors' code's; their dropout is not in the paper and is left out.
    """
    return nn.Sequential(
        nn.Linear(dimension, 512), nn.ReLU(), nn.Linear(512, 1024), nn.ReLU(), nn.Linear(1024, classes)
    )
