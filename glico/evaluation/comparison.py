"""Generators beside a data set: each draws images, a network looks at them, and at the real ones (Fig. 1)."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from glico.augmentation.image_source import ImageSource, open_source
from glico.checkpoints.located import source_of
from glico.config.shared import FIDELITY_IMAGES
from glico.data import Dataset, load_configured
from glico.errors import GlicoError
from glico.evaluation.fidelity import fidelity
from glico.machine import choose_device
from glico.models.features import feature_network, features_of

CHUNK = 256  # images drawn at once


def compare(
    paths: Sequence[Path], *, reference: str = "test", images: int | None = None, features: str | None = None,
    seed: int = 0, device: str = "auto", download: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What is compared and with what, and under "generators" a row of Fidelity's numbers for each file."""
    target = choose_device(device)
    sources = {str(path): open_source(path, target) for path in paths}
    first = next(iter(sources.values()))
    network = feature_network(features, first.image_shape[0], download).to(target)
    dataset = load_configured(source_of(first.config, first.image_shape, download))
    _check(sources, dataset)
    tested = reference == "test"
    real, labels = (
        (dataset.test_images, dataset.test_labels) if tested else (dataset.train_images, dataset.train_labels)
    )
    if not len(real):
        raise GlicoError(f"{dataset.name} has no {reference} part to compare with.")

    count = images or min(len(real), FIDELITY_IMAGES)
    print(f"looking at {len(real)} real images", file=sys.stderr)
    seen = features_of(network, torch.from_numpy(real), target)  # (m, f)
    rows = []
    for path, source in sources.items():
        print(f"drawing {count} images from {path}", file=sys.stderr)
        rng = torch.Generator().manual_seed(seed)
        passes = [torch.randperm(len(real), generator=rng) for _ in range(-(-count // len(real)))]
        wanted = torch.from_numpy(labels)[torch.cat(passes)[:count]]  # (count,)
        drawn = [features_of(network, source.draw(part, rng), target) for part in wanted.split(CHUNK)]
        rows.append({"file": path, "generator": _method(source)} | asdict(fidelity(torch.cat(drawn), seen, seed)))
    return {
        "reference": {"dataset": dataset.name, "part": reference, "images": len(real)},
        "images": count,
        "features": {"network": network.name, "count": seen.shape[1]},
        "is_fid": network.name.startswith("Inception"),
        "generators": rows,
    }


def _check(sources: dict[str, ImageSource], dataset: Dataset) -> None:
    for path, source in sources.items():
        if (source.class_names, source.image_shape) != (dataset.class_names, dataset.image_shape):
            raise GlicoError(f"{path} has other classes or another image shape than the others' data set has here.")


def _method(source: ImageSource) -> str:
    """What a generator is, and what it has seen."""
    config = source.config
    more = f", and unlabelled images of the {config.unlabelled} part" if config.unlabelled != "none" else ""
    return f"{source.name}, {config.samples_per_class} a class{more}"
