"""runs: list the runs."""

import argparse
import sys
import time

from glico.cli.outcome import Outcome
from glico.places import runs_directory
from glico.runs.folder import RunFolder, find_runs
from glico.runs.state import State
from glico.words import duration


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(arguments: argparse.Namespace) -> Outcome:
    """Print a line per run, newest first."""
    runs, problems = find_runs()
    for problem in [*problems, *filter(None, (run.problem for run in runs))]:
        print(f"glico runs: {problem}", file=sys.stderr)
    states = [(run, run.state) for run in runs]
    lines = [_line(run, state) for run, state in states] or [f"There are no runs in {runs_directory()}."]
    data = [
        {"run": run.id, "folder": str(run.path), "kind": run.kind, "status": state.status, "step": state.step}
        | {"total_steps": state.total_steps, "message": state.message, "created": run.created, "result": run.result}
        | {"problem": run.problem or None}
        for run, state in states
    ]
    return Outcome("\n".join(lines), {"runs": data})


def _line(run: RunFolder, state: State) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created))
    remaining = f", {duration(state.seconds_left)} left" if state.seconds_left is not None else ""
    return f"{when}  {state.status:9}  {state.step:>6} of {state.total_steps:<6}  {run.id}{remaining}"
