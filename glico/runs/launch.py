"""Starting runs in processes of their own, which outlive the process that started them.

``train`` and ``classify`` are such runs as calls from Python.
"""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from glico.config import ClassifyConfig, RunConfig, TrainConfig
from glico.errors import GlicoError
from glico.files import writing
from glico.runs import warm
from glico.runs.folder import RunFolder
from glico.runs.kinds import KINDS
from glico.runs.lock import launching, wait_for
from glico.runs.slots import Ticket
from glico.runs.state import State
from glico.runs.writing import RunWriter

if TYPE_CHECKING:
    from glico.checkpoints.checkpoint import Checkpoint

Start = Literal["started", "resumed", "done", "alive"]


def launch(config: RunConfig, *, restart: bool = False) -> RunFolder:
    """Start the run of this configuration, and return at once.

    A finished or living run is left alone; one that died, failed or was cancelled is resumed. ``restart`` deletes what
    the run has written. Raises GlicoError if the run folder cannot be written.
    """
    folder = RunFolder.create(config)
    start(folder, restart=restart)
    return folder


def start(folder: RunFolder, *, restart: bool = False) -> Start:
    """Start or resume a run in a process of its own unless it is alive or done. Return what happened.

    Raises GlicoError as :func:`prepare` does.
    """
    how, writer = prepare(folder, restart=restart)
    if writer is None:
        return how
    try:
        Ticket.draw(folder.path.parent, folder.id, folder.settings["device"])
        with writing(folder.path):
            launcher = wait_for(launching(folder.file("lock")))
    finally:
        writer.release()
    try:
        with writing(folder.path):
            warm.spawn(["run", str(folder.path), "--launched"], folder.file("log.txt"), folder.file("lock"), launcher)
    except BaseException:
        launcher.release()
        raise
    return how


class Prepared(NamedTuple):
    """The decision about a run, and its writer if it is to be executed."""

    how: Start
    writer: RunWriter | None = None


def prepare(folder: RunFolder, *, restart: bool = False) -> Prepared:
    """Take the lock of a run that is to be started or resumed, and write that it waits.

    A finished or living run is left alone. ``restart`` deletes what the run has written. The run's configuration is
    that of ``folder``: see :meth:`RunFolder.create`. Raises GlicoError if the run is to be restarted while it is
    alive, or if its folder cannot be written.
    """
    lock = folder.claim()
    if lock is None:
        if restart:
            raise folder.in_use("restart")
        return Prepared("alive")
    writer = RunWriter(folder, lock)
    try:
        before = folder.state
        if before.status == "done" and not restart:
            writer.sweep()
            writer.release()
            return Prepared("done")
        if restart:
            writer.clear()
        if folder != RunFolder.open(folder.path):
            writer.write_run()
        writer.sweep()
        resumed = folder.file("state.safetensors").exists()
        step = before.step if resumed else 0
        writer.write_state(State("queued", step, before.total_steps, "Starting.", queued=time.time()))
    except GlicoError:
        writer.release()
        raise
    return Prepared("resumed" if resumed else "started", writer)


def follow(
    folders: Sequence[RunFolder], report: Callable[[list[State]], None] | None = None, *, every: float = 0.2
) -> list[State]:
    """Wait until no run is alive, and return their states. ``report`` receives them after each look."""
    while True:
        states = [folder.state for folder in folders]
        if report is not None:
            report(states)
        if not any(state.alive for state in states):
            return states
        time.sleep(every)


def stop(folders: Sequence[RunFolder], patience: float = 30.0) -> None:
    """Cancel the living runs, and wait until their last states are saved."""
    for folder in folders:
        if folder.state.alive:
            folder.cancel()
    deadline = time.monotonic() + patience
    while any(folder.state.alive for folder in folders) and time.monotonic() < deadline:
        time.sleep(0.1)


Watch = Callable[[State], None]


def train(config: TrainConfig, *, restart: bool = False, progress: Watch | None = None) -> "Checkpoint":
    """Run latent optimisation (Algorithm 1) in a process of its own, and return its checkpoint.

    A finished run is not repeated, and an unfinished one is resumed, unless ``restart``. An interrupt (Ctrl-C) stops
    the run in a state that the same call resumes. ``progress`` receives the run's state a few times a second. Raises
    GlicoError if the run fails.
    """
    from glico.checkpoints.checkpoint import Checkpoint

    return Checkpoint.load(_followed(config, restart, progress).file(KINDS["train"].output))


def classify(config: ClassifyConfig, *, restart: bool = False, progress: Watch | None = None) -> dict[str, Any]:
    """Train one classifier (section IV-B) as :func:`train` does, and return the content of its result.json."""
    return _followed(config, restart, progress).result or {}


def _followed(config: RunConfig, restart: bool, progress: Watch | None) -> RunFolder:
    folder = launch(config, restart=restart)
    try:
        (state,) = follow([folder], (lambda states: progress(states[0])) if progress else None)
    except KeyboardInterrupt:
        stop([folder])
        raise
    if state.status != "done":
        raise GlicoError(state.message)
    return folder
