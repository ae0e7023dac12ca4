"""resume RUN: continue runs, and follow them."""

import argparse

from glico.cli.arguments import add_runs
from glico.cli.backend import add_backend, do_all
from glico.cli.following import add_options, failure, start_folders
from glico.cli.outcome import Outcome
from glico.config import RunConfig
from glico.errors import GlicoError
from glico.runs.folder import RunFolder


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the runs."""
    add_runs(parser)
    add_options(parser)
    add_backend(parser)


def run(arguments: argparse.Namespace) -> Outcome:
    """Restart each run from the step at which it stopped."""
    folders = [RunFolder.open(run) for run in arguments.run_ids]
    if arguments.on == "local":
        start_folders(folders, arguments)
    else:
        do_all([_found_by_nodes(folder) for folder in folders], arguments)
    states = [folder.state for folder in folders]
    problems = [failure(folder, state) for folder, state in zip(folders, states, strict=True)]
    data = {folder.id: state.status for folder, state in zip(folders, states, strict=True)}
    return Outcome("", {"runs": data}, [problem for problem in problems if problem])


def _found_by_nodes(folder: RunFolder) -> RunConfig:
    """Return the run's configuration, by which a cluster's nodes find its folder.

    Raises GlicoError if they would not.
    """
    config: RunConfig = folder.config
    if RunFolder.for_config(config).path != folder.path:
        raise GlicoError(f"{folder.id} is not in GLICO_RUNS, or what it reads has changed: start a new run of it.")
    return config
