"""A checkpoint's networks put to use: images from codes, class probabilities from images or codes."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from glico.checkpoints.finite import check_finite
from glico.checkpoints.networks import check_weak_classifier
from glico.checkpoints.schema import Entry
from glico.checkpoints.tensor_file import Description
from glico.config import TrainConfig
from glico.config.limits import check
from glico.errors import GlicoError
from glico.models.classifiers import build_weak_classifier
from glico.models.generators import Generator, build_generator, no_noise
from glico.types import Codes, Floats

BATCH = 256  # codes decoded at once
JUDGED = 32  # images judged at once: the activations of a path of large images would fill a memory

Shape = tuple[int, int, int]


class Decoder:
    """Images from codes by a checkpoint's generator, without gradients: codes (B, d) -> (B, C, H, W) float32 in [0, 1].

    ``noise`` (B, m) defaults to its mean, zero: the image of the code alone. Raises GlicoError beyond the limit of
    what is generated at once, and if an image has values that are not finite.
    """

    def __init__(self, config: TrainConfig, generator: Generator, device: str) -> None:
        self.config, self.generator, self.device = config, generator.to(device), device

    @torch.inference_mode()
    def __call__(self, codes: Tensor, noise: Tensor | None = None) -> Tensor:
        if noise is None:
            noise = no_noise(self.config, len(codes), self.device)
        batches = codes.to(self.device).split(BATCH)
        noises: list[Tensor | None] = (
            [None] * len(batches) if noise is None else list(noise.to(self.device).split(BATCH))
        )
        images: list[Tensor] = []
        for z, e in zip(batches, noises, strict=True):
            images.append(check_finite(self.generator(z, e).float().cpu(), "generator"))
            if len(images) == 1:
                pixels = len(codes) * images[0][0, 0].numel()
                check("generated_megapixels", math.ceil(pixels / 10**6), "The request")
        return torch.cat(images)


class Judge:
    """The class probabilities (B, K) of generated images, by a checkpoint's weak classifier.

    It takes the images (B, C, H, W) in [0, 1] and their codes (B, d), and uses those that it was trained on.
    """

    def __init__(self, config: TrainConfig, classifier: nn.Module) -> None:
        self.sees_images = config.classifier_input == "image"
        self.classifier = classifier.to(memory_format=torch.channels_last)  # half the time: pooling is quicker

    @torch.inference_mode()
    def __call__(self, images: Tensor, codes: Tensor) -> Tensor:
        seen = (images if self.sees_images else codes).split(JUDGED)
        return check_finite(torch.cat([self.classifier(x).softmax(dim=1) for x in seen]), "classifier")


class ArrayClassifier:
    """A :class:`Judge` for arrays in place of tensors."""

    def __init__(self, judge: Judge) -> None:
        self.judge, self.sees_images = judge, judge.sees_images

    def __call__(self, images: Floats, codes: Codes) -> Floats:
        """Return the probabilities (B, K) of images (B, C, H, W) generated from ``codes`` (B, d)."""
        return self.judge(torch.from_numpy(images), torch.from_numpy(codes)).numpy()


def array_classifier(
    about: Description, entries: Mapping[str, Entry], parameters: Mapping[str, NDArray[Any]]
) -> ArrayClassifier:
    """Return the weak classifier of a checkpoint from its header and its ``parameters`` (``state_dict``).

    Raises ValueError if they are not those of the network that the header promises.
    """
    check_weak_classifier(entries, about)
    config, names, shape, _ = about
    state = {name: torch.from_numpy(array) for name, array in parameters.items()}
    return ArrayClassifier(Judge(config, load_weak_classifier(config, state, shape, len(names))))


def load_generator(config: TrainConfig, state: dict[str, Tensor], image_shape: Shape) -> Generator:
    """Return the generator with a checkpoint's parameters, in evaluation mode. Raises GlicoError if they do not fit."""
    resolution, _, channels = image_shape
    with torch.random.fork_rng(devices=[]):
        generator = build_generator(config, channels, resolution)
    _load(generator, state, "generator")
    return generator.eval()


def load_weak_classifier(config: TrainConfig, state: dict[str, Tensor], image_shape: Shape, classes: int) -> nn.Module:
    """Return the weak classifier with stored parameters, in evaluation mode. Raises GlicoError if they do not fit."""
    resolution, _, channels = image_shape
    with torch.random.fork_rng(devices=[]):
        classifier = build_weak_classifier(config, channels, resolution, classes)
    _load(classifier, state, "classifier")
    return classifier.eval()


def _load(network: nn.Module, state: dict[str, Tensor], name: str) -> None:
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise GlicoError(
            f"The checkpoint's {name} is not the one that its configuration describes: it is damaged, or was made by "
            "another version."
        ) from error
