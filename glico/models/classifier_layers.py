"""The layers of the weak classifier of the latent optimisation as data. Imports no PyTorch."""

from glico.config import TrainConfig
from glico.models.layers import BatchNorm, Convolution, Flatten, Layer, LeakyReLU, Linear, MaxPool, ReLU, Shrink

WEAK_CHANNELS = 64
SIGHT = {"weak-cnn": None, "weak-cnn-16": 16, "weak-cnn-32": 32}  # pixels that larger images are averaged down to
SLOPE = 0.1  # of the LeakyReLU


def weak_classifier_layers(
    config: TrainConfig, channels: int, resolution: int, classes: int
) -> tuple[Layer, ...] | None:
    """Return the layers of the classifier that ``config`` puts into the loop; None if it is one of the larger networks,
    which PyTorch alone builds.

    They take images (B, C, H, W) in [0, 1], or codes (B, d), to logits (B, classes).
    """
    if config.classifier_input == "code":
        return code_classifier(config.dimension, classes)
    if config.weak_classifier in SIGHT:
        return image_classifier(channels, resolution, classes, SIGHT[config.weak_classifier])
    return None


def image_classifier(channels: int, resolution: int, classes: int, sight: int | None = None) -> tuple[Layer, ...]:
    """Four convolutions (section V-E), widths as in the authors' code: (B, C, H, W) in [0, 1] -> logits (B, classes).

    It looks at images averaged down to ``sight`` pixels; None: at the images themselves. The authors' code feeds the
    cross-entropy a softmax and makes the first activation the identity; both are slips of theirs that are left out
    here.
    """
    layers: list[Layer] = []
    if sight is not None and sight < resolution:
        layers, resolution = [Shrink(resolution // sight)], sight
    for inputs in (channels, WEAK_CHANNELS, WEAK_CHANNELS, WEAK_CHANNELS):
        layers += [Convolution(inputs, WEAK_CHANNELS), BatchNorm(WEAK_CHANNELS), LeakyReLU(SLOPE), MaxPool()]
    return (*layers, Flatten(), Linear(WEAK_CHANNELS * (resolution // 16) ** 2, classes, bias=True))


def code_classifier(dimension: int, classes: int) -> tuple[Layer, ...]:
    """The latent classifier of Table III: three fully connected layers, ReLU between, (B, d) -> logits (B, classes).

    Widths are the authors' code's; their dropout is not in the paper and is left out.
    """
    first, second = Linear(dimension, 512, bias=True), Linear(512, 1024, bias=True)
    return first, ReLU(), second, ReLU(), Linear(1024, classes, bias=True)
