"""Progress of runs on standard error: a bar with the time left on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Sequence
from typing import Any, Protocol

from glico.runs.folder import RunFolder
from glico.runs.pace import seconds_left
from glico.runs.slots import at_once
from glico.runs.state import State
from glico.words import duration

PLAIN_SECONDS = 5.0
SHOWN = ("loss", "accuracy", "test_accuracy", "holdout_accuracy", "generator_loss", "discriminator_loss")


class Display(Protocol):
    """Shows the states of runs as they change."""

    def __call__(self, states: list[State]) -> None: ...

    def close(self) -> None: ...


def display_of(folders: Sequence[RunFolder]) -> Display:
    """Return a bar if standard error is a terminal, else lines."""
    return Bar(folders) if sys.stderr.isatty() else Lines(folders)


class Bar:
    """One bar over the steps of all runs."""

    def __init__(self, folders: Sequence[RunFolder]) -> None:
        from tqdm import tqdm

        self.latest = _Latest(folders)
        self.parallel = at_once(folders[0].settings["device"], folders[0].kind) if folders else 1
        self.bar: Any = None
        self.make = tqdm

    def __call__(self, states: list[State]) -> None:
        steps, total = sum(state.step for state in states), sum(_total(state, states) for state in states)
        if self.bar is None:
            self.bar = self.make(initial=steps, total=total or None, unit="step", file=sys.stderr, dynamic_ncols=True)
        self.bar.total, self.bar.n = total or None, steps
        self.bar.set_description_str(_description(states, self.parallel), refresh=False)
        self.bar.set_postfix_str(self.latest.only(), refresh=False)
        self.bar.refresh()

    def close(self) -> None:
        """Leave the bar on the screen as it is."""
        if self.bar is not None:
            self.bar.close()


class Lines:
    """A line per run every few seconds, and when its status changes."""

    def __init__(self, folders: Sequence[RunFolder]) -> None:
        self.folders = folders
        self.latest = _Latest(folders)
        self.printed: list[tuple[str, int, str]] = [("", 0, "")] * len(folders)
        self.last_time = 0.0

    def __call__(self, states: list[State]) -> None:
        is_due = time.monotonic() - self.last_time > PLAIN_SECONDS
        if is_due:
            self.last_time = time.monotonic()
        for row, (folder, state) in enumerate(zip(self.folders, states, strict=True)):
            news = (state.status, state.step, state.message)
            if news != self.printed[row] and (is_due or state.status != self.printed[row][0]):
                self.printed[row] = news
                print(f"{folder.id}: {_line(state, self.latest.metrics(row))}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Do nothing: no resource is open."""


class _Latest:
    """The last record of each run, read as the files grow."""

    def __init__(self, folders: Sequence[RunFolder]) -> None:
        self.tails = [folder.metrics_tail() for folder in folders]

    def metrics(self, row: int) -> str:
        values: dict[str, float] = {}
        for record in self.tails[row].read()[-50:]:
            values |= {name: record[name] for name in SHOWN if isinstance(record.get(name), float)}
        return ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in values.items())

    def only(self) -> str:
        """Return the metrics of a run without others, else nothing."""
        return self.metrics(0) if len(self.tails) == 1 else ""


def _total(state: State, states: list[State]) -> int:
    """Return the steps of a run; one that has not begun is taken to be as long as the longest."""
    return state.total_steps or max(other.total_steps for other in states)


def _description(states: list[State], parallel: int) -> str:
    if len(states) == 1:
        return states[0].message.rstrip(".") or states[0].status
    seconds = seconds_left(states, parallel)
    about = f", about {duration(seconds)} left" if seconds else ""
    return f"{sum(state.status == 'done' for state in states)} of {len(states)} done{about}"


def _line(state: State, numbers: str) -> str:
    seconds = state.seconds_left
    parts = [state.status, f"step {state.step} of {state.total_steps}" if state.total_steps else "", numbers]
    return ", ".join(
        part for part in [*parts, f"{duration(seconds)} left" if seconds is not None else "", state.message] if part
    )
