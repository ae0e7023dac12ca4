"""resume RUN: go on with runs, and follow them."""

import argparse

from glico.cli.following import add_options, failure, start_folders
from glico.cli.outcome import Outcome
from glico.runs.folder import RunFolder


def configure(parser: argparse.ArgumentParser) -> None:
    """Which runs."""
    parser.add_argument("run_ids", metavar="RUN", nargs="+", help="a run's id, or the path of its folder")
    add_options(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Start each again from where it stopped."""
    folders = start_folders([RunFolder.open(run) for run in arguments.run_ids], arguments)
    states = [folder.state for folder in folders]
    problems = [failure(folder, state) for folder, state in zip(folders, states, strict=True)]
    data = {folder.id: state.status for folder, state in zip(folders, states, strict=True)}
    return Outcome("", {"runs": data}, [problem for problem in problems if problem])
