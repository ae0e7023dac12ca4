"""interpolate CHECKPOINT: the path between two training images, as a PNG strip, a GIF or an MP4."""

import argparse
from pathlib import Path
from typing import get_args

from glico.cli.outcome import BadArguments, Outcome
from glico.config import PathName

FRAMES = 60
LIMITS = (2, 1000)
SUFFIXES = (".png", ".gif", ".mp4")


def configure(parser: argparse.ArgumentParser) -> None:
    """The two images, the path and the file."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a checkpoint (.safetensors)")
    end = "image where t = {}, by its place in the sample [counted from 0]"
    parser.add_argument("--from", dest="start", type=int, required=True, metavar="N", help=end.format(0))
    parser.add_argument("--to", dest="end", type=int, required=True, metavar="N", help=end.format(1))
    parser.add_argument(
        "--path", nargs="+", choices=get_args(PathName), default=["slerp"],
        help="how the codes are joined, Eq. (3); two are drawn one above the other [default slerp]",
    )  # fmt: skip
    parser.add_argument(
        "--frames", type=int, metavar="N",
        help=f"frames from end to end [{LIMITS[0]} to {LIMITS[1]}; default {FRAMES}, in a strip 7]",
    )  # fmt: skip
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help=f"the file to write: {', '.join(SUFFIXES)}"
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Decode the paths and write them."""
    output: Path = arguments.output
    if output.suffix.lower() not in SUFFIXES:
        raise BadArguments(f"--output is {output}, but its name must end in {', '.join(SUFFIXES)}.")
    if arguments.frames is not None and not LIMITS[0] <= arguments.frames <= LIMITS[1]:
        raise BadArguments(
            f"--frames is {arguments.frames}, but it takes a whole number from {LIMITS[0]} to {LIMITS[1]}."
        )
    import torch

    from glico.latent.export import STRIP_COLUMNS, export_path
    from glico.latent.path_analysis import to_uint8
    from glico.latent.paths import PATHS
    from glico.runs.checkpoint import Checkpoint

    checkpoint = Checkpoint.load(arguments.checkpoint)
    for flag, index in (("--from", arguments.start), ("--to", arguments.end)):
        if not 0 <= index < len(checkpoint.codes):
            raise BadArguments(f"{flag} is {index}, but the checkpoint's images are 0 to {len(checkpoint.codes) - 1}.")
    frames = arguments.frames or (STRIP_COLUMNS if output.suffix.lower() == ".png" else FRAMES)
    a, b = checkpoint.codes[arguments.start], checkpoint.codes[arguments.end]  # (d,)
    t = torch.linspace(0, 1, frames)  # (T,)
    decode = checkpoint.decoder()
    export_path([to_uint8(decode(PATHS[path](a, b, t))) for path in arguments.path], output, columns=frames)
    data = {"output": str(output), "from": arguments.start, "to": arguments.end, "path": arguments.path}
    return Outcome(str(output), data | {"frames": frames})
