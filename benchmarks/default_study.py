"""Compare candidates for gamma's default with GLO after the same number of steps, over seeds.

    python -m benchmarks.default_study --dataset PATH [--resolution 32] [--samples-per-class 10] [--classes 10]
        [--steps 500] [--seeds 0 1 2] [--candidates NAME ...]

For each candidate the table has the mean, smallest and largest value over seeds of: 5-NN purity in the latent space;
the reconstruction loss (Laplacian pyramid, without noise) and its ratio to GLO's with the same seed; the share of the
variation within classes that the reconstructions keep; the distance of halfway images from the cross-dissolve of their
ends and from the nearest reconstruction, their sharpness and their double exposure, global and local; and CPU seconds.
All are measured on the training images. A seed draws the sample and drives the training. Each candidate has a second
row for morphs between its reconstructions. The first rows are references on the true images.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from glico.config import TrainConfig
from glico.data import load_dataset, small_sample
from glico.data.dataset import Sample
from glico.latent.collapse import variations
from glico.latent.halfway import Halfway, class_pairs, halfway, measure_halfway, reconstructions
from glico.latent.morphs import Morphs, halfway_morphs
from glico.latent.structure import per_image
from glico.losses.laplacian import LaplacianLoss
from glico.pixels import to_float
from glico.training.latent_optimisation import LatentOptimisation

PAPER = {"weak_classifier": "weak-cnn-16"}  # for comparable seconds
CANDIDATES: dict[str, dict[str, Any]] = {
    "GLO": {"objective": "glo"},
    "the default": {},
    "pull alone": {"balance": 0.0},
    "balance alone": {"pull": 0.0},
    "balance 0.3": {"balance": 0.3},
    "balance 1": {"balance": 1.0},
    "pull 0.2": {"pull": 0.2},
    "pull 2": {"pull": 2.0},
    "gamma 0.5": {"gamma": 0.5, **PAPER},
    "gamma 0.05": {"gamma": 0.05, **PAPER},
    "hypercube, gamma 0.05": {"gamma": 0.05, "initialisation": "hypercube", **PAPER},
    "between: classifier": {"between": "classifier"},
    "between: nearest": {"between": "nearest"},
    "between: nearest, 1": {"between": "nearest", "between_weight": 1.0},
    "between: critic": {"between": "critic"},
    "between: critic, 0.1": {"between": "critic", "between_weight": 0.1},
    "Muon, 280 steps": {"generator_optimiser": "muon", "steps": 280},
    "moving": {"generator": "moving"},
    "moving, GLO": {"generator": "moving", "objective": "glo"},
    "latent classifier": {"gamma": 0.5, "classifier_input": "code"},
}
MEASURES = ("purity", "rec", "rec / GLO", "variation", *Halfway._fields, "seconds")

HEADER = f"| candidate | {' | '.join(MEASURES)} |\n|{' --- |' * (len(MEASURES) + 1)}"

Measured = dict[str, float]


def references(sample: Sample) -> dict[str, Measured]:
    """The measures of halfway images between true images, by what they are."""
    images, pairs = to_float(sample.images), class_pairs(sample.labels)
    started = time.process_time()
    morphs = Morphs(sample.images, sample.labels)
    moved = halfway_morphs(images, morphs, pairs)
    seconds = time.process_time() - started
    order = torch.from_numpy(sample.labels).argsort(stable=True)
    third = _another_of_class(torch.from_numpy(sample.labels), pairs)
    a, b = images[pairs[:, 0]], images[pairs[:, 1]]
    middles = {
        "pixel mean of the ends": (a + b) / 2,
        "true images, morph": moved,
        "true images, fused but not moved": halfway_morphs(images, None, pairs),
        "another true image of the class": images[third],
    }
    result = {name: measure_halfway(a, m, b, sample.images[order])._asdict() for name, m in middles.items()}
    result["true images, morph"]["seconds"] = seconds
    return result


def _another_of_class(labels: Tensor, pairs: NDArray[np.int64]) -> Tensor:
    """For each pair (P, 2) a third row of its class, or its first if the class has no third: (P,)."""
    rows = []
    for a, b in pairs.tolist():
        others = [row for row in (labels == labels[a]).nonzero()[:, 0].tolist() if row not in (a, b)]
        rows.append(others[0] if others else a)
    return torch.tensor(rows)


Build = Callable[[TrainConfig, Sample], LatentOptimisation]


def measured(config: TrainConfig, sample: Sample, build: Build = LatentOptimisation) -> tuple[Measured, Measured]:
    """Train once and return the measures, and those of morphs between the reconstructions."""
    started = time.process_time()
    training = build(config, sample)
    for _ in training:
        pass
    seconds = time.process_time() - started
    codes, labels = training.codes.weight.detach(), torch.from_numpy(sample.labels)
    loss, chunks = LaplacianLoss(), torch.arange(len(codes)).split(64)
    errors = [loss(training.reconstruct(codes[rows]), loss.targets(training.images[rows])) for rows in chunks]
    kept = variations(training.reconstruct, codes, labels, sample.images, len(sample.class_names))
    generated, pairs = torch.cat([training.reconstruct(codes[rows]) for rows in chunks]), class_pairs(labels)
    moved = halfway_morphs(generated, Morphs(sample.images, sample.labels), pairs)
    near = reconstructions(training.reconstruct, codes)
    morph = measure_halfway(generated[pairs[:, 0]], moved, generated[pairs[:, 1]], near)._asdict()
    own = {
        "purity": float(np.nanmean(per_image(codes.numpy(), sample.labels)["purity"])),
        "rec": float(torch.cat(errors).mean()),
        "variation": statistics.mean(share for share in kept if share is not None),
        "seconds": seconds,
    }
    return own | halfway(training.reconstruct, codes, labels)._asdict(), morph


def some_classes(sample: Sample, count: int | None) -> Sample:
    """Return the sample's first ``count`` classes."""
    if count is None or count >= len(sample.class_names):
        return sample
    kept = (sample.labels >= 0) & (sample.labels < count)
    names = sample.class_names[:count]
    return replace(
        sample, images=sample.images[kept], labels=sample.labels[kept], indices=sample.indices[kept], class_names=names
    )


