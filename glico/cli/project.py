"""project CHECKPOINT [CHECKPOINT]: lay the codes out as the latent map does, and keep the result where it looks."""

import argparse
import sys
from pathlib import Path

from glico.cli.arguments import add_fields, build, given
from glico.cli.outcome import Outcome
from glico.config import ProjectConfig
from glico.errors import GlicoError


def configure(parser: argparse.ArgumentParser) -> None:
    """The checkpoints, left map first, the projection's parameters, and the folder."""
    parser.add_argument(
        "checkpoints", metavar="CHECKPOINT", type=Path, nargs="+",
        help="checkpoints of one sample; later ones are aligned to the first",
    )  # fmt: skip
    add_fields(parser, ProjectConfig, positional="")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to keep the projection [default: the cache]"
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Compute it here and write it."""
    from glico.checkpoints.checkpoint import Checkpoint
    from glico.latent.projection import suited
    from glico.latent.projection_cache import directory, key, save
    from glico.runs.projecting import compute

    checkpoints = [Checkpoint.load(path) for path in arguments.checkpoints]
    codes = [checkpoint.codes.float().numpy() for checkpoint in checkpoints]
    config = suited(build(ProjectConfig, given(arguments, ProjectConfig)), checkpoints[-1].labels.numpy())
    if len({len(z) for z in codes}) > 1:
        raise GlicoError("The checkpoints hold different numbers of codes: train them on the same small sample.")
    told = ""

    def tell(fraction: float, stage: str) -> None:
        nonlocal told
        if stage != told:
            print(f"{config.method}: {stage}", file=sys.stderr)
            told = stage

    projection = compute(codes, config, tell)
    path = save(key(codes, config), projection, arguments.output or directory())
    data = {"output": str(path), **config.model_dump(), "trustworthiness": projection.trustworthiness}
    return Outcome(str(path), data)
