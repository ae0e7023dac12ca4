"""The life of one run, in its own process: wait for a device, train, keep the state, finish."""

import os
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from glico.errors import GlicoError
from glico.files import open_regular, read_bytes, write_atomically, writing
from glico.runs.folder import RunFolder
from glico.runs.kinds import digest
from glico.runs.lock import Lock
from glico.runs.metrics import append_metric, truncate_metrics
from glico.runs.process import Stopped, StopSignals
from glico.runs.slots import Ticket
from glico.runs.state import State
from glico.words import counted

if TYPE_CHECKING:
    from torch import Tensor

    from glico.training.loop import Record, Training
    from glico.types import Progress

STATE_SECONDS = 5.0  # the resume state is written this often, or less where that would cost more than a twentieth
NEWS_SECONDS = 0.5  # state.json is
LOG_SECONDS = 10.0  # a line of the log is


def execute(folder: RunFolder, lock: Lock | None = None, device: str | None = None) -> State:
    """Do what the run is configured to do, from where it stopped last time; gives the state that it ended in.

    ``lock`` is the run's own, already taken by a launcher. ``device`` is the one to work on where somebody else has
    assigned it; else the run queues for one. Raises GlicoError if another process has the lock, or if not even the
    end can be written down.
    """
    if folder.state.status == "done":
        if lock is not None:
            lock.release()
        return folder.state
    if lock is None:
        with writing(folder.path):
            lock = Lock.acquire(folder.file("lock"))
        if lock is None:
            raise GlicoError(f"{folder.id} is already running, as process {folder.state.pid}.")
        folder.sweep()
    execution = _Execution(folder)
    try:
        with StopSignals() as signals:
            execution.run(device, lambda: signals.received or folder.cancel_requested)
    except Stopped:
        execution.end("cancelled", "Cancelled before it started.")
    except GlicoError as error:
        execution.end("failed", str(error))
    except MemoryError:
        execution.end("failed", "Out of memory: choose a smaller batch, resolution or network.")
    except KeyboardInterrupt:
        execution.end("cancelled", "Interrupted; when resumed, it continues from its last saved state.")
    except Exception as error:
        if type(error).__name__ == "OutOfMemoryError":
            execution.end("failed", "The device is out of memory: choose a smaller batch or resolution.")
        else:
            folder.log(traceback.format_exc())
            execution.end("failed", f"Internal error: {type(error).__name__}: {error}. See the log.")
    finally:
        lock.release()
    return execution.state


