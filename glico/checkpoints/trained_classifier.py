"""The classifier that a run trained, put to use: on new images here, and as one TorchScript or ONNX file elsewhere."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from glico.checkpoints.classifier_file import DEPLOYED_FITS, ClassifierFile
from glico.checkpoints.networks import check_network
from glico.checkpoints.onnx_file import onnx_file
from glico.checkpoints.tensor_file import read_tensors, reading
from glico.data.preparation import Preparation
from glico.errors import GlicoError
from glico.formats import json_text
from glico.models.classifiers import build_classifier
from glico.types import Images

BATCH = 256


@dataclass(frozen=True)
class TrainedClassifier:
    """A network in evaluation mode with what it expects: ``image_shape`` (H, W, C), and its classes' names.

    ``preparation`` is that of its training images.
    """

    network: nn.Module
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    preparation: Preparation

    @classmethod
    def load(cls, path: Path) -> "TrainedClassifier":
        """Read a run's classifier.safetensors. Raises GlicoError if it is not there or is damaged."""
        file = ClassifierFile.read(path)
        resolution, _, channels = file.image_shape

        def build() -> nn.Module:
            return build_classifier(file.name, channels, resolution, len(file.class_names), side=file.side)

        with reading(path, "trained classifier"):
            check_network({f"network.{key}": entry for key, entry in file.entries.items()}, "network", build, file.name)
            with torch.random.fork_rng(devices=[]):
                network = build()
            network.load_state_dict(read_tensors(path))
        return cls(network.eval().requires_grad_(False), file.image_shape, file.class_names, file.preparation)

    @torch.inference_mode()
    def probabilities(self, images: Images) -> Tensor:
        """(n, H, W, C) uint8, prepared as the training images were -> (n, K), rows summing to 1."""
        x = torch.from_numpy(images).permute(0, 3, 1, 2)
        return torch.cat([self.network(part.float() / 255).softmax(dim=1) for part in x.split(BATCH)])

    def _squashes(self) -> bool:
        """Return whether images are squashed and not cropped.

        Raises GlicoError for the preparations that no file holds.
        """
        if self.preparation.fit not in DEPLOYED_FITS:
            raise GlicoError(
                f"Cannot export the classifier: its training images have a border ({self.preparation.fit}), which "
                "exported files cannot add. Train on images that are cropped or squashed (--fit crop)."
            )
        return self.preparation.fit == "squash"

    def torchscript(self) -> bytes:
        """Return one file for ``torch.jit.load``, with the preprocessing inside: see :class:`Deployed`.

        It contains the class names as the extra file ``class_names.json``.
        """
        resolution, _, channels = self.image_shape
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TorchScript is deprecated in favour of what only Python reads
            traced = torch.jit.trace(self.network, torch.zeros(2, channels, resolution, resolution))
            scripted = torch.jit.script(Deployed(traced, resolution, channels, self._squashes()).eval())
            buffer = io.BytesIO()
            torch.jit.save(scripted, buffer, _extra_files={"class_names.json": json_text(self.class_names)})
        return buffer.getvalue()

    def onnx(self) -> bytes:
        """Return one ONNX file, with the preprocessing inside: RGB images (B, 3, H, W) uint8 of any size -> (B, K).

        Its input is "images", its output "probabilities"; its metadata has the class names as ``class_names``, a JSON
        list. Raises GlicoError if the packages that write ONNX are not installed.
        """
        resolution, _, channels = self.image_shape
        images = torch.zeros(2, 3, resolution + 1, resolution + 2, dtype=torch.uint8)
        return onnx_file(
            Deployed(self.network, resolution, channels, self._squashes()),
            {"images": (images, {0: "batch", 2: "height", 3: "width"})},
            "probabilities",
            {"class_names": self.class_names},
        )


GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow turns RGB to grey


class Deployed(nn.Module):
    """Images (B, 1 or 3, H, W) of any size, uint8 or float in [0, 1] -> probabilities (B, K).

    The centre square is cut out and resized, or the whole image squashed; colours are turned to the network's
    ``channels``.
    """

    def __init__(self, network: nn.Module, resolution: int, channels: int, squash: bool) -> None:
        super().__init__()
        self.network = network
        self.resolution = resolution
        self.channels = channels
        self.squash = squash
        self.register_buffer("grey", torch.tensor(GREY).reshape(1, 3, 1, 1))
        self.grey: Tensor

    def forward(self, images: Tensor) -> Tensor:
        x = images.float() / 255 if images.dtype == torch.uint8 else images.float()
        if self.channels == 1 and x.shape[1] == 3:
            x = (x * self.grey).sum(dim=1, keepdim=True)
        elif self.channels == 3 and x.shape[1] == 1:
            x = x.expand(-1, 3, -1, -1)
        x = squashed(x, self.resolution) if self.squash else centre_square(x, self.resolution)
        return self.network(x).softmax(dim=1)


def centre_square(images: Tensor, resolution: int) -> Tensor:
    """Return the centre square of ``images`` (B, C, H, W) in [0, 1], resized: (B, C, resolution, resolution).

    Bicubic and antialiased as ``torch.nn.functional.interpolate`` and Pillow do it, but as two matrix products.
    """
    y = torch.arange(images.shape[2], device=images.device) + 0.5  # the pixels' centres
    x = torch.arange(images.shape[3], device=images.device) + 0.5
    side = torch.minimum(y[-1], x[-1]) + 0.5
    rows, columns = _weights(y, side, resolution), _weights(x, side, resolution)
    return (rows @ images @ columns.transpose(0, 1)).clamp(0, 1)


def squashed(images: Tensor, resolution: int) -> Tensor:
    """Return images (B, C, H, W) in [0, 1] with both sides resized: (B, C, resolution, resolution)."""
    y = torch.arange(images.shape[2], device=images.device) + 0.5
    x = torch.arange(images.shape[3], device=images.device) + 0.5
    rows, columns = _weights(y, y[-1] + 0.5, resolution), _weights(x, x[-1] + 0.5, resolution)
    return (rows @ images @ columns.transpose(0, 1)).clamp(0, 1)


def _weights(centres: Tensor, side: Tensor, resolution: int) -> Tensor:
    """Return the weights (resolution, n) of a line's pixels, with ``centres`` (n,), in each new pixel; rows sum to 1.

    The line's middle part, ``side`` pixels long, becomes ``resolution`` pixels.
    """
    start = ((centres[-1] + 0.5 - side) / 2).floor()
    scale = side / resolution
    target = start + (torch.arange(resolution, device=centres.device) + 0.5) * scale
    weights = _cubic((centres - target[:, None]).abs() / scale.clamp(min=1.0))
    weights = weights * ((centres > start) & (centres < start + side))
    return weights / weights.sum(dim=1, keepdim=True)


def _cubic(x: Tensor) -> Tensor:
    """Keys' cubic kernel with a = -1/2, for ``x`` >= 0."""
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((2.5 - 0.5 * x) * x - 4) * x + 2
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))
