"""fidelity FILE ...: how close each generator's images are to a data set's (Fig. 1)."""

import argparse
from pathlib import Path
from typing import Any

from glico.cli.outcome import BadArguments, Outcome
from glico.config.shared import FIDELITY_IMAGES


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the generators, the reference images, and the network of the features."""
    parser.add_argument(
        "sources",
        metavar="FILE",
        type=Path,
        nargs="+",
        help="checkpoints or DCGANs (.safetensors) of one data set at one resolution",
    )
    parser.add_argument(
        "--reference",
        choices=("test", "train"),
        default="test",
        help="the split of the data set to compare with, all of it; the small sample is part of train [default test]",
    )
    parser.add_argument(
        "--images",
        type=int,
        metavar="N",
        help="images to generate, with the reference's proportions of classes [default: as many as the reference has, "
        f"at most {FIDELITY_IMAGES}]",
    )
    parser.add_argument(
        "--features",
        metavar="FILE",
        help="file with the weights of the network that the features come from: Inception v3 as FID defines it, VGG-16 "
        "or VGG-19, ResNet-18 or ResNet-50 [default: Inception v3 from the cache, downloaded with --download]",
    )
    parser.add_argument(
        "--dataset",
        metavar="DATASET",
        help="the data set, if it has moved or if a checkpoint of somebody else names a path",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="random seed [default 0]")
    parser.add_argument(
        "--device", default="auto", metavar="TEXT", help="auto, cpu, cuda, cuda:N or mps [default auto]"
    )
    parser.add_argument(
        "--download", action="store_true", help="allow a download of the data set or of the network's weights"
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Generate, measure, compare."""
    if arguments.images is not None and arguments.images < 1:
        raise BadArguments(f"--images is {arguments.images}, but it takes a whole number of at least 1.")
    from glico.evaluation.fidelity import compare

    names = ("reference", "images", "features", "seed", "device", "download", "dataset")
    facts = compare(arguments.sources, **{name: getattr(arguments, name) for name in names})
    blocks = [_block(row, facts) for row in facts["generators"]]
    return Outcome("\n".join([*blocks, about(facts)]), facts)


def _block(row: dict[str, Any], facts: dict[str, Any]) -> str:
    """Return the numbers of one generator; only what Inception saw is called FID and KID."""
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
    """Return lines that state the comparison, and warn of invalid conclusions."""
    real, features = facts["reference"], facts["features"]
    lines = [
        f"{facts['images']} generated images compared with the {real['images']} of the {real['part']} split of "
        f"{real['dataset']}; "
        f"{features['count']} features of {features['network']}"
    ]
    if not facts["is_fid"]:
        lines.append("This is not FID, whose network is Inception v3: compare only what this network has judged.")
    if min(facts["images"], real["images"]) <= features["count"]:
        lines.append("There are no more images than features: compare only distances of equal counts.")
    return "\n".join(lines)
