"""interpolate CHECKPOINT: write the path between two training images as a PNG strip, a GIF, an MP4 or a page to scrub,
or the surface between three or four images as a PNG grid or a page to drag over."""

import argparse
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glico.cli.outcome import BadArguments, Outcome
from glico.config import FRAME_PATHS, FramePathName

if TYPE_CHECKING:
    from glico.latent.measured import PathSource
    from glico.latent.registrations import EndsName
    from glico.types import Images

FRAMES = {".png": 7, ".gif": 60, ".mp4": 60, ".html": 101}  # by the suffix of the file; 7 as in Fig. 5a
LIMITS = (2, 1000)
SIDES = {".png": 7, ".html": 11}  # frames per direction of a surface
SIDE_LIMITS = (2, 21)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the images, the path and the output file."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="a checkpoint (.safetensors)")
    end = "image where t = {}, by its row in the sample [counted from 0]"
    parser.add_argument("--from", dest="start", type=int, metavar="N", help=end.format(0))
    parser.add_argument("--to", dest="end", type=int, metavar="N", help=end.format(1))
    parser.add_argument(
        "--corners",
        type=int,
        nargs="+",
        metavar="N",
        help="instead of --from and --to: interpolate a surface between three or four images, A to B and C to D, then "
        "between the two paths; written as .png or .html",
    )
    parser.add_argument(
        "--path",
        nargs="+",
        choices=FRAME_PATHS,
        help="slerp and lerp join the codes, Eq. (3); morph moves the images into each other by registration, which is "
        "no walk in the latent space; several are shown one above the other [default slerp, on a page all]",
    )
    parser.add_argument(
        "--ends",
        choices=("generated", "original"),
        default="generated",
        help="the images that a morph joins: the generator's, or the sample's own, if the checkpoint holds them "
        "[default generated]",
    )
    parser.add_argument(
        "--frames",
        type=int,
        metavar="N",
        help=f"number of frames, both ends included [{LIMITS[0]} to {LIMITS[1]}; default {FRAMES['.gif']}, in a strip "
        f"{FRAMES['.png']}, on a page {FRAMES['.html']}]; of a surface to its right and downwards "
        f"[{SIDE_LIMITS[0]} to {SIDE_LIMITS[1]}; default {SIDES['.png']}, on a page {SIDES['.html']}]",
    )
    parser.add_argument(
        "--captions",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="write the path's name and t into the frames [default yes]",
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help=f"the file to write: {', '.join(FRAMES)} (a page with the scrubber, which needs no network)",
    )


@dataclass(frozen=True)
class Request:
    """The paths through the images ``rows``, or the surfaces between them, and the file to write them to."""

    rows: tuple[int, ...]
    paths: tuple[FramePathName, ...]
    ends: "EndsName"
    frames: int
    output: Path
    captions: bool
    title: str

    @property
    def is_page(self) -> bool:
        return self.output.suffix.lower() == ".html"


def run(arguments: argparse.Namespace) -> Outcome:
    """Generate the paths, or the surface, and write them."""
    request = _request(arguments)
    from glico.checkpoints.opened import OpenCheckpoint
    from glico.latent.morphs import path_source

    checkpoint = OpenCheckpoint.load(arguments.checkpoint)
    count = len(checkpoint.space.codes)
    for flag, index in _rows_by_option(arguments):
        if not 0 <= index < count:
            raise BadArguments(f"{flag} is {index}, but the checkpoint's images are 0 to {count - 1}.")
    source = path_source(checkpoint, _report)
    write = _write_surface if len(request.rows) > 2 else _write_page if request.is_page else _write_images
    write(source, request)
    rows, lines = request.rows, [str(request.output)]
    data: dict[str, Any] = {"output": lines[0], "path": list(request.paths), "frames": request.frames}
    data |= {"from": rows[0], "to": rows[1]} if len(rows) == 2 else {"corners": list(rows)}
    if len(rows) == 2:
        data["halfway"] = _halfway(source, request)
    if "morph" in request.paths:
        data["ends"] = request.ends
        data["guess"] = source.morphs is not None and source.morphs.of.is_guess(rows)
        if data["guess"]:
            lines.append("The images are not all of one class, so the morph is a guess.")
    return Outcome("\n".join(lines), data)


