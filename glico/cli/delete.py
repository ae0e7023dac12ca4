"""delete RUN: remove runs that are not alive."""

import argparse

from glico.cli.arguments import add_runs
from glico.cli.outcome import Outcome
from glico.runs.folder import RunFolder


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the runs."""
    add_runs(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Remove each."""
    folders = [RunFolder.open(run) for run in arguments.run_ids]
    for folder in folders:
        folder.delete()
    names = [folder.id for folder in folders]
    return Outcome("\n".join(f"{name}: deleted" for name in names), {"deleted": names})
