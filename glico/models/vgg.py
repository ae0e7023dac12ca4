"""VGG's activations, which Eq. (1) and distances of features are taken between."""

from pathlib import Path

import torch
from torch import Tensor, nn

from glico.errors import GlicoError
from glico.models.published import VGG16
from glico.models.weights import MEAN, STD, find_weights, read_weights

# torchvision's numbers of conv1_2, conv2_2, conv3_2, conv4_2 and conv5_2.
LAYERS = {"VGG-16": (2, 7, 12, 19, 26), "VGG-19": (2, 7, 12, 21, 30)}
POOLS = {"VGG-16": (4, 9, 16, 23), "VGG-19": (4, 9, 18, 27)}
SMALLEST_MAP = 8  # pixels; a layer with a smaller map says little of an image and costs as much as a larger one


def load_vgg(path: str | None = None, download: bool = False) -> dict[str, Tensor]:
    """VGG's convolution weights by torchvision's names ("features.0.weight" ...).

    From ``path`` (.safetensors or .pth), else torchvision's VGG-16 from the cache, into which it is downloaded if
    ``download`` allows it. Raises GlicoError if there are none or the file does not hold VGG.
    """
    missing = (
        "The perceptual loss needs VGG-16's weights: allow the download, name a file with vgg_weights, or choose the "
        "laplacian loss, which needs none."
    )
    file = find_weights(path, VGG16, download, missing)
    return vgg_convolutions(read_weights(file), file)


def vgg_convolutions(state: dict[str, Tensor], file: Path) -> dict[str, Tensor]:
    """Return the convolutions' part of a VGG's weights, read from ``file``. Raises GlicoError if it is no VGG."""
    state = {name: tensor for name, tensor in state.items() if name.startswith("features.")}
    if state.get("features.0.weight", torch.empty(0)).shape != (64, 3, 3, 3):
        raise GlicoError(
            f"{file} does not hold VGG's weights: features.0.weight of shape (64, 3, 3, 3) is missing. "
            "Choose a file with torchvision's VGG."
        )
    channels = 3
    for number in sorted(number for number in range(LAYERS["VGG-19"][-1] + 1) if f"features.{number}.weight" in state):
        weight, bias = state[f"features.{number}.weight"], state.get(f"features.{number}.bias", torch.empty(0))
        if weight.shape[1:] != (channels, 3, 3) or bias.shape != weight.shape[:1]:
            raise GlicoError(
                f"{file} does not hold VGG's weights: features.{number} is not a convolution of {channels} channels by "
                "3 x 3 pixels with a bias."
            )
        channels = len(weight)
    return state


class Vgg(nn.Module):
    """xi_j of Eq. (1), j = 1 ... ``layers``: (B, 1 or 3, H, W) in [0, 1] -> the activations after conv1_2, conv2_2, ...

    ``state``: VGG-16's (or VGG-19's) weights; ``layers``: how many of the five layers, None for those whose maps are
    at least SMALLEST_MAP wide at ``resolution`` and whose weights are there. Images are normalised as ImageNet's. The
    network is frozen: gradients reach the image alone.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, state: dict[str, Tensor], resolution: int, layers: int | None = None) -> None:
        super().__init__()
        self.name = name = "VGG-19" if "features.16.weight" in state else "VGG-16"
        there = sum(f"features.{number}.weight" in state for number in LAYERS[name])
        wide_enough = sum(resolution >> j >= SMALLEST_MAP for j in range(5))
        if layers is not None and layers > there:
            raise GlicoError(
                f"The VGG weights hold {there} of the five layers of Eq. (1), not {layers}. Use at most {there} layers."
            )
        self.layers = min(there, wide_enough) if layers is None else layers
        if resolution >> (self.layers - 1) < 1:
            raise GlicoError(
                f"Images of {resolution} pixels are too small for {self.layers} VGG layers. "
                "Use fewer layers or larger images."
            )
        self.stages = nn.ModuleList(_stages(state, name)[: self.layers]).requires_grad_(False).eval()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the activations of each layer."""
        x = (images.expand(-1, 3, -1, -1) - self.mean) / self.std
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


def _stages(state: dict[str, Tensor], network: str) -> list[nn.Module]:
    """VGG cut after the activation of each of Eq. (1)'s layers, as far as the weights go."""
    stages: list[nn.Module] = []
    layers: list[nn.Module] = []
    for number in range(LAYERS[network][-1] + 1):
        if number in POOLS[network]:
            layers.append(nn.MaxPool2d(2))
        elif (weight := state.get(f"features.{number}.weight")) is not None:
            convolution = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1)
            convolution.load_state_dict({"weight": weight, "bias": state[f"features.{number}.bias"]})
            layers += [convolution, nn.ReLU()]
        if number in LAYERS[network]:
            stages.append(nn.Sequential(*layers))
            layers = []
    return stages
