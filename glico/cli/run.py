"""run FOLDER: execute a run in this process. The other commands and the app start this one."""

import argparse
import sys
from pathlib import Path

from glico.cli.outcome import Outcome
from glico.runs.execute import carry_out, execute
from glico.runs.folder import RunFolder
from glico.runs.lock import Lock
from glico.runs.process import give_way
from glico.runs.writing import RunWriter


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the run's folder, and the flag by which a launcher says that it has prepared the run."""
    parser.add_argument("folder", metavar="FOLDER", help="a run's id, or the path of its folder")
    parser.add_argument("--launched", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> Outcome:
    """Execute the run to its end, from the step at which it last stopped."""
    folder = RunFolder.open(Path(arguments.folder))
    if arguments.launched:
        lock = Lock.take_over(folder.file("lock"))
        if lock is None:
            return Outcome("", {})  # another process was launched too, and was first
        give_way()
        state = carry_out(RunWriter(folder, lock))
    else:
        state = execute(folder)
    if state.status != "done" and arguments.launched:
        sys.exit(1)  # standard error is the log, which has the sentence already
    failures = [] if state.status == "done" else [f"{folder.id} {state.status}: {state.message}"]
    return Outcome("", {"run": folder.id, "status": state.status, "step": state.step}, failures)
