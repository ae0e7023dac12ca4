"""run FOLDER: execute a run in this process. The other commands and the app start this one."""

import argparse
import sys
from pathlib import Path

from glico.cli.outcome import Outcome
from glico.runs.execute import execute
from glico.runs.folder import RunFolder
from glico.runs.lock import Lock
from glico.runs.process import give_way


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the run's folder, and the flag by which a launcher says that it has prepared the run."""
    parser.add_argument("folder", metavar="FOLDER", help="a run's id, or the path of its folder")
    parser.add_argument("--launched", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> Outcome:
    """Execute the run to its end, from where it stopped last time."""
    folder = RunFolder.open(Path(arguments.folder))
    lock = Lock.acquire(folder.file("lock")) if arguments.launched else None
    if arguments.launched and lock is None:
        return Outcome("", {})  # another process was launched too, and was first
    if arguments.launched:
        give_way()
    state = execute(folder, lock)
    if state.status != "done" and arguments.launched:
        sys.exit(1)  # standard error is the log, which has the sentence already
    failures = [] if state.status == "done" else [f"{folder.id} {state.status}: {state.message}"]
    return Outcome("", {"run": folder.id, "status": state.status, "step": state.step}, failures)
