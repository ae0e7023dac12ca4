"""fidelity FILE ...: how close the images that each generator draws are to a data set's (Fig. 1)."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glico.cli.outcome import BadArguments, Outcome
from glico.errors import GlicoError

if TYPE_CHECKING:
    from glico.data import Dataset
    from glico.runs.drawing import Source

IMAGES = 10_000  # the authors' number
CHUNK = 256  # images drawn at once


def configure(parser: argparse.ArgumentParser) -> None:
    """The generators, what they are compared with, and by which network."""
    parser.add_argument(
        "sources", metavar="FILE", type=Path, nargs="+",
        help="checkpoints or DCGANs (.safetensors) of one data set at one resolution",
    )  # fmt: skip
    parser.add_argument(
        "--reference", choices=("test", "train"), default="test",
        help="the part of the data set that is compared with, the whole of it; the small sample is a part of train "
        "[default test]",
    )  # fmt: skip
    parser.add_argument(
        "--images", type=int, metavar="N",
        help=f"images to draw, of the classes in the reference's proportions [default: as many, at most {IMAGES}]",
    )  # fmt: skip
    parser.add_argument(
        "--features", metavar="FILE",
        help="file with the weights of the network that looks at the images: Inception v3 as FID defines it, VGG-16 or "
        "VGG-19, ResNet-18 or ResNet-50 [default: Inception v3 from the cache, downloaded with --download]",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of every draw [default 0]")
    parser.add_argument(
        "--device", default="auto", metavar="TEXT", help="auto, cpu, cuda, cuda:N or mps [default auto]"
    )
    parser.add_argument(
        "--download", action="store_true", help="allow a download of the data set or of the network's weights"
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Draw, look, compare."""
    if arguments.images is not None and arguments.images < 1:
        raise BadArguments(f"--images is {arguments.images}, but it takes a whole number of at least 1.")
    names = ("reference", "images", "features", "seed", "device", "download")
    facts = compare(arguments.sources, **{name: getattr(arguments, name) for name in names})
    blocks = [_block(row, facts) for row in facts["generators"]]
    return Outcome("\n".join([*blocks, about(facts)]), facts)


def compare(
    paths: Sequence[Path], *, reference: str = "test", images: int | None = None, features: str | None = None,
    seed: int = 0, device: str = "auto", download: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What is compared and with what, and under "generators" a row of Fidelity's numbers for each file."""
    import torch

    from glico.data import load_configured
    from glico.evaluation.fidelity import fidelity
    from glico.models.features import feature_network, features_of
    from glico.runs.classify_job import source_of
    from glico.runs.drawing import open_source
    from glico.training.machine import choose_device

    target = choose_device(device)
    sources = {str(path): open_source(path, target) for path in paths}
    first = next(iter(sources.values()))
    network = feature_network(features, first.image_shape[0], download).to(target)
    dataset = load_configured(source_of(first, download))
    _check(sources, dataset)
    tested = reference == "test"
    real, labels = (
        (dataset.test_images, dataset.test_labels) if tested else (dataset.train_images, dataset.train_labels)
    )
    if not len(real):
        raise GlicoError(f"{dataset.name} has no {reference} part to compare with.")

    count = images or min(len(real), IMAGES)
    print(f"looking at {len(real)} real images", file=sys.stderr)
    seen = features_of(network, torch.from_numpy(real), target)  # (m, f)
    rows = []
    for path, source in sources.items():
        print(f"drawing {count} images from {path}", file=sys.stderr)
        random = torch.Generator().manual_seed(seed)
        passes = [torch.randperm(len(real), generator=random) for _ in range(-(-count // len(real)))]
        wanted = torch.from_numpy(labels)[torch.cat(passes)[:count]]  # (count,)
        drawn = [features_of(network, source.draw(part, random), target) for part in wanted.split(CHUNK)]
        rows.append({"file": path, "generator": _method(source)} | asdict(fidelity(torch.cat(drawn), seen, seed)))
    return {
        "reference": {"dataset": dataset.name, "part": reference, "images": len(real)},
        "images": count,
        "features": {"network": network.name, "count": seen.shape[1]},
        "is_fid": network.name.startswith("Inception"),
        "generators": rows,
    }


def _check(sources: "dict[str, Source]", dataset: "Dataset") -> None:
    for path, source in sources.items():
        if (source.class_names, source.image_shape) != (dataset.class_names, dataset.image_shape):
            raise GlicoError(f"{path} has other classes or another image shape than the others' data set has here.")


def _method(source: "Source") -> str:
    """What a generator is, and what it has seen."""
    config = source.config
    more = f", and unlabelled images of the {config.unlabelled} part" if config.unlabelled != "none" else ""
    return f"{source.name}, {config.samples_per_class} a class{more}"


def _block(row: dict[str, Any], facts: dict[str, Any]) -> str:
    """The numbers of one generator; only what Inception saw is called FID and KID."""
    network = facts["features"]["network"]
    fid, kid = ("FID", "KID") if facts["is_fid"] else (f"Fréchet distance ({network})", f"kernel distance ({network})")
    return "\n".join(
        [
            f"{row['file']} ({row['generator']})",
            f"{row['distance']:12.4f}  {fid}",
            f"{row['kernel_distance']:12.6f}  {kid}, ± {row['kernel_deviation']:.6f} over blocks",
            f"{row['precision']:12.4f}  precision",
            f"{row['recall']:12.4f}  recall",
        ]
    )


def about(facts: dict[str, Any]) -> str:
    """What was compared, and what must not be made of it."""
    real, features = facts["reference"], facts["features"]
    lines = [
        f"{facts['images']} drawn images beside the {real['images']} of the {real['part']} part of {real['dataset']}; "
        f"{features['count']} features of {features['network']}"
    ]
    if not facts["is_fid"]:
        lines.append("This is not FID, whose network is Inception v3: compare only what this network has judged.")
    if min(facts["images"], real["images"]) <= features["count"]:
        lines.append("There are no more images than features: compare only distances of equal counts.")
    return "\n".join(lines)
