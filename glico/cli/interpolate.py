"""interpolate CHECKPOINT: the path between two training images, as a PNG strip, a GIF, an MP4 or a page to scrub."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from glico.cli.outcome import BadArguments, Outcome
from glico.config import PathName

if TYPE_CHECKING:
    from glico.checkpoints.checkpoint import Checkpoint
    from glico.data.dataset import Images

FRAMES = {".png": 7, ".gif": 60, ".mp4": 60, ".html": 101}  # by the suffix of the file; 7 as in Fig. 5a
LIMITS = (2, 1000)


def configure(parser: argparse.ArgumentParser) -> None:
    """The two images, the path and the file."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a checkpoint (.safetensors)")
    end = "image where t = {}, by its row in the sample [counted from 0]"
    parser.add_argument("--from", dest="start", type=int, required=True, metavar="N", help=end.format(0))
    parser.add_argument("--to", dest="end", type=int, required=True, metavar="N", help=end.format(1))
    parser.add_argument(
        "--path", nargs="+", choices=get_args(PathName),
        help="how the codes are joined, Eq. (3); two are shown one above the other [default slerp, on a page both]",
    )  # fmt: skip
    parser.add_argument(
        "--frames", type=int, metavar="N",
        help=f"frames from end to end [{LIMITS[0]} to {LIMITS[1]}; default {FRAMES['.gif']}, in a strip "
        f"{FRAMES['.png']}, on a page {FRAMES['.html']}]",
    )  # fmt: skip
    parser.add_argument(
        "--captions", action=argparse.BooleanOptionalAction, default=True,
        help="write slerp or lerp, and t, into the frames [default yes]",
    )  # fmt: skip
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help=f"the file to write: {', '.join(FRAMES)} (a page with the scrubber in it, that needs no network)",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Decode the paths and write them."""
    output: Path = arguments.output
    kind = output.suffix.lower()
    if kind not in FRAMES:
        raise BadArguments(f"--output is {output}, but its name must end in {', '.join(FRAMES)}.")
    if arguments.frames is not None and not LIMITS[0] <= arguments.frames <= LIMITS[1]:
        raise BadArguments(
            f"--frames is {arguments.frames}, but it takes a whole number from {LIMITS[0]} to {LIMITS[1]}."
        )
    from glico.checkpoints.checkpoint import Checkpoint

    checkpoint = Checkpoint.load(arguments.checkpoint)
    for flag, index in (("--from", arguments.start), ("--to", arguments.end)):
        if not 0 <= index < len(checkpoint.codes):
            raise BadArguments(f"{flag} is {index}, but the checkpoint's images are 0 to {len(checkpoint.codes) - 1}.")
    ends = (arguments.start, arguments.end)
    frames: int = arguments.frames or FRAMES[kind]
    paths: Sequence[PathName] = arguments.path or (get_args(PathName) if kind == ".html" else ("slerp",))
    if kind == ".html":
        _write_page(checkpoint, ends, paths, frames, output, f"{arguments.checkpoint.stem}, {ends[0]} to {ends[1]}")
    else:
        _write_images(checkpoint, ends, paths, frames, output, arguments.captions)
    data = {"output": str(output), "from": ends[0], "to": ends[1], "path": list(paths), "frames": frames}
    return Outcome(str(output), data)


def _write_images(
    checkpoint: "Checkpoint",
    ends: tuple[int, int],
    paths: Sequence[PathName],
    frames: int,
    output: Path,
    captions: bool,
) -> None:
    import torch

    from glico.latent.export import export_path
    from glico.latent.paths import PATHS
    from glico.pixels import to_uint8

    a, b = checkpoint.codes[list(ends)]  # (d,)
    t = torch.linspace(0, 1, frames)  # (T,)
    decode = checkpoint.decoder()
    drawn: dict[str, Images] = {path: to_uint8(decode(PATHS[path](a, b, t))) for path in paths}
    export_path(drawn, output, columns=frames, captions=captions)


def _write_page(
    checkpoint: "Checkpoint", ends: tuple[int, int], paths: Sequence[PathName], frames: int, output: Path, title: str
) -> None:
    from glico.latent.path_analysis import compared_with, feature_distance, measured_paths
    from glico.web.scrubber import write_offline_page
    from glico.web.scrubber.content import described_paths

    decode = checkpoint.decoder()
    training = compared_with(checkpoint, decode)
    name, steps = feature_distance(checkpoint.config, checkpoint.image_shape[0])
    measured = measured_paths(checkpoint, decode, training, ends, frames, "off", 0, steps, paths)
    write_offline_page(described_paths(checkpoint, decode, training, ends, measured, name), 0.5, title, output)
