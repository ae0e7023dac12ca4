"""cancel RUN: stop runs so that they can be resumed."""

import argparse

from glico.cli.arguments import add_runs
from glico.cli.outcome import Outcome
from glico.runs.folder import RunFolder
from glico.runs.launch import stop


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the runs."""
    add_runs(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Request all runs to stop, then wait for their last states."""
    folders = [RunFolder.open(run) for run in arguments.run_ids]
    for folder in folders:
        folder.cancel()
    stop(folders)
    states = {folder.id: folder.state for folder in folders}
    lines = [f"{name}: {state.status}, step {state.step} of {state.total_steps}" for name, state in states.items()]
    slow = [f"{name} has not stopped yet: it is in the middle of a step." for name, s in states.items() if s.alive]
    return Outcome("\n".join(lines), {"runs": {name: state.status for name, state in states.items()}}, slow)
