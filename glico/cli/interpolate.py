"""interpolate CHECKPOINT: the path between two training images, as a PNG strip, GIF, MP4 or HTML page."""

import argparse
from pathlib import Path
from typing import get_args

from glico.cli.outcome import BadArguments, Outcome
from glico.config import PathName

FRAMES = (2, 1000)
SUFFIXES = (".png", ".gif", ".mp4", ".html")


def configure(parser: argparse.ArgumentParser) -> None:
    """The two images, the path and the file."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a checkpoint (.safetensors)")
    parser.add_argument(
        "--from",
        dest="start",
        type=int,
        required=True,
        metavar="N",
        help="image where t = 0, by its place in the sample",
    )
    parser.add_argument(
        "--to", dest="end", type=int, required=True, metavar="N", help="image where t = 1, by its place in the sample"
    )
    parser.add_argument(
        "--path", choices=get_args(PathName), default="slerp", help="how the codes are joined, Eq. (3) [default slerp]"
    )
    parser.add_argument(
        "--frames", type=int, default=60, metavar="N", help=f"frames [{FRAMES[0]} to {FRAMES[1]}; default 60]"
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help=f"the file to write: {', '.join(SUFFIXES)}"
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Decode the path and write it."""
    if not FRAMES[0] <= arguments.frames <= FRAMES[1]:
        raise BadArguments(
            f"--frames is {arguments.frames}, but it takes a whole number from {FRAMES[0]} to {FRAMES[1]}."
        )
    if arguments.output.suffix.lower() not in SUFFIXES:
        raise BadArguments(f"--output is {arguments.output}, but its name must end in {', '.join(SUFFIXES)}.")
    from glico.latent.export import export_path
    from glico.runs.checkpoint import Checkpoint

    checkpoint = Checkpoint.load(arguments.checkpoint)
    for flag, index in (("--from", arguments.start), ("--to", arguments.end)):
        if not 0 <= index < len(checkpoint.codes):
            raise BadArguments(f"{flag} is {index}, but the checkpoint's images are 0 to {len(checkpoint.codes) - 1}.")
    export_path(checkpoint, arguments.start, arguments.end, arguments.path, arguments.frames, arguments.output)
    data = {"output": str(arguments.output), "from": arguments.start, "to": arguments.end, "path": arguments.path}
    return Outcome(str(arguments.output), data | {"frames": arguments.frames})
