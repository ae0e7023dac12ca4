"""Pretrained networks as measures of what an image shows: (B, 1 or 3, H, W) in [0, 1] -> features (B, f)."""

from pathlib import Path
from tempfile import NamedTemporaryFile

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glico.errors import GlicoError, how_to_get
from glico.models.published import INCEPTION, RESNET18
from glico.models.vgg import Vgg, vgg_convolutions
from glico.models.weights import MEAN, STD, find_weights, read_weights

IMAGENET_SIDE = 224  # pixels that ResNets were trained on
CHUNK = 64  # images at once


class FeatureNetwork(nn.Module):
    """A frozen network in evaluation mode; ``name`` says which, and which of its layers."""

    name: str


class ResNetFeatures(FeatureNetwork):
    """The penultimate layer of torchvision's ResNet-18 (f = 512) or ResNet-50 (f = 2048), images resized to 224."""

    mean: Tensor
    std: Tensor

    def __init__(self, state: dict[str, Tensor], file: Path) -> None:
        super().__init__()
        from torchvision.models import resnet18, resnet50

        deep = "layer1.0.conv3.weight" in state
        self.name = f"ResNet-{50 if deep else 18} average pool"
        with torch.random.fork_rng(devices=[]):
            self.network = (resnet50 if deep else resnet18)()
        try:
            self.network.load_state_dict(state)
        except RuntimeError as error:
            raise GlicoError(
                f"{file} does not hold the weights of ResNet-18 or ResNet-50. Choose a file of one of these."
            ) from error
        self.network.fc = nn.Identity()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, images: Tensor) -> Tensor:
        x = F.interpolate(images, (IMAGENET_SIDE, IMAGENET_SIDE), mode="bilinear", antialias=True)
        return self.network((x.expand(-1, 3, -1, -1) - self.mean) / self.std)


class VggFeatures(FeatureNetwork):
    """The deepest of Eq. (1)'s layers that fits the resolution and the weights, averaged over the map (f <= 512)."""

    def __init__(self, state: dict[str, Tensor], resolution: int) -> None:
        super().__init__()
        self.vgg = Vgg(state, resolution)
        self.name = f"{self.vgg.name} conv{self.vgg.layers}_2"

    def forward(self, images: Tensor) -> Tensor:
        return self.vgg(images)[-1].mean(dim=(2, 3))


class InceptionFeatures(FeatureNetwork):
    """FID's own network: the last average pool (f = 2048) of the Inception v3 of 2015, by torch-fidelity."""

    name = "Inception v3 average pool"

    def __init__(self, state: dict[str, Tensor], file: Path) -> None:
        super().__init__()
        try:
            from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
        except ImportError as error:
            raise GlicoError(
                f"FID's Inception network needs torch-fidelity: {how_to_get('fidelity')}, or name another network's "
                "weights."
            ) from error
        # It unpickles whatever file it is given, so it is given one that holds these tensors and nothing else.
        with NamedTemporaryFile(suffix=".pth") as own, torch.random.fork_rng(devices=[]):
            torch.save(state, own.name)
            try:
                network = FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=own.name)
            except RuntimeError as error:
                raise GlicoError(
                    f"{file} does not hold the weights of FID's Inception v3. Choose its published file."
                ) from error
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.network((images.expand(-1, 3, -1, -1) * 255).round().byte())[0]
        return features


def resnet_features(path: str | None, download: bool) -> ResNetFeatures:
    """Return a pretrained ResNet from ``path``, else torchvision's ResNet-18. Raises GlicoError if there is none."""
    missing = (
        "The resnet initialisation needs a pretrained ResNet: allow the download, name a file with resnet_weights, or "
        "choose the random initialisation, which needs none."
    )
    file = find_weights(path, RESNET18, download, missing)
    return ResNetFeatures(read_weights(file), file)


def feature_network(path: str | None, resolution: int, download: bool) -> FeatureNetwork:
    """Return the network whose weights ``path`` holds (Inception, VGG or ResNet), else FID's Inception.

    ``resolution`` is that of the images. Raises GlicoError if there are no weights, or those of another network.
    """
    missing = (
        "FID needs the weights of its Inception network: allow the download, or name a file with the weights of "
        "another network (VGG-16, VGG-19, ResNet-18 or ResNet-50), whose distances are then not called FID."
    )
    file = find_weights(path, INCEPTION, download, missing)
    state = read_weights(file)
    if "Mixed_7c.branch1x1.conv.weight" in state:
        return InceptionFeatures(state, file)
    if "features.0.weight" in state:
        return VggFeatures(vgg_convolutions(state, file), resolution)
    if "layer1.0.conv1.weight" in state:
        return ResNetFeatures(state, file)
    raise GlicoError(
        f"{file} does not hold the weights of Inception v3, VGG or a ResNet by torchvision's names. "
        "Choose a file of one of these."
    )


@torch.no_grad()
def features_of(network: FeatureNetwork, images: Tensor, device: torch.device) -> Tensor:
    """(n, f) float32 on the CPU from images (n, H, W, C) uint8 or (n, C, H, W) in [0, 1]."""
    parts = []
    for part in images.split(CHUNK):
        x = part.permute(0, 3, 1, 2).float() / 255 if part.dtype == torch.uint8 else part
        parts.append(network(x.to(device)).float().cpu())
    return torch.cat(parts)
