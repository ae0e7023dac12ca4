"""The result of training the conditional DCGAN: one .safetensors file that holds data and never code."""

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from glico.checkpoints.networks import check_network
from glico.checkpoints.schema import check_entries, check_labels, shown_file
from glico.checkpoints.tensor_file import (
    FORMATS,
    Description,
    open_header,
    prefixed,
    read_tensors,
    reading,
    unprefixed,
    write_tensors,
)
from glico.config import DcganConfig
from glico.config.limits import check
from glico.models.dcgan import ConditionalGenerator

FORMAT = "glico-dcgan"


@dataclass
class DcganFile:
    """A generator with an embedding per class (its parameters by name), and the small sample that it learned from.

    Shapes: ``labels`` (n,) int64; ``indices`` (n,) int64, each image's index in its data set; ``images`` (n, H, W, C)
    uint8, or None if they were left out; ``image_shape`` (H, W, C). ``summary`` holds the last losses.
    """

    config: DcganConfig
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    labels: Tensor
    indices: Tensor
    generator: dict[str, Tensor]
    images: Tensor | None = None
    summary: dict[str, Any] = field(default_factory=dict)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file at once or not at all."""
        tensors = {"labels": self.labels, "indices": self.indices, **prefixed("generator", self.generator)}
        tensors |= {"images": self.images} if self.images is not None else {}
        about = Description(self.config, self.class_names, self.image_shape, self.summary)
        write_tensors(path, FORMAT, about.header(), tensors)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "DcganFile":
        """Read it without unpickling anything. Raises GlicoError as a checkpoint does."""
        with reading(path, FORMATS[FORMAT]):
            header, entries = open_header(path, FORMAT)
            about = Description.read(header, DcganConfig, Path(path))
            config, names, shape, _ = about
            n = math.prod(entries["labels"].shape)
            check("codes", n, shown_file(path))
            needed = {"labels": ("int64", (n,)), "indices": ("int64", (n,)), "images": ("uint8", (n, *shape))}
            check_entries(entries, needed, frozenset(("images",)))
            check_network(entries, "generator", lambda: ConditionalGenerator(config, shape[2], shape[0], len(names)))
            tensors = read_tensors(path)
            check_labels(tensors["labels"].numpy(), len(names))
            return cls(
                **about._asdict(),
                labels=tensors["labels"],
                indices=tensors["indices"],
                generator=unprefixed("generator", tensors),
                images=tensors.get("images"),
            )

    def network(self, device: torch.device) -> ConditionalGenerator:
        """Return the generator in evaluation mode."""
        resolution, _, channels = self.image_shape
        with torch.random.fork_rng(devices=[]):
            network = ConditionalGenerator(self.config, channels, resolution, len(self.class_names))
        network.load_state_dict(self.generator)
        return network.to(device).eval().requires_grad_(False)
