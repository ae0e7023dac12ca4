"""The checkpoint: one .safetensors file that is data and never code."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from glico.checkpoints.decoder import Decoder, Judge, load_generator, load_weak_classifier
from glico.checkpoints.latent_space import (
    FORMAT,
    NEEDED,
    OPTIONAL,
    LatentSpace,
    check_arrays,
    described,
)
from glico.checkpoints.networks import check_weak_classifier
from glico.checkpoints.parameters import check_known_networks
from glico.checkpoints.schema import Entry
from glico.checkpoints.tensor_file import (
    FORMATS,
    Description,
    prefixed,
    read_arrays,
    reading,
    unprefixed,
    write_tensors,
)
from glico.config import TrainConfig
from glico.errors import GlicoError
from glico.models.generators import Generator

if TYPE_CHECKING:
    from glico.checkpoints.opened import OpenCheckpoint


@dataclass
class Checkpoint:
    """The result of latent optimisation.

    Shapes: ``codes`` (n, d) float32 on the unit sphere; ``labels`` (n,) int64, -1 for unlabelled; ``indices``
    (n,) int64, each image's index in its data set, and ``digests`` (n,) int64, which identify the images
    (None in old files); ``images`` (n, H, W, C) uint8, or None if they were left out; ``snapshots`` (s, n, d)
    float16, the codes at ``snapshot_steps`` (s,); ``image_shape`` (H, W, C). ``generator`` and ``classifier`` are the
    networks' parameters by name. ``summary`` holds the last losses and other facts about the training, as JSON
    values.
    """

    config: TrainConfig
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    codes: Tensor
    labels: Tensor
    indices: Tensor
    generator: dict[str, Tensor]
    classifier: dict[str, Tensor] = field(default_factory=dict)
    digests: Tensor | None = None
    images: Tensor | None = None
    snapshots: Tensor | None = None
    snapshot_steps: Tensor | None = None
    summary: dict[str, Any] = field(default_factory=dict)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file at once or not at all."""
        tensors = {"codes": self.codes, "labels": self.labels, "indices": self.indices}
        tensors |= {name: tensor for name in OPTIONAL if (tensor := getattr(self, name)) is not None}
        tensors |= prefixed("generator", self.generator) | prefixed("classifier", self.classifier)
        about = Description(self.config, self.class_names, self.image_shape, self.summary)
        write_tensors(path, FORMAT, about.header(), tensors)

    @classmethod
    def load(cls, path: str | os.PathLike[str], device: str = "cpu", space: LatentSpace | None = None) -> "Checkpoint":
        """Read a checkpoint onto ``device``, without unpickling anything.

        If its latent ``space`` has been read before, its header and arrays are shared, and only the networks are read.

        The header is checked whole before a tensor is read: types and shapes, and the networks' sizes against the
        tensors that are there. Raises GlicoError with one sentence if there is no such file, if it is not a checkpoint
        or is damaged, if it is beyond a limit, or if a newer version of this package wrote it.
        """
        with reading(path, FORMATS[FORMAT]):
            if space is None:
                about, entries = described(Path(path))
                _check_networks(entries, about)
                arrays = read_arrays(path)
                check_arrays(arrays, about)
            else:
                about = space.about
                _check_networks(space.networks, about)
                arrays = read_arrays(path, [*space.networks]) | space.arrays()
            tensors = {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}
            return cls(
                about.config,
                about.class_names,
                about.image_shape,
                codes=tensors["codes"],
                labels=tensors["labels"],
                indices=tensors["indices"],
                generator=unprefixed("generator", tensors),
                classifier=unprefixed("classifier", tensors),
                summary=about.summary,
                **{name: tensors.get(name) for name in OPTIONAL},
            )

    @property
    def latent_space(self) -> LatentSpace:
        """Everything but the networks, as arrays. They are views if the tensors are on the CPU."""
        names = (*NEEDED, *OPTIONAL)
        arrays = {name: t.detach().cpu().numpy() for name in names if (t := getattr(self, name)) is not None}
        about = Description(self.config, self.class_names, self.image_shape, self.summary)
        tensors = prefixed("generator", self.generator) | prefixed("classifier", self.classifier)
        networks = {
            name: Entry(str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape))
            for name, tensor in tensors.items()
        }
        return LatentSpace.from_arrays(about, networks, arrays)

    def stored_images(self, purpose: str) -> Tensor:
        """Return the training images (n, H, W, C) uint8. Raises GlicoError, which names the purpose, without them."""
        if self.images is None:
            raise GlicoError(
                f"Cannot {purpose}: the checkpoint does not hold its training images. "
                "Train it with its images (store_images=True)."
            )
        return self.images

    def build_generator(self) -> Generator:
        """Return a new generator with this checkpoint's parameters, in evaluation mode."""
        return load_generator(self.config, self.generator, self.image_shape)

    def build_classifier(self) -> nn.Module | None:
        """Return a new weak classifier with this checkpoint's parameters, in evaluation mode.

        None if it has none (GLO).
        """
        if not self.classifier:
            return None
        return load_weak_classifier(self.config, self.classifier, self.image_shape, len(self.class_names))

    def decoder(self, device: str = "cpu") -> Decoder:
        """Return images from codes, by this checkpoint's generator."""
        return Decoder(self.config, self.build_generator(), device)

    @cached_property
    def judge(self) -> Judge | None:
        """Class probabilities by this checkpoint's weak classifier; None if it has none (GLO)."""
        classifier = self.build_classifier()
        return None if classifier is None else Judge(self.config, classifier)

    def onnx(self) -> bytes:
        """Return the generator as one ONNX file: see :func:`~glico.checkpoints.generator_graph.generator_graph`."""
        return self.opened.graph

    @cached_property
    def opened(self) -> "OpenCheckpoint":
        """The same checkpoint for arrays in place of tensors, its networks computed without PyTorch."""
        from glico.checkpoints.opened import OpenCheckpoint  # imports onnx and onnxruntime, which few need

        tensors = prefixed("generator", self.generator) | prefixed("classifier", self.classifier)
        return OpenCheckpoint.of(self.latent_space, {name: t.detach().cpu().numpy() for name, t in tensors.items()})

    def probabilities(self, images: Tensor, codes: Tensor) -> Tensor | None:
        """Return :attr:`judge`'s probabilities (B, K), if any, of images (B, C, H, W) made from ``codes`` (B, d)."""
        return None if self.judge is None else self.judge(images, codes)


def _check_networks(entries: Mapping[str, Entry], about: Description) -> None:
    """Raise ValueError if the networks' tensors are not those that the header promises."""
    if not check_known_networks(entries, about):
        check_weak_classifier(entries, about)
