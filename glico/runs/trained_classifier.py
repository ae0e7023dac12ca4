"""The classifier that a run trained, put to use: on new images here, and as one TorchScript file elsewhere."""

import io
import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from glico.data.dataset import Images
from glico.errors import GlicoError
from glico.models.classifiers import build_classifier

GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow turns RGB to grey
BATCH = 256


@dataclass(frozen=True)
class TrainedClassifier:
    """A network in evaluation mode with what it expects: ``image_shape`` (H, W, C), and its classes' names."""

    network: nn.Module
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]

    @classmethod
    def load(cls, path: Path) -> "TrainedClassifier":
        """Read a run's classifier.safetensors. Raises GlicoError if it is not there or is damaged."""
        try:
            with safe_open(path, framework="pt") as file:
                header = file.metadata()
                state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (a safe_open is no dict)
            height, width, channels = json.loads(header["image_shape"])
            names = tuple(json.loads(header["class_names"]))
            with torch.random.fork_rng(devices=[]):
                network = build_classifier(header["classifier"], channels, height, len(names))
            network.load_state_dict(state)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise GlicoError(f"{path} is not a trained classifier that can be read.") from error
        return cls(network.eval().requires_grad_(False), (height, width, channels), names)

    @torch.inference_mode()
    def probabilities(self, images: Images) -> Tensor:
        """(n, H, W, C) uint8, prepared as the training images were -> (n, K), rows summing to 1."""
        x = torch.from_numpy(images).permute(0, 3, 1, 2)
        return torch.cat([self.network(part.float() / 255).softmax(dim=1) for part in x.split(BATCH)])

    def torchscript(self) -> bytes:
        """One file for ``torch.jit.load``, with the preprocessing inside: see :class:`Deployed`.

        The class names lie in it as the extra file ``class_names.json``.
        """
        resolution, _, channels = self.image_shape
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            traced = torch.jit.trace(self.network, torch.zeros(2, channels, resolution, resolution))
            scripted = torch.jit.script(Deployed(traced, resolution, channels).eval())
            buffer = io.BytesIO()
            torch.jit.save(scripted, buffer, _extra_files={"class_names.json": json.dumps(self.class_names)})
        return buffer.getvalue()


class Deployed(nn.Module):
    """Images (B, 1 or 3, H, W) of any size, uint8 or float in [0, 1] -> probabilities (B, K).

    The centre square is cut out and resized (bicubic, antialiased); colours are turned to the network's.
    """

    def __init__(self, network: nn.Module, resolution: int, channels: int) -> None:
        super().__init__()
        self.network = network
        self.resolution = resolution
        self.channels = channels
        self.register_buffer("grey", torch.tensor(GREY).reshape(1, 3, 1, 1))
        self.grey: Tensor

    def forward(self, images: Tensor) -> Tensor:
        x = images.float() / 255 if images.dtype == torch.uint8 else images.float()
        if self.channels == 1 and x.shape[1] == 3:
            x = (x * self.grey).sum(dim=1, keepdim=True)
        elif self.channels == 3 and x.shape[1] == 1:
            x = x.expand(-1, 3, -1, -1)
        side = min(x.shape[2], x.shape[3])
        top, left = (x.shape[2] - side) // 2, (x.shape[3] - side) // 2
        x = x[:, :, top : top + side, left : left + side]
        if side != self.resolution:
            size = [self.resolution, self.resolution]
            x = F.interpolate(x, size=size, mode="bicubic", antialias=True).clamp(0, 1)
        return self.network(x).softmax(dim=1)
