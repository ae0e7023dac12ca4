"""interpolate CHECKPOINT: the path between two training images, as a PNG strip, a GIF, an MP4 or a page to scrub; or
the surface between three or four, as a PNG grid or a page to drag over."""

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
SIDES = {".png": 7, ".html": 11}  # frames per direction of a surface
SIDE_LIMITS = (2, 21)


def configure(parser: argparse.ArgumentParser) -> None:
    """The two images, the path and the file."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a checkpoint (.safetensors)")
    end = "image where t = {}, by its row in the sample [counted from 0]"
    parser.add_argument("--from", dest="start", type=int, metavar="N", help=end.format(0))
    parser.add_argument("--to", dest="end", type=int, metavar="N", help=end.format(1))
    parser.add_argument(
        "--corners", type=int, nargs="+", metavar="N",
        help="instead of --from and --to: three or four images, A B C D, and the surface between them: from A to B and "
        "from C to D, then from the one to the other; written as .png or .html",
    )  # fmt: skip
    parser.add_argument(
        "--path", nargs="+", choices=get_args(PathName),
        help="how the codes are joined, Eq. (3); two are shown one above the other [default slerp, on a page both]",
    )  # fmt: skip
    parser.add_argument(
        "--frames", type=int, metavar="N",
        help=f"frames from end to end [{LIMITS[0]} to {LIMITS[1]}; default {FRAMES['.gif']}, in a strip "
        f"{FRAMES['.png']}, on a page {FRAMES['.html']}]; of a surface to its right and downwards "
        f"[{SIDE_LIMITS[0]} to {SIDE_LIMITS[1]}; default {SIDES['.png']}, on a page {SIDES['.html']}]",
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
    """Decode the paths, or the surface, and write them."""
    output: Path = arguments.output
    kind = output.suffix.lower()
    joined = _joined(arguments)
    kinds, limits = (FRAMES, LIMITS) if len(joined) == 2 else (SIDES, SIDE_LIMITS)
    if kind not in kinds:
        raise BadArguments(f"--output is {output}, but its name must end in {', '.join(kinds)}.")
    if arguments.frames is not None and not limits[0] <= arguments.frames <= limits[1]:
        raise BadArguments(
            f"--frames is {arguments.frames}, but it takes a whole number from {limits[0]} to {limits[1]}."
        )
    from glico.checkpoints.checkpoint import Checkpoint

    checkpoint = Checkpoint.load(arguments.checkpoint)
    for flag, index in joined:
        if not 0 <= index < len(checkpoint.codes):
            raise BadArguments(f"{flag} is {index}, but the checkpoint's images are 0 to {len(checkpoint.codes) - 1}.")
    rows = tuple(index for _, index in joined)
    frames: int = arguments.frames or kinds[kind]
    paths: Sequence[PathName] = arguments.path or (get_args(PathName) if kind == ".html" else ("slerp",))
    if len(rows) > 2 and kind == ".png" and len(paths) > 1:
        raise BadArguments("--path takes one path for the grid of a surface as .png.")
    title = f"{arguments.checkpoint.stem}, {' to '.join(map(str, rows))}"
    if len(rows) > 2:
        _write_surface(checkpoint, rows, paths, frames, output, title, arguments.captions)
    elif kind == ".html":
        _write_page(checkpoint, rows, paths, frames, output, title)
    else:
        _write_images(checkpoint, rows, paths, frames, output, arguments.captions)
    of = {"from": rows[0], "to": rows[1]} if len(rows) == 2 else {"corners": list(rows)}
    return Outcome(str(output), {"output": str(output), **of, "path": list(paths), "frames": frames})


def _joined(arguments: argparse.Namespace) -> list[tuple[str, int]]:
    """The images that are joined, each with the option that names it: two, or the three or four of a surface."""
    ends = {"--from": arguments.start, "--to": arguments.end}
    if arguments.corners is None:
        for flag, index in ends.items():
            if index is None:
                raise BadArguments(f"{flag} is missing; a surface takes --corners instead.")
        return list(ends.items())
    if set(ends.values()) != {None}:
        raise BadArguments("Give --from and --to for a path, or --corners for a surface, not both.")
    if len(arguments.corners) not in (3, 4):
        raise BadArguments(f"--corners takes three or four images, not {len(arguments.corners)}.")
    return [("--corners", index) for index in arguments.corners]


def _write_surface(
    checkpoint: "Checkpoint",
    corners: Sequence[int],
    paths: Sequence[PathName],
    side: int,
    output: Path,
    title: str,
    captions: bool,
) -> None:
    from glico.files import write_atomically
    from glico.latent.export import surface_sheet
    from glico.latent.path_analysis import compared_with, measured_surface
    from glico.web.surface import described_surface, offline_page

    decode = checkpoint.decoder()
    training = compared_with(checkpoint, decode)
    measured = measured_surface(checkpoint, decode, training, corners, side, paths)
    if output.suffix.lower() == ".html":
        content = described_surface(checkpoint, decode, training, corners, measured)
        made = offline_page(content, (0.5, 0.5), title).encode()
    else:
        made = surface_sheet(measured[paths[0]].images, captions)
    write_atomically(output, made, parents=True)


def _write_images(
    checkpoint: "Checkpoint",
    ends: tuple[int, ...],
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
    checkpoint: "Checkpoint", ends: tuple[int, ...], paths: Sequence[PathName], frames: int, output: Path, title: str
) -> None:
    from glico.files import write_atomically
    from glico.latent.path_analysis import compared_with, feature_distance, measured_paths
    from glico.web.scrubber import offline_page
    from glico.web.scrubber.content import described_paths

    decode = checkpoint.decoder()
    training = compared_with(checkpoint, decode)
    name, steps = feature_distance(checkpoint.config, checkpoint.image_shape[0])
    measured = measured_paths(checkpoint, decode, training, ends, frames, "off", 0, steps, paths)
    content = described_paths(checkpoint, decode, training, ends, measured, name)
    write_atomically(output, offline_page(content, 0.5, title).encode(), parents=True)
