"""fidelity FILE ...: how close the images that each generator draws are to a data set's (Fig. 1)."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glico.cli.outcome import BadArguments, Outcome
from glico.errors import GlicoError

if TYPE_CHECKING:
    from glico.data import Dataset
    from glico.evaluation.fidelity import Fidelity
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
        help="the part of the data set that is compared with, the whole of it [default test]",
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
    import torch

    from glico.data import load_configured
    from glico.evaluation.fidelity import fidelity
    from glico.models.features import feature_network, features_of
    from glico.runs.classify_job import source_of
    from glico.runs.drawing import open_source
    from glico.training.machine import choose_device

    device = choose_device(arguments.device)
    sources = {str(path): open_source(path, device) for path in arguments.sources}
    first = next(iter(sources.values()))
    network = feature_network(arguments.features, first.image_shape[0], arguments.download).to(device)
    dataset = load_configured(source_of(first, arguments.download))
    _check(sources, dataset)
    tested = arguments.reference == "test"
    real, labels = (
        (dataset.test_images, dataset.test_labels) if tested else (dataset.train_images, dataset.train_labels)
    )
    if not len(real):
        raise GlicoError(f"{dataset.name} has no {arguments.reference} part to compare with.")

    count = arguments.images or min(len(real), IMAGES)
    print(f"looking at {len(real)} real images", file=sys.stderr)
    seen = features_of(network, torch.from_numpy(real), device)  # (m, f)
    found = {}
    for path, source in sources.items():
        print(f"drawing {count} images from {path}", file=sys.stderr)
        random = torch.Generator().manual_seed(arguments.seed)
        passes = [torch.randperm(len(real), generator=random) for _ in range(-(-count // len(real)))]
        wanted = torch.from_numpy(labels)[torch.cat(passes)[:count]]  # (count,)
        drawn = [features_of(network, source.draw(part, random), device) for part in wanted.split(CHUNK)]
        found[path] = fidelity(torch.cat(drawn), seen, arguments.seed)

    facts = {
        "reference": {"dataset": dataset.name, "part": arguments.reference, "images": len(real)},
        "images": count,
        "features": {"network": network.name, "count": seen.shape[1]},
        "is_fid": network.name.startswith("Inception"),
    }
    methods = {path: f"{s.name}, {s.config.samples_per_class} a class" for path, s in sources.items()}
    rows = [{"file": path, "generator": methods[path]} | asdict(value) for path, value in found.items()]
    blocks = [_block(path, methods[path], value, facts) for path, value in found.items()]
    return Outcome("\n".join([*blocks, _about(facts)]), facts | {"generators": rows})


def _check(sources: "dict[str, Source]", dataset: "Dataset") -> None:
    for path, source in sources.items():
        if (source.class_names, source.image_shape) != (dataset.class_names, dataset.image_shape):
            raise GlicoError(f"{path} has other classes or another image shape than the others' data set has here.")


def _block(path: str, method: str, found: "Fidelity", facts: dict[str, Any]) -> str:
    """The numbers of one generator; only what Inception saw is called FID and KID."""
    network = facts["features"]["network"]
    fid, kid = ("FID", "KID") if facts["is_fid"] else (f"Fréchet distance ({network})", f"kernel distance ({network})")
    return "\n".join(
        [
            f"{path} ({method})",
            f"{found.distance:12.4f}  {fid}",
            f"{found.kernel_distance:12.6f}  {kid}, ± {found.kernel_deviation:.6f} over blocks",
            f"{found.precision:12.4f}  precision",
            f"{found.recall:12.4f}  recall",
        ]
    )


def _about(facts: dict[str, Any]) -> str:
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
