"""The files with published networks' weights, and their places on this machine. Imports no PyTorch."""

import os
from pathlib import Path
from typing import NamedTuple

from glico.places import cache_directory


class Published(NamedTuple):
    """A network's ``name`` and the address of its weights, whose file name ends with its hash."""

    name: str
    url: str

    @property
    def file(self) -> str:
        """The file's name."""
        return self.url.rsplit("/", 1)[-1]


TORCHVISION = "https://download.pytorch.org/models"
VGG16 = Published("VGG", f"{TORCHVISION}/vgg16-397923af.pth")
VGG19 = Published("VGG-19", f"{TORCHVISION}/vgg19_bn-c79401a0.pth")
RESNET18 = Published("ResNet-18", f"{TORCHVISION}/resnet18-f37072fd.pth")
RESNET50 = Published("ResNet-50", f"{TORCHVISION}/resnet50-0676ba61.pth")
INCEPTION = Published(
    "Inception v3",
    "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
)


def published_file(published: Published) -> Path | None:
    """Return the ``published`` weights in our cache or in PyTorch's own; None if they are in neither."""
    for folder in (cache_directory(), _torch_hub() / "checkpoints"):
        if (folder / published.file).is_file():
            return folder / published.file
    return None


def _torch_hub() -> Path:
    """Return what torch.hub.get_dir() returns, as PyTorch's documentation has it."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("TORCH_HOME", f"{cache}/torch")).expanduser() / "hub"