def _request(arguments: argparse.Namespace) -> Request:
    """Return the request that the arguments make. Raises BadArguments."""
    output: Path = arguments.output
    kind = output.suffix.lower()
    rows = tuple(index for _, index in _rows_by_option(arguments))
    kinds, limits = (FRAMES, LIMITS) if len(rows) == 2 else (SIDES, SIDE_LIMITS)
    if kind not in kinds:
        raise BadArguments(f"--output is {output}, but its name must end in {', '.join(kinds)}.")
    if arguments.frames is not None and not limits[0] <= arguments.frames <= limits[1]:
        raise BadArguments(
            f"--frames is {arguments.frames}, but it takes a whole number from {limits[0]} to {limits[1]}."
        )
    paths = tuple(dict.fromkeys(arguments.path or (FRAME_PATHS if kind == ".html" else ("slerp",))))
    if len(rows) > 2 and kind == ".png" and len(paths) > 1:
        raise BadArguments("--path takes one path for the grid of a surface as .png.")
    title = f"{arguments.checkpoint.stem}, {' to '.join(map(str, rows))}"
    frames = arguments.frames or kinds[kind]
    return Request(rows, paths, arguments.ends, frames, output, arguments.captions, title)


def _rows_by_option(arguments: argparse.Namespace) -> list[tuple[str, int]]:
    """Return the rows of the images, each with its option: two for a path, three or four for a surface."""
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


def _report(fraction: float, stage: str) -> None:
    if fraction == 0:
        print(f"morph: {stage}", file=sys.stderr)


def _halfway(source: "PathSource", request: Request) -> dict[str, dict[str, float | None]]:
    """Return the measures of every path's image at t = 0.5, by path; None if undefined."""
    import numpy as np

    from glico.latent.double_exposure import double_exposure, local_double_exposure
    from glico.latent.halfway import sharpness
    from glico.latent.measured import PathRequest, path_frames

    measures = {
        "double_exposure": double_exposure,
        "local_double_exposure": local_double_exposure,
        "sharpness": sharpness,
    }
    path_request = PathRequest(request.rows, 3, ends=request.ends)
    values_by_path: dict[str, dict[str, float | None]] = {}
    for path in request.paths:
        triple = np.split(path_frames(source, path_request, path, np.array([0, 0.5, 1]))[1], 3)
        values = {name: measure(*triple).item() for name, measure in measures.items()}
        values_by_path[path] = {name: value if math.isfinite(value) else None for name, value in values.items()}
    return values_by_path


def _write_surface(source: "PathSource", request: Request) -> None:
    from glico.files import write_atomically
    from glico.latent.export import surface_sheet
    from glico.latent.measured import measured_surface
    from glico.web.scrubber.content import Visited
    from glico.web.surface import offline_page, surface_content

    measured = measured_surface(source, request.rows, request.frames, request.paths, request.ends)
    if request.is_page:
        content = surface_content(Visited(source.checkpoint, source.training, request.rows), measured)
        output = offline_page(content, (0.5, 0.5), request.title).encode()
    else:
        output = surface_sheet(measured[request.paths[0]].images, request.captions)
    write_atomically(request.output, output, parents=True)


def _write_images(source: "PathSource", request: Request) -> None:
    import numpy as np

    from glico.latent.export import export_path
    from glico.latent.measured import PathRequest, path_frames
    from glico.pixels import to_uint8

    t = np.linspace(0, 1, request.frames)  # (T,)
    path_request = PathRequest(request.rows, request.frames, ends=request.ends)
    images: dict[str, Images] = {
        path: to_uint8(path_frames(source, path_request, path, t)[1]) for path in request.paths
    }
    export_path(images, request.output, columns=request.frames, captions=request.captions)


def _write_page(source: "PathSource", request: Request) -> None:
    from glico.files import write_atomically
    from glico.latent.distances import feature_distance
    from glico.latent.measured import PathRequest, measured_paths
    from glico.web.scrubber import offline_page
    from glico.web.scrubber.content import Visited, paths_content

    name, steps = feature_distance(source.checkpoint.space.config, source.checkpoint.space.image_shape[0])
    path_request = PathRequest(request.rows, request.frames, ends=request.ends)
    measured = measured_paths(source, path_request, steps, request.paths)
    content = paths_content(Visited(source.checkpoint, source.training, request.rows), measured, name)
    write_atomically(request.output, offline_page(content, 0.5, request.title).encode(), parents=True)
