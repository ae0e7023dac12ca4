"""project CHECKPOINT [CHECKPOINT]: project the codes as the latent map does, and write the projection or a page of the
maps."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from glico.cli.arguments import add_fields, build, given_values
from glico.cli.outcome import BadArguments, Outcome
from glico.config import ProjectConfig
from glico.errors import GlicoError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glico.checkpoints.checkpoint import Checkpoint
    from glico.latent.projection_cache import Projection

MAPS = 2  # that a page shows


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the checkpoints, left map first, the projection's parameters, and the output."""
    parser.add_argument(
        "checkpoints",
        metavar="CHECKPOINT",
        type=Path,
        nargs="+",
        help="checkpoints of one sample; later ones are aligned to the first",
    )
    parser.add_argument(
        "--beside",
        type=Path,
        metavar="CHECKPOINT",
        help="another checkpoint of the sample: the left map, to which the first is aligned",
    )
    add_fields(parser, ProjectConfig, positional="")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER|FILE.html",
        help="the folder for the projection [default: the cache], or the page to write: one file with the linked maps "
        "in it that needs no network",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Compute the projection and write it, or the page."""
    from glico.checkpoints.checkpoint import Checkpoint
    from glico.latent.projection import suited
    from glico.latent.projection_cache import directory, key, save
    from glico.runs.projecting import compute

    paths = [*([arguments.beside] if arguments.beside else []), *arguments.checkpoints]
    output: Path | None = arguments.output
    page = output is not None and output.suffix.lower() == ".html"
    if page and len(paths) > MAPS:
        raise BadArguments(f"A page shows {MAPS} maps at most, and {len(paths)} checkpoints are given.")
    checkpoints = [Checkpoint.load(path) for path in paths]
    codes = [checkpoint.codes.float().numpy() for checkpoint in checkpoints]
    config = suited(build(ProjectConfig, given_values(arguments, ProjectConfig)), checkpoints[-1].labels.numpy())
    if len({len(z) for z in codes}) > 1:
        raise GlicoError("The checkpoints hold different numbers of codes: train them on the same small sample.")
    projection = compute(codes, config, _reporter(config.method))
    name = key(codes, config)
    if page and output is not None:
        _write_page(output, paths, checkpoints, projection, config, name)
        path = output
    else:
        path = save(name, projection, output or directory())
    data = {"output": str(path), **config.model_dump(), "trustworthiness": projection.trustworthiness}
    return Outcome(str(path), data)


def _reporter(method: str) -> "Callable[[float, str], None]":
    """Return a callback that prints each new stage on standard error."""
    last = ""

    def report(fraction: float, stage: str) -> None:
        nonlocal last
        if stage != last:
            print(f"{method}: {stage}", file=sys.stderr)
            last = stage

    return report


def _write_page(
    output: Path,
    paths: "Sequence[Path]",
    checkpoints: "Sequence[Checkpoint]",
    projection: "Projection",
    config: ProjectConfig,
    name: str,
) -> None:
    from glico.files import write_atomically
    from glico.runs.naming import telling_names
    from glico.web.latent_map.scene import Scene, Side
    from glico.web.latent_map.whole import maps_page

    titles = telling_names([checkpoint.config for checkpoint in checkpoints])
    sides = tuple(Side(path.stem, title, path) for path, title in zip(paths, titles, strict=True))
    scene = Scene(sides, tuple(checkpoint.latent_space for checkpoint in checkpoints), projection, config, name)
    write_atomically(output, maps_page(scene, [checkpoint.opened for checkpoint in checkpoints]).encode())
