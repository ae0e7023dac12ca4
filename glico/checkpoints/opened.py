"""A checkpoint whose networks onnxruntime computes: images from codes and class probabilities, without PyTorch."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glico.checkpoints.classifier_graph import classifier_graph
from glico.checkpoints.finite import check_finite
from glico.checkpoints.generator_graph import generator_graph
from glico.checkpoints.latent_space import FORMAT, LatentSpace
from glico.checkpoints.parameters import check_known_networks
from glico.checkpoints.tensor_file import FORMATS, read_arrays, reading, unprefixed
from glico.config import TrainConfig
from glico.config.limits import check
from glico.errors import GlicoError
from glico.models.generator_layers import noise_size
from glico.types import Codes, Floats

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

BATCH = 64  # codes or images computed at once: the activations of more large images would fill a memory

Arrays = Mapping[str, NDArray[Any]]


class Classify(Protocol):
    """The class probabilities (B, K) of generated images (B, C, H, W) in [0, 1] and their codes (B, d)."""

    sees_images: bool

    def __call__(self, images: Floats, codes: Codes) -> Floats:
        """Return the probabilities, from what the classifier was trained on: the images, or the codes."""


@dataclass(frozen=True)
class OpenCheckpoint:
    """A latent ``space`` with its generator, and the weak classifier if it has one.

    ``graph`` is the generator as an ONNX file; ``classify`` is None without a classifier (GLO).
    """

    space: LatentSpace
    decode: "Decoder"
    classify: Classify | None
    graph: bytes

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        space: LatentSpace | None = None,
        other: "Callable[[Path], Classify | None] | None" = None,
    ) -> "OpenCheckpoint":
        """Read a checkpoint, and its latent ``space`` unless that has been read before.

        ``other`` returns a classifier that PyTorch alone builds, by default in this process. Raises GlicoError as
        :meth:`Checkpoint.load` does.
        """
        space = LatentSpace.load(path) if space is None else space
        with reading(path, FORMATS[FORMAT]):
            check_known_networks(space.networks, space.about)
            arrays = read_arrays(path, [*space.networks])
            return cls.of(space, arrays, None if other is None else partial(other, Path(path)))

    @classmethod
    def of(
        cls, space: LatentSpace, arrays: Arrays, other: "Callable[[], Classify | None] | None" = None
    ) -> "OpenCheckpoint":
        """Return a checkpoint with the parameters ``arrays`` of its networks, by their names in the file.

        Raises ValueError if a classifier that PyTorch alone builds is not the one of the configuration.
        """
        about = {"class_names": space.class_names, "config": space.config.model_dump(mode="json")}
        graph = generator_graph(space.config, space.image_shape, unprefixed("generator", arrays), about)
        classify: Classify | None = None
        if space.has_classifier:
            own = unprefixed("classifier", arrays)
            content = classifier_graph(space.config, space.image_shape, own, len(space.class_names))
            if content is not None:
                classify = WeakClassifier(space.config, content)
            else:
                classify = other() if other is not None else _by_pytorch(space, own)
        return cls(space, Decoder(space.config, graph), classify, graph)

    def probabilities(self, images: Floats, codes: Codes | None) -> Floats | None:
        """Return the weak classifier's probabilities (B, K) of ``images`` generated from ``codes`` (B, d).

        None without a classifier, or if it takes codes and there are none, as for a morph.
        """
        if self.classify is None or (codes is None and not self.classify.sees_images):
            return None
        return self.classify(images, np.empty((len(images), 0), np.float32) if codes is None else codes)


class Decoder:
    """Images from codes by a generator's ``graph``: codes (B, d) -> (B, C, H, W) float32 in [0, 1].

    ``noise`` (B, m) defaults to its mean, zero: the image of the code alone. Raises GlicoError beyond the limit of
    what is generated at once, and if an image has values that are not finite.
    """

    def __init__(self, config: TrainConfig, graph: bytes) -> None:
        self.size, self.session = noise_size(config), _session(graph)
        self.shape = tuple(self.session.get_outputs()[0].shape[1:])

    def __call__(self, codes: Codes, noise: Floats | None = None) -> Floats:
        """Generate the images."""
        check("generated_megapixels", math.ceil(len(codes) * self.shape[1] * self.shape[2] / 10**6), "The request")
        inputs = {"codes": codes}
        if self.size is not None:
            inputs["noise"] = np.zeros((len(codes), self.size), np.float32) if noise is None else noise
        return check_finite(_computed(self.session, inputs, self.shape), "generator")


class WeakClassifier:
    """Class probabilities by a weak classifier's ``graph``."""

    def __init__(self, config: TrainConfig, graph: bytes) -> None:
        self.graph = graph
        self.sees_images, self.session = config.classifier_input == "image", _session(graph)

    def __call__(self, images: Floats, codes: Codes) -> Floats:
        """Return the probabilities (B, K), from the images or the codes."""
        inputs = {"images": images} if self.sees_images else {"codes": codes}
        classes = self.session.get_outputs()[0].shape[1:]
        return check_finite(_computed(self.session, inputs, tuple(classes)), "classifier")


def _session(graph: bytes) -> "InferenceSession":
    import onnxruntime  # not before a fork: the child of a process that has imported it waits for ever as it ends

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # a network of a stranger must not fill the log
    options.enable_cpu_mem_arena = False  # which keeps the memory of the largest request
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.intra_op_num_threads = min(4, os.cpu_count() or 1)
    try:
        return onnxruntime.InferenceSession(graph, options, ["CPUExecutionProvider"])
    except Exception as error:  # of onnxruntime's own kinds
        raise GlicoError("The checkpoint's networks cannot be computed: onnxruntime refuses them.") from error


def _computed(session: "InferenceSession", inputs: Arrays, shape: tuple[int, ...]) -> Floats:
    """Return the output (B, *shape) for inputs (B, ...), computed in batches."""
    rows = {name: np.ascontiguousarray(values, np.float32) for name, values in inputs.items()}
    count = len(next(iter(rows.values())))
    output = np.empty((count, *shape), np.float32)
    for start in range(0, count, BATCH):
        part = slice(start, start + BATCH)
        (output[part],) = session.run(None, {name: values[part] for name, values in rows.items()})
    return output


def _by_pytorch(space: LatentSpace, parameters: Arrays) -> Classify:
    from glico.checkpoints.decoder import array_classifier

    return array_classifier(space.about, space.networks, parameters)
