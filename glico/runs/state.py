"""The state of a run: state.json, which the run's process writes and everybody else reads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, with_config

from glico.runs.records import Count, Moment, read_record

Status = Literal["queued", "running", "done", "failed", "cancelled", "died"]
ALIVE = ("queued", "running")


@with_config(ConfigDict(strict=True))
@dataclass(frozen=True)
class State:
    """The state of a run.

    Nobody writes the ``status`` "died": a run that says it is alive while its lock is free has died. Times are seconds
    since 1970, ``steps_per_second`` is the latest pace, ``memory`` the bytes of the run's process.
    """

    status: Status
    step: Count = 0
    total_steps: Count = 0
    message: str = ""
    pid: Count | None = None
    device: str = ""
    queued: Moment | None = None
    started: Moment | None = None
    updated: Moment | None = None
    ended: Moment | None = None
    steps_per_second: Annotated[float, Field(ge=1e-9, le=1e9)] | None = None
    memory: Annotated[int, Field(ge=0, le=2**60)] | None = None

    @property
    def alive(self) -> bool:
        """Whether a process waits or works."""
        return self.status in ALIVE

    @property
    def seconds_left(self) -> float | None:
        """Time to the end at the latest pace, or None before there is one."""
        if self.status != "running" or not self.steps_per_second:
            return None
        return max(0, self.total_steps - self.step) / self.steps_per_second


STATE: TypeAdapter[State] = TypeAdapter(State)


def read_state(path: Path) -> State:
    """Return the state in a state.json; without such a file, that of a run that has not begun.

    Raises Unreadable if the file does not hold a state.
    """
    return read_record(path, STATE) or State("queued")
