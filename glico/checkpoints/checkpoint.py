"""The checkpoint: one .safetensors file that is data and never code."""

import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from torch import Tensor, nn

from glico.checkpoints.decoder import Decoder, Judge, load_generator, load_weak_classifier
from glico.checkpoints.tensor_file import prefixed, read_tensors, reading, unprefixed, write_tensors
from glico.config import TrainConfig
from glico.models.generators import Generator

FORMAT = "glico-checkpoint"

OPTIONAL = ("digests", "images", "snapshots", "snapshot_steps")  # tensors


@dataclass
class Checkpoint:
    """What latent optimisation leaves behind.

    Shapes: ``codes`` (n, d) float32 on the unit sphere; ``labels`` (n,) int64, -1 for unlabelled; ``indices``
    (n,) int64, each image's place in its data set, and ``digests`` (n,) int64, what tells it from other images
    (None in old files); ``images`` (n, H, W, C) uint8, or None where they were left out; ``snapshots`` (s, n, d)
    float16, the codes at ``snapshot_steps`` (s,); ``image_shape`` (H, W, C). ``generator`` and ``classifier`` are the
    networks' parameters by name. ``summary`` holds the last losses and what else describes the training, as JSON
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
        header = {
            "class_names": json.dumps(self.class_names),
            "image_shape": json.dumps(self.image_shape),
            "config": self.config.model_dump_json(),
            "summary": json.dumps(self.summary),
        }
        write_tensors(path, FORMAT, header, tensors)

    @classmethod
    def load(cls, path: str | os.PathLike[str], device: str = "cpu") -> "Checkpoint":
        """Read a checkpoint onto ``device``, without unpickling anything.

        Raises GlicoError if there is no such file, if it is not a checkpoint or is damaged, or if a newer
        version of this package wrote it.
        """
        with reading(path, FORMAT):
            header, tensors = read_tensors(path, FORMAT, device)
            checkpoint = cls(
                config=TrainConfig.model_validate_json(header["config"]),
                class_names=tuple(json.loads(header["class_names"])),
                image_shape=tuple(json.loads(header["image_shape"])),
                codes=tensors["codes"],
                labels=tensors["labels"],
                indices=tensors["indices"],
                generator=unprefixed("generator", tensors),
                classifier=unprefixed("classifier", tensors),
                summary=json.loads(header["summary"]),
                **{name: tensors.get(name) for name in OPTIONAL},
            )
            checkpoint._check()
        return checkpoint

    def _check(self) -> None:
        """Raise ValueError if the parts do not fit each other, as a stranger's file may not."""
        n, d = len(self.codes), self.config.dimension
        shapes: dict[str, tuple[int, ...]] = {"codes": (n, d), "labels": (n,), "indices": (n,), "digests": (n,)}
        shapes |= {"images": (n, *self.image_shape)}
        if self.snapshot_steps is not None:
            shapes |= {"snapshots": (len(self.snapshot_steps), n, d)}
        for name, shape in shapes.items():
            tensor = getattr(self, name)
            if tensor is not None and tuple(tensor.shape) != shape:
                raise ValueError(f"its {name} are {tuple(tensor.shape)} where the rest needs {shape}")
        classes = len(self.class_names)
        if n == 0 or not -1 <= int(self.labels.min()) <= int(self.labels.max()) < classes:
            raise ValueError(f"its labels are not those of its {classes} classes")

    def build_generator(self) -> Generator:
        """A new generator with this checkpoint's parameters, in evaluation mode."""
        return load_generator(self.config, self.generator, self.image_shape)

    def build_classifier(self) -> nn.Module | None:
        """A new weak classifier with this checkpoint's parameters, in evaluation mode; None where it has none (GLO)."""
        if not self.classifier:
            return None
        return load_weak_classifier(self.config, self.classifier, self.image_shape, len(self.class_names))

    def decoder(self, device: str = "cpu") -> Decoder:
        """Images from codes, by this checkpoint's generator."""
        return Decoder(self.config, self.build_generator(), device)

    @cached_property
    def judge(self) -> Judge | None:
        """Class probabilities by this checkpoint's weak classifier; None where it has none (GLO)."""
        classifier = self.build_classifier()
        return None if classifier is None else Judge(self.config, classifier)

    def probabilities(self, images: Tensor, codes: Tensor) -> Tensor | None:
        """What :attr:`judge` says of images (B, C, H, W) in [0, 1] generated from ``codes`` (B, d): (B, K) or None."""
        return None if self.judge is None else self.judge(images, codes)