def row(name: str, result: Sequence[Measured]) -> str:
    """Format a row of the table from the measures of every seed; a measure that is missing leaves its cell empty."""
    cells = [cell([one[value] for one in result]) if value in result[0] else "" for value in MEASURES]
    return f"| {name} | {' | '.join(cells)} |"


def cell(values: Sequence[float]) -> str:
    """Format the mean with the smallest and largest value."""
    mean = statistics.mean(values)
    digits = 0 if mean >= 10 else 3
    return f"{mean:.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="digits", help="a data set's name or path")
    parser.add_argument("--resolution", type=int, help="side of the images")
    parser.add_argument("--samples-per-class", type=int, default=10, help="images per class")
    parser.add_argument("--classes", type=int, help="use only the first N classes")
    parser.add_argument("--steps", type=int, default=500, help="steps of every training")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="seeds of sample and training")
    parser.add_argument("--candidates", nargs="+", choices=CANDIDATES, default=list(CANDIDATES), metavar="NAME")
    options = parser.parse_args()

    dataset = load_dataset(options.dataset, options.resolution)
    print(f"{options.dataset}, {options.samples_per_class} per class, {options.steps} steps, seeds {options.seeds}")
    print(HEADER, flush=True)
    samples = {
        seed: some_classes(small_sample(dataset, options.samples_per_class, seed), options.classes)
        for seed in options.seeds
    }
    true = [references(sample) for sample in samples.values()]
    for name in true[0]:
        print(row(name, [one[name] for one in true]), flush=True)
    floor: dict[int, float] = {}
    for name in dict.fromkeys(["GLO", *options.candidates]):  # the baseline of the others
        result, moved = [], []
        for seed, sample in samples.items():
            config = TrainConfig.model_validate(
                {"dataset": options.dataset, "steps": options.steps, "seed": seed, "snapshots": 0} | CANDIDATES[name]
            )
            one, morph = measured(config, sample)
            moved.append(morph)
            result.append(one | {"rec / GLO": one["rec"] / floor.setdefault(seed, one["rec"])})
        print(row(name, result), row(f"{name}, morph", moved), sep="\n", flush=True)


if __name__ == "__main__":
    main()
