"""Fidelity: the distance of generated from real images in the features of a network (Fig. 1), by torch-fidelity."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from glico.augmentation.image_source import ImageSource, open_source
from glico.checkpoints.relocation import source_of
from glico.config.shared import FIDELITY_IMAGES
from glico.data import Dataset, load_configured
from glico.errors import GlicoError, how_to_get
from glico.machine import choose_device
from glico.models.features import feature_network, features_of

NEIGHBOURS = 3  # of Kynkäänniemi et al. (2019)
BLOCK, BLOCKS = 1000, 100  # of KID: largest number of images in a block (never more than half), and number of blocks
SMALLEST = NEIGHBOURS + 1
CHUNK = 1000  # images whose distances to all others are in memory at once


@dataclass(frozen=True)
class Fidelity:
    """``distance``: Fréchet's, between the Gaussians with both sets' means and covariances (Heusel et al., 2017 [1]).

    ``kernel_distance``: the mean over random blocks of the squared maximum mean discrepancy, cubic kernel, which does
    not depend on the number of images (Bińkowski et al., 2018); ``kernel_deviation`` is its deviation over them.
    ``precision``: share of the generated images within the real ones' neighbourhoods, that is nearer to one than its
    own third nearest neighbour; ``recall``: the same with both exchanged (Kynkäänniemi et al., 2019, Eq. 2).
    """

    distance: float
    kernel_distance: float
    kernel_deviation: float
    precision: float
    recall: float


def fidelity(generated: Tensor, real: Tensor, seed: int = 0) -> Fidelity:
    """Compare features (n, f) of generated with (m, f) of real images; ``seed`` draws KID's blocks.

    Raises GlicoError if torch-fidelity is missing or either set has fewer than SMALLEST images.
    """
    try:
        from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
        from torch_fidelity.metric_kid import kid_features_to_metric
        from torch_fidelity.metric_prc import prc_features_to_metric
    except ImportError as error:
        raise GlicoError(f"Fidelity is measured with torch-fidelity: {how_to_get('fidelity')}.") from error
    fewest = min(len(generated), len(real))
    if fewest < SMALLEST:
        raise GlicoError(
            f"Fidelity needs at least {SMALLEST} generated and as many real images, not {fewest}. "
            "Generate more, or choose a data set with more."
        )
    statistics = (fid_features_to_statistics(features.double()) for features in (generated, real))
    distance = fid_statistics_to_metric(*statistics, verbose=False)
    blocks = {"kid_subsets": BLOCKS, "kid_subset_size": min(BLOCK, fewest // 2), "rng_seed": seed, "verbose": False}
    kernel = kid_features_to_metric(generated.double(), real.double(), **blocks)
    memory = {"save_cpu_ram": True, "prc_batch_size": CHUNK}
    within = prc_features_to_metric(generated, real, prc_neighborhood=NEIGHBOURS, verbose=False, **memory)
    return Fidelity(
        distance["frechet_inception_distance"],
        kernel["kernel_inception_distance_mean"],
        kernel["kernel_inception_distance_std"],
        within["precision"],
        within["recall"],
    )


GENERATED_AT_ONCE = 256  # images


def compare(
    paths: Sequence[Path],
    *,
    reference: str = "test",
    images: int | None = None,
    features: str | None = None,
    seed: int = 0,
    device: str = "auto",
    download: bool = False,
    dataset: str | None = None,
) -> dict[str, Any]:
    """Return the facts of the comparison and, under "generators", a row with the numbers of Fidelity for each file."""
    target = choose_device(device)
    sources = {str(path): open_source(path, target) for path in paths}
    first = next(iter(sources.values()))
    network = feature_network(features, first.image_shape[0], download).to(target)
    data = load_configured(source_of(first.config, first.image_shape, download, dataset))
    _check(sources, data)
    tested = reference == "test"
    real, labels = (data.test_images, data.test_labels) if tested else (data.train_images, data.train_labels)
    if not len(real):
        raise GlicoError(f"{data.name} has no {reference} split to compare with.")

    count = images or min(len(real), FIDELITY_IMAGES)
    print(f"looking at {len(real)} real images", file=sys.stderr)
    seen = features_of(network, torch.from_numpy(real), target)  # (m, f)
    rows = []
    for path, source in sources.items():
        print(f"generating {count} images from {path}", file=sys.stderr)
        rng = torch.Generator().manual_seed(seed)
        epochs = [torch.randperm(len(real), generator=rng) for _ in range(-(-count // len(real)))]
        labels_of_images = torch.from_numpy(labels)[torch.cat(epochs)[:count]]  # (count,)
        generated = [
            features_of(network, source.generate(batch, rng), target)
            for batch in labels_of_images.split(GENERATED_AT_ONCE)
        ]
        rows.append({"file": path, "generator": _method(source)} | asdict(fidelity(torch.cat(generated), seen, seed)))
    return {
        "reference": {"dataset": data.name, "part": reference, "images": len(real)},
        "images": count,
        "features": {"network": network.name, "count": seen.shape[1]},
        "is_fid": network.name.startswith("Inception"),
        "generators": rows,
    }


def _check(sources: dict[str, ImageSource], dataset: Dataset) -> None:
    for path, source in sources.items():
        if (source.class_names, source.image_shape) != (dataset.class_names, dataset.image_shape):
            raise GlicoError(
                f"Cannot compare {path}: its classes or its image shape are not those of {dataset.name}. "
                "Compare it on its own data set."
            )


def _method(source: ImageSource) -> str:
    """Return a generator's method and training data, in words."""
    config = source.config
    more = f", and unlabelled images of the {config.unlabelled} split" if config.unlabelled != "none" else ""
    return f"{source.name}, {config.samples_per_class} per class{more}"
