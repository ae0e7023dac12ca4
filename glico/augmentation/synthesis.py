"""A synthetic training set, generated."""

from collections.abc import Sequence

import torch

from glico.augmentation.latent_sampler import FACTORS, LatentSampler
from glico.augmentation.synthetic import Synthetic
from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.finite import check_finite
from glico.config import FramePathName
from glico.pixels import to_uint8


def synthesise(
    checkpoint: Checkpoint,
    per_class: int,
    seed: int,
    *,
    path: FramePathName = "slerp",
    factors: Sequence[float] = FACTORS,
    drawn_from: Sequence[int] = (),
    detail: bool = False,
) -> Synthetic:
    """Generate ``per_class`` images of every class as section IV-B does: each from a new pair, t and noise.

    With ``drawn_from``, only between these rows, for the classes that have two of them. With ``detail``, the images
    keep that of the training images (LatentSampler.with_detail); raises GlicoError if the checkpoint has none.
    """
    rng = torch.Generator().manual_seed(seed)
    with_classifier = bool(checkpoint.classifier)
    sampler = LatentSampler.from_checkpoint(
        checkpoint, path=path, factors=factors, drawn_from=drawn_from, with_classifier=with_classifier
    )
    if detail:
        sampler = sampler.with_detail(checkpoint.stored_images("add detail").permute(0, 3, 1, 2))
    labels = checkpoint.labels.cpu()
    classes = labels[sampler.pairs.drawable].unique().repeat_interleave(per_class)
    i = sampler.pairs.of_classes(classes, rng)
    generated = sampler.sample(i, rng)
    check_finite(generated.images, "generator")
    confidence = torch.full((len(i),), torch.nan) if generated.confidence is None else generated.confidence
    origin = (labels[i], generated.i, generated.j, generated.t, confidence)
    return Synthetic(to_uint8(generated.images), *(value.numpy() for value in origin))
