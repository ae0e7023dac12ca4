"""draw FILE: new images of each class, as one picture with a row per class (Figs. 1 and 5a)."""

import argparse
from pathlib import Path

from glico.cli.outcome import BadArguments, Outcome

IMAGES = 8
LIMITS = (2, 100)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the generator, the number of images, the classes, and the picture."""
    parser.add_argument("source", metavar="FILE", type=Path, help="a checkpoint or a DCGAN (.safetensors)")
    parser.add_argument(
        "--images",
        type=int,
        default=IMAGES,
        metavar="N",
        help=f"images per class [{LIMITS[0]} to {LIMITS[1]}; default {IMAGES}]",
    )
    parser.add_argument(
        "--classes", nargs="+", metavar="NAME", help="names of the classes to generate [default: the first 10]"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="random seed [default 0]")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the picture to write (.png)")


def run(arguments: argparse.Namespace) -> Outcome:
    """Generate and write."""
    output: Path = arguments.output
    if output.suffix.lower() != ".png":
        raise BadArguments(f"--output is {output}, but it takes the name of a .png file.")
    if not LIMITS[0] <= arguments.images <= LIMITS[1]:
        raise BadArguments(
            f"--images is {arguments.images}, but it takes a whole number from {LIMITS[0]} to {LIMITS[1]}."
        )
    import numpy as np
    import torch

    from glico.augmentation.image_source import open_source
    from glico.latent.export import export_path
    from glico.machine import choose_device
    from glico.pixels import to_uint8

    source = open_source(arguments.source, choose_device("auto"))
    names = arguments.classes or source.drawable[:10]
    unknown = [name for name in names if name not in source.class_names]
    if unknown:
        raise BadArguments(f"--classes has {unknown[0]}, but the classes are {', '.join(source.class_names)}.")
    if empty := [name for name in names if name not in source.drawable]:
        raise BadArguments(
            f"--classes has {empty[0]}, but the checkpoint has no image of that class to start from. Leave it out."
        )
    labels = torch.tensor([source.class_names.index(name) for name in names]).repeat_interleave(arguments.images)
    images = to_uint8(source.generate(labels, torch.Generator().manual_seed(arguments.seed)))
    rows = dict(zip(names, np.split(images, len(names)), strict=True))
    export_path(rows, output, columns=arguments.images, captions=False)
    return Outcome(str(output), {"output": str(output), "classes": list(names), "images": arguments.images})
