"""The start of a training from a checkpoint of an earlier state of its data: after decisions, or with new images."""

from dataclasses import dataclass

import torch
from torch import Tensor

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.data.dataset import Sample
from glico.data.sample import digests
from glico.errors import GlicoError
from glico.latent.encode import encode

# Settings that decide the shapes and the meaning of codes and networks: they must be those of the checkpoint.
SHARED = (
    "dimension",
    "noise",
    "noise_dimension",
    "generator",
    "generator_width",
    "classifier_input",
    "weak_classifier",
    "objective",
)
RATE = 0.5  # of the configured rates at the first step: full rates would undo part of the checkpoint


@dataclass(frozen=True)
class WarmStart:
    """The start of a training: ``codes`` (n, d) on the unit sphere, and the networks' parameters by name.

    ``kept`` (n,) bool marks the images whose codes are the checkpoint's; the others were placed by its generator.
    """

    codes: Tensor
    generator: dict[str, Tensor]
    classifier: dict[str, Tensor]
    kept: Tensor


def warm_start(config: TrainConfig, sample: Sample) -> WarmStart:
    """Return the start of a training on ``sample`` from the checkpoint that ``config`` names.

    Images of the checkpoint keep their codes, also if their labels have changed; the others are placed by ``encode``.
    Raises GlicoError if the checkpoint is of other settings, classes or image sizes.
    """
    assert config.warm_start is not None
    checkpoint = Checkpoint.load(config.warm_start)
    _check(config, checkpoint, sample)
    known = _digests(checkpoint, config.warm_start)
    rows = {digest: row for row, digest in enumerate(known.tolist())}
    places = torch.tensor([rows.get(digest, -1) for digest in digests(sample.images).tolist()])
    kept = places >= 0
    if not kept.any():
        raise GlicoError(
            f"Cannot start from {config.warm_start}: it has none of the sample's {len(kept)} images. Choose a "
            "checkpoint of the same data set at the same resolution."
        )
    codes = checkpoint.codes[places.clamp(min=0)].clone()
    if not kept.all():
        codes[~kept] = torch.from_numpy(encode(checkpoint, sample.images[(~kept).numpy()]).codes)
    return WarmStart(codes, checkpoint.generator, checkpoint.classifier, kept)


def _check(config: TrainConfig, checkpoint: Checkpoint, sample: Sample) -> None:
    for name in SHARED:
        own, other = getattr(config, name), getattr(checkpoint.config, name)
        if own != other:
            option = name.replace("_", " ")
            raise GlicoError(
                f"Cannot start from {config.warm_start}: its {option} is {other}, and this training's is {own}. Use "
                f"the same {option}."
            )
    if checkpoint.class_names != sample.class_names:
        raise GlicoError(f"Cannot start from {config.warm_start}: its classes are not those of the data set.")
    if checkpoint.image_shape != sample.images.shape[1:]:
        sizes = [" x ".join(map(str, shape)) for shape in (checkpoint.image_shape, sample.images.shape[1:])]
        raise GlicoError(
            f"Cannot start from {config.warm_start}: its images are {sizes[0]}, and this training's are {sizes[1]}. "
            "Use the same resolution and colour mode."
        )


def _digests(checkpoint: Checkpoint, path: str) -> Tensor:
    if checkpoint.digests is not None:
        return checkpoint.digests
    if checkpoint.images is None:
        raise GlicoError(f"Cannot start from {path}: this old checkpoint does not say which images it has.")
    return torch.from_numpy(digests(checkpoint.images.numpy()))
