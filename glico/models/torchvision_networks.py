"""torchvision's networks, with forms for small images, and its ImageNet weights for them."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from glico.errors import GlicoError
from glico.models.published import RESNET18, RESNET50, VGG19
from glico.models.weights import find_weights, read_weights

SMALL = 64  # pixels; up to here a network has its form for small images
PRETRAINED = {"resnet18": RESNET18, "resnet50": RESNET50, "vgg19": VGG19}


def resnet(depth: int, channels: int, resolution: int, classes: int) -> nn.Module:
    """ResNet-18 or ResNet-50 [31]; for small images with a 3 x 3 stem that keeps the resolution."""
    from torchvision.models import resnet18, resnet50

    network = {18: resnet18, 50: resnet50}[depth](num_classes=classes)
    if resolution <= SMALL:
        network.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
        network.maxpool = nn.Identity()
    elif channels != 3:
        network.conv1 = nn.Conv2d(channels, 64, 7, stride=2, padding=3, bias=False)
    nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
    return network


def vgg19(channels: int, resolution: int, classes: int) -> nn.Module:
    """VGG-19 with batch normalisation; for small images one linear layer replaces the three of 4096 units."""
    from torchvision.models import vgg

    if resolution > SMALL:
        network = vgg.vgg19_bn(num_classes=classes)
        features = network.features
    else:
        features = vgg.make_layers(vgg.cfgs["E"], batch_norm=True)
        if resolution < 32:
            features = features[:-1]  # the fifth pooling would leave nothing
        head = nn.Linear(512, classes)
        parts = {"features": features, "pool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten(), "classifier": head}
        network = nn.Sequential(OrderedDict(parts))
    if channels != 3:
        features[0] = nn.Conv2d(channels, 64, 3, padding=1)
    for module in features:
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            module.bias = nn.Parameter(torch.zeros(module.out_channels))
    return network


def imagenet_weights(network: nn.Module, name: str, path: str | None, download: bool) -> dict[str, Tensor]:
    """torchvision's ImageNet weights for all layers but the last of ``network``, which was built by ``name``.

    They come from ``path`` (.safetensors or .pth), else from the cache, into which they are downloaded if
    ``download`` allows it. Raises GlicoError if there are none for this network or they do not fit.
    """
    if name not in PRETRAINED:
        raise GlicoError(f"There are no pretrained weights for {name}: choose {', '.join(PRETRAINED)}.")
    published = PRETRAINED[name]
    missing = (
        f"The pretrained weights of {published.name} are not on this machine: allow the download, or name a file with "
        "classifier_weights."
    )
    state = read_weights(find_weights(path, published, download, missing))
    head = [layer for layer, module in network.named_modules() if isinstance(module, nn.Linear)][-1]
    own = {key: value for key, value in network.state_dict().items() if not key.startswith(f"{head}.")}
    for key, value in own.items():
        tensor = state.get(key)
        if tensor is None or tensor.shape != value.shape:
            there = "missing" if tensor is None else _shape(tensor)
            raise GlicoError(
                f"The pretrained weights do not fit {name} here: {key} is {there} in them, {_shape(value)} in it. "
                f"ResNets take them for RGB images above {SMALL} pixels, VGG for RGB images."
            )
    return {key: state[key] for key in own}


def _shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "a number"