class _Execution:
    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        before = folder.state
        now = time.time()
        self.state = State("queued", before.step, before.total_steps, pid=os.getpid(), queued=before.queued or now)
        self.kept_step = 0

    def say(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        self.folder.write_state(self.state)

    def end(self, status: str, message: str) -> None:
        self.folder.log(f"{status}: {message}" if message else status)
        self.say(status=status, message=message, ended=time.time(), steps_per_second=None)

    def run(self, device: str | None, stop: Callable[[], bool]) -> None:
        """Work on ``device``, or wait for one."""
        folder = self.folder
        self.say(message="Waiting for a free device.")
        for path, content in folder.inputs.items():
            if digest(Path(path)) != content:
                raise GlicoError(f"{path} has changed since this run was made: launch a new run of it.")
        if device is not None:
            return self.begin(device, stop)
        runs = folder.path.parent
        ticket = Ticket.for_run(runs, folder.id) or Ticket.draw(runs, folder.id, folder.config.device)
        slot = ticket.wait(stop=stop, report=self.waiting, threads=folder.threads)
        if slot is None:
            raise Stopped
        try:
            self.begin(slot.device, stop)
        finally:
            slot.release()
        return None

    def begin(self, device: str, stop: Callable[[], bool]) -> None:
        """Say that the run works, and work."""
        self.say(status="running", device=device, started=time.time(), message="Loading the data.")
        self.folder.log(f"working on {device} with {self.folder.threads} threads, process {os.getpid()}")
        self.work(device, stop)

    def waiting(self, ahead: int) -> None:
        """What the queue reports to."""
        position = f"{counted(ahead, 'run')} ahead" if ahead else "next in line"
        self.say(message=f"Waiting for a free device, {position}.")

    def work(self, device: str, stop: Callable[[], bool]) -> None:
        """Train from where the run stopped last time to the end, or until it is stopped."""
        from glico.runs.job import build_job, choose_arithmetic, save_preview, usable
        from glico.runs.together import broadcast_next, send_run

        folder = self.folder
        device = usable(device, folder.config.device)
        choose_arithmetic(folder.threads, device)
        job = build_job(folder.kind, folder.config.model_copy(update={"device": device}), self.progress(stop))
        training = job.training
        seconds = self.resume(training)
        self.say(step=training.step, total_steps=training.total_steps, message="")
        send_run(folder, training)

        pace, news, log, keep = _Pace(training.step), _Every(NEWS_SECONDS), _Every(LOG_SECONDS), _Every(STATE_SECONDS)
        for record in training:
            if record is not None:
                record |= {"step": training.step, "seconds": seconds + record.get("seconds", 0.0)}
                append_metric(folder.file("metrics.jsonl"), record)
                self.events.add(record)
                if log.due():
                    folder.log(_line(training, record))
            stopping = False
            if news.due():
                self.say(step=training.step, steps_per_second=pace.update(training.step), memory=_memory(device))
                stopping = stop()
            broadcast_next(stopping)
            if stopping or keep.due():
                self.keep(training)
                save_preview(folder, job)
                keep.rest()
            if stopping:
                self.say(step=training.step)
                return self.end("cancelled", f"Stopped after step {training.step}; it can be resumed from there.")

        if self.kept_step < training.step and not self.keep(training):
            raise GlicoError(f"The training diverged (NaN) at step {training.step}.")
        self.say(step=training.step, message="Writing the results.", memory=_memory(device))
        save_preview(folder, job)
        job.finish(folder)
        self.end("done", "")
        folder.file("state.safetensors").unlink(missing_ok=True)
        return None

    def keep(self, training: "Training") -> bool:
        """Keep the training's state, if it is one to go on from."""
        good = save_state(self.folder, training)
        if good:
            self.kept_step = training.step
        return good

    def progress(self, stop: Callable[[], bool]) -> "Progress":
        """What loading the data reports to, and where it is stopped."""
        said = 0.0

        def report(fraction: float, what: str) -> None:
            nonlocal said
            if stop():
                raise Stopped
            if time.monotonic() - said > NEWS_SECONDS:
                said = time.monotonic()
                self.say(message=f"{what} ({fraction:.0%})")

        return report

    def resume(self, training: "Training") -> float:
        """Put the last kept state back, and the metrics to where they were then; gives the seconds trained before."""
        from glico.runs.events import EventFile

        folder = self.folder
        step = self.kept_step = load_state(folder, training)
        metrics = truncate_metrics(folder.file("metrics.jsonl"), step)
        self.events = EventFile(folder.path, folder.created, metrics)
        folder.log(f"resumed after step {step}" if step else "started at the first step")
        return float(metrics[-1].get("seconds") or 0.0) if metrics else 0.0


def save_state(folder: RunFolder, training: "Training") -> bool:
    """Keep what a resumed run goes on from; False, and the last one stays, if it holds values that are no numbers."""
    from safetensors.torch import save

    state = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in training.state().items()}
    if not all(tensor.isfinite().all() for tensor in state.values() if tensor.is_floating_point()):
        return False
    write_atomically(folder.file("state.safetensors"), save(state, metadata={"step": str(training.step)}))
    return True


def load_tensors(folder: RunFolder) -> "dict[str, Tensor] | None":
    """The kept state, or None where there is none that can be read."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = folder.file("state.safetensors")
    if not path.exists():
        return None
    try:
        with open_regular(path, "checkpoint_mib"):
            return load_file(path)
    except (OSError, SafetensorError) as error:
        folder.log(f"cannot read the saved state ({error}); restarting from step 0")
        return None


def load_state(folder: RunFolder, training: "Training") -> int:
    """Put the kept state back into a new training; gives its step, 0 where there is nothing to put back."""
    state = load_tensors(folder)
    if state is None:
        return 0
    try:
        training.restore(state)
    except (KeyError, RuntimeError, ValueError) as error:
        raise GlicoError(f"{folder.id} was started by another version and cannot be resumed: restart it.") from error
    return training.step


class _Every:
    """Due once every so many seconds, the first time at once unless it is given rest."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.asked = self.next = time.monotonic()

    def due(self) -> bool:
        """Whether it is time; if so, the next time is counted from now."""
        self.asked = time.monotonic()
        if self.asked < self.next:
            return False
        self.next = self.asked + self.seconds
        return True

    def rest(self) -> None:
        """Count from now, and at least twenty times what it took since it was last due."""
        now = time.monotonic()
        self.next = now + max(self.seconds, 20 * (now - self.asked))


class _Pace:
    """Steps per second over the last few seconds."""

    def __init__(self, step: int) -> None:
        self.marks = [(time.monotonic(), step)]

    def update(self, step: int) -> float | None:
        now = time.monotonic()
        self.marks = [*self.marks[-20:], (now, step)]
        then, first = self.marks[0]
        return (step - first) / (now - then) if now > then and step > first else None


def _line(training: "Training", record: "Record") -> str:
    values = ", ".join(f"{name} {value:.4g}" for name, value in record.items() if name not in ("step", "seconds"))
    return f"step {training.step} of {training.total_steps}: {values}"


def _memory(device: str) -> int | None:
    """Bytes that this process holds: on the GPU where it works on one, else in main memory."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.max_memory_reserved(device)
    try:
        return int(read_bytes("/proc/self/statm", "text_mib").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
