"""Compare variants of a morph: how images are registered, and how they are fused.

    python -m benchmarks.morph_study SOURCE [--resolution 64] [--samples-per-class 12] [--pairs 24]

SOURCE is a data set's name or path, whose images are joined, or a checkpoint, whose generated images are. For each
variant the table has means over pairs of a class: of the distance of the halfway image from the pixel mean, of its
detail, of its double exposure, global and local, and of the largest step along the path in units of the mean step.
There 1 is an even path, and a large value is a pop. The last column is the largest of these. Only a checkpoint with a
weak classifier has a row for it: there the object is where the classifier's score of the class reacts to the pixels.
"""

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import torch
from torch import Tensor, nn

from glico.checkpoints.checkpoint import Checkpoint
from glico.data import load_dataset, small_sample
from glico.latent.distances import pixel_distance
from glico.latent.double_exposure import double_exposure, local_double_exposure
from glico.latent.halfway import class_pairs, off_cross_dissolve, sharpness
from glico.morph import features, registration
from glico.morph.fields import KNOTS
from glico.morph.filters import blur, pixel_positions
from glico.morph.frames import Fusion, morph, path_weights
from glico.morph.registration import register
from glico.pixels import to_float

FRAMES = 21
FUSIONS = {
    "the default": Fusion(),
    "the border repeated": Fusion(outside="border"),
    "mirrored": Fusion(outside="mirrored"),
    "haste 0.5": Fusion(haste=0.5),
    "haste 2": Fusion(haste=2.0),
    "sharpness 2": Fusion(sharpness=2.0),
    "sharpness 8": Fusion(sharpness=8.0),
}
MEASURES = ("from_mean", "sharpness", "double_exposure", "local_double_exposure", "largest step", "worst")


class Source(NamedTuple):
    """Images (n, C, H, W) in [0, 1] with ``labels`` (n,), and the weak classifier of their checkpoint."""

    images: Tensor
    labels: Tensor
    classifier: nn.Module | None


def source(options: argparse.Namespace) -> Source:
    """Return the images of the command's SOURCE."""
    if not options.source.endswith(".safetensors"):
        sample = small_sample(load_dataset(options.source, options.resolution), options.samples_per_class, 0)
        return Source(to_float(sample.images), torch.from_numpy(sample.labels), None)
    checkpoint = Checkpoint.load(Path(options.source))
    sees_images = checkpoint.config.classifier_input == "image"
    return Source(
        checkpoint.decoder()(checkpoint.codes),
        checkpoint.labels,
        checkpoint.build_classifier() if sees_images else None,
    )


def registrations(classifier: nn.Module | None) -> dict[str, AbstractContextManager[object]]:
    """Return the variants of the registration: what is replaced in it."""
    variants: dict[str, AbstractContextManager[object]] = {
        "the default": nullcontext(),
        "no start from centre and size": patch.object(registration, "_start", still),
    }
    if classifier is not None:
        by_classifier = patch.object(features, "objectness", lambda images: saliency(classifier, images))
        variants["objectness by the weak classifier"] = by_classifier
    return variants


def still(objectness: Tensor) -> Tensor:
    """Return a start (n, 2, 2, 2) that moves nothing."""
    return torch.zeros(len(objectness), 2, 2, 2)


def saliency(classifier: nn.Module, images: Tensor) -> Tensor:
    """Return how strongly the score of the likeliest class reacts to each pixel of (n, C, H, W): (n, 1, H, W) in
    [0, 1], blurred and centred as objectness by colours is."""
    with torch.enable_grad():
        seen = images.detach().clone().requires_grad_()
        (slope,) = torch.autograd.grad(classifier(seen).amax(dim=1).sum(), [seen])
    centred = torch.exp(-pixel_positions(*images.shape[-2:]).square().sum(dim=-1) / (2 * features.CENTRE**2))
    raw = blur(slope.norm(dim=1, keepdim=True), 2.0) * centred
    return (raw / raw.flatten(1).quantile(0.97, dim=1).clamp(min=1e-9).view(-1, 1, 1, 1)).clamp(max=1)


def fields(joined: Source, pairs: list[list[int]], replaced: AbstractContextManager[object]) -> Tensor:
    """Return the fields (n, 2, KNOTS, KNOTS) of the images of the pairs' classes, with a part ``replaced``; a line for
    each class goes to standard error."""
    knots = torch.zeros(len(joined.images), 2, KNOTS, KNOTS)
    classes = sorted({int(joined.labels[a]) for a, _ in pairs})
    with replaced:
        for index, label in enumerate(classes, start=1):
            print(f"registering class {index} of {len(classes)}", file=sys.stderr)
            own = joined.labels == label
            knots[own] = register(joined.images[own])
    return knots


def measured(joined: Source, pairs: list[list[int]], knots: Tensor, fusion: Fusion) -> list[float]:
    """Return the MEASURES of a variant."""
    t, values = torch.linspace(0, 1, FRAMES), []
    for pair in pairs:
        ends = joined.images[pair]
        frames = morph(ends, knots[pair], path_weights(t), fusion)
        triple = ends[:1], frames[FRAMES // 2][None], ends[1:]
        steps = pixel_distance(frames[1:], frames[:-1])
        measures = (off_cross_dissolve, sharpness, double_exposure, local_double_exposure)
        values.append([*(measure(*triple).item() for measure in measures), float(steps.max() / steps.mean())])
    numbers = torch.tensor(values)
    return [*numbers.nanmean(dim=0).tolist(), float(numbers[:, -1].max())]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="SOURCE", help="a data set's name or path, or a checkpoint")
    parser.add_argument("--resolution", type=int, help="side of a data set's images")
    parser.add_argument("--samples-per-class", type=int, default=12, help="images per class of a data set")
    parser.add_argument("--pairs", type=int, default=24, help="pairs of images")
    options = parser.parse_args()
    joined = source(options)
    pairs = class_pairs(joined.labels, options.pairs).tolist()
    if not pairs:
        parser.error("SOURCE has no two images of one class")
    print(f"| variant | {' | '.join(MEASURES)} |\n|{' --- |' * (len(MEASURES) + 1)}", flush=True)
    variants = registrations(joined.classifier)
    default = fields(joined, pairs, variants.pop("the default"))
    for name, fusion in FUSIONS.items():
        row(name, measured(joined, pairs, default, fusion))
    for name, replaced in variants.items():
        row(name, measured(joined, pairs, fields(joined, pairs, replaced), Fusion()))


def row(name: str, values: list[float]) -> None:
    """Print a line of the table."""
    print(f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} |", flush=True)


if __name__ == "__main__":
    main()
