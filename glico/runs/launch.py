"""Starting runs as processes of their own, which outlive whoever started them, and training and classifying by them
from Python."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from glico.config import ClassifyConfig, RunConfig, TrainConfig
from glico.errors import GlicoError
from glico.files import writing
from glico.runs import warm
from glico.runs.folder import RunFolder
from glico.runs.kinds import KINDS
from glico.runs.lock import Lock, launching
from glico.runs.slots import Ticket
from glico.runs.state import State

if TYPE_CHECKING:
    from glico.checkpoints.checkpoint import Checkpoint

Start = Literal["started", "resumed", "done", "alive"]


def launch(config: RunConfig, *, restart: bool = False) -> RunFolder:
    """Start the run of this configuration, and return at once.

    A finished or living run is left alone; one that died, failed or was cancelled is resumed. ``restart`` deletes what
    the run has written. Raises GlicoError if the run folder cannot be written.
    """
    folder = RunFolder.create(config)
    start(folder, config, restart=restart)
    return folder


def start(folder: RunFolder, config: RunConfig | None = None, *, restart: bool = False) -> Start:
    """Start or resume an existing run unless it is alive or done, and return what happened.

    ``config`` may change only a path, the device or the permission to download.
    """
    own = folder.file("lock")
    with writing(folder.path):
        launcher = folder.once_ended(lambda: Lock.acquire(launching(own)))
    if launcher is None:
        return _refuse(folder, restart)
    try:
        how, folder, lock = claim(folder, config, restart=restart)
        if lock is None:
            launcher.release()
            return how
        try:
            Ticket.draw(folder.path.parent, folder.id, folder.settings["device"])
        finally:
            lock.release()
        with writing(folder.path):
            launcher.touch()  # after the run's own lock: so that it shows when that is taken again
            warm.spawn(["run", str(folder.path), "--launched"], folder.file("log.txt"), own, launcher)
    except BaseException:
        launcher.release()
        raise
    return how


def claim(
    folder: RunFolder, config: RunConfig | None = None, *, restart: bool = False
) -> tuple[Start, RunFolder, Lock | None]:
    """Prepare a run as :func:`start` does before it has a process.

    Return what happened, the run, and its lock, which is None if there is nothing to execute.
    """
    with writing(folder.path):
        lock = folder.once_ended(lambda: Lock.acquire(folder.file("lock")))
    if lock is None:
        return _refuse(folder, restart), folder, None
    try:
        before = folder.state
        if before.status == "done" and not restart:
            folder.sweep()
            lock.release()
            return "done", folder, None
        if restart:
            folder.clear()
        if config is not None:
            folder = folder.reconfigure(config)
        folder.sweep()
        resumed = folder.file("state.safetensors").exists()
        step = before.step if resumed else 0
        folder.write_state(State("queued", step, before.total_steps, "Starting.", queued=time.time()))
    except GlicoError:
        lock.release()
        raise
    return "resumed" if resumed else "started", folder, lock


def _refuse(folder: RunFolder, restart: bool) -> Literal["alive"]:
    """Return "alive", or raise GlicoError if the living run is to be restarted."""
    if restart:
        raise folder.in_use("restart")
    return "alive"


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
    """Latent optimisation (Algorithm 1) in a process of its own; gives its checkpoint.

    What was trained before is not trained again, and what was cut off goes on, unless ``restart``. An interrupt
    (Ctrl-C) stops the run in a state that the same call resumes. Raises GlicoError where it fails.
    """
    from glico.checkpoints.checkpoint import Checkpoint

    return Checkpoint.load(_followed(config, restart, progress).file(KINDS["train"].leaves))


def classify(config: ClassifyConfig, *, restart: bool = False, progress: Watch | None = None) -> dict[str, Any]:
    """One classifier run (section IV-B), as :func:`train` does it; gives what its result.json holds."""
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
